"""What the demo found, against what its markets hold."""

from __future__ import annotations

import shutil
import sys
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.table import Table

from crawler.cli.context import printable
from crawler.demo.site import DemoTotals
from crawler.frontier.ledger import Ledger
from crawler.home import Home
from crawler.model.address import page_key

_CHEAPEST = 8


@dataclass(frozen=True, kw_only=True, slots=True)
class MarketCount:
    """A market's pages read, and how many of its listings and vendors the index holds; what was missed, and why."""

    name: str
    pages: int
    listings_found: int
    listings_total: int
    vendors_found: int
    vendors_total: int
    missed: tuple[str, ...]
    failures: tuple[tuple[str, str], ...]

    @property
    def complete(self) -> bool:
        """Whether every listing and vendor was found."""
        return self.listings_found == self.listings_total and self.vendors_found == self.vendors_total

    def plain(self) -> dict[str, Any]:
        """The counts as the demo prints them for programs."""
        return {
            "name": self.name,
            "pages": self.pages,
            "listings": {"found": self.listings_found, "total": self.listings_total},
            "vendors": {"found": self.vendors_found, "total": self.vendors_total},
        }


def count_market(name: str, totals: DemoTotals, home: Home, store: str) -> MarketCount:
    """What the index holds of a demo market, counted by the addresses that exist on it."""
    from index.opening import open_store

    index = open_store(store)
    try:
        index.refresh()
        found = {
            kind: {page_key(body["url"]) for body in index.scan(f"market:{name}", kind)}
            for kind in ("listing", "vendor")
        }
    finally:
        index.close()
    wanted = {"listing": set(map(page_key, totals.listings)), "vendor": set(map(page_key, totals.vendors))}
    ledger = Ledger(home.state(name) / "ledger.db")
    try:
        pages, failures = ledger.counts().read, ledger.failures()
    finally:
        ledger.close()
    return MarketCount(
        name=name,
        pages=pages,
        listings_found=len(wanted["listing"] & found["listing"]),
        listings_total=len(wanted["listing"]),
        vendors_found=len(wanted["vendor"] & found["vendor"]),
        vendors_total=len(wanted["vendor"]),
        missed=tuple(sorted((wanted["listing"] - found["listing"]) | (wanted["vendor"] - found["vendor"]))),
        failures=tuple(failures),
    )


def print_summary(counts: list[MarketCount], home: Home, store: str, *, seconds: float) -> None:
    """Prints what was found for a person, and what to try next."""
    console = Console(highlight=False)
    console.print(_market_table(counts))
    for count in counts:
        for key in count.missed:
            reasons = dict(count.failures)
            why = next((reason for url, reason in reasons.items() if url.endswith(key)), "read, but not as what it is")
            console.print(f"missed on {count.name}: {key} ({why})", markup=False)
    if not any(count.missed for count in counts):
        console.print("nothing was missed")
    _print_offers(console, store)
    console.print(f"done in {seconds:.0f} s; the home of this demo is {home.folder}", markup=False)
    _print_next(console, home, store)


def _market_table(counts: list[MarketCount]) -> Table:
    table = Table(title="Three markets of our own, read through a private Tor network", title_justify="left")
    table.add_column("market")
    for heading in ("pages", "listings found/total", "vendors found/total"):
        table.add_column(heading, justify="right")
    for count in counts:
        listings = f"{count.listings_found}/{count.listings_total}"
        vendors = f"{count.vendors_found}/{count.vendors_total}"
        table.add_row(count.name, str(count.pages), listings, vendors)
    return table


def _print_offers(console: Console, store: str) -> None:
    from index.opening import open_store

    index = open_store(store)
    try:
        names = index.facets("*", ["substance"], size=10)["substance"]
        console.print("most offered: " + ", ".join(f"{name} ({count})" for name, count in names), markup=False)
        table = Table(title="Cheapest per gram", title_justify="left")
        for heading in ("a gram", "substance", "title", "vendor", "market"):
            table.add_column(heading)
        for body in index.search("price_per_gram:>0 nps:true", limit=_CHEAPEST, sort="price_per_gram").bodies:
            table.add_row(*map(printable, _offer_row(body)))
        console.print(table, markup=False)
    finally:
        index.close()


def _offer_row(body: dict[str, Any]) -> list[str]:
    gram = body["offer"]["price_per_gram"]
    names = ", ".join(each["name"] for each in body["offer"]["substances"])
    return [
        f"{gram['amount']:.2f} {gram['currency']}",
        names,
        body.get("title", ""),
        body.get("vendor", ""),
        body["market"],
    ]


def _print_next(console: Console, home: Home, store: str) -> None:
    named = "" if store == home.store else f" --store {store}"
    console.print("try next:")
    program = "npswatch" if shutil.which("npswatch") else sys.argv[0]
    for command in (
        f"{program} --home {home.folder} search 'class:nitazenes'{named}",
        f"{program} --home {home.folder} search '3-MMC price_per_gram:<20' --sort price_per_gram{named}",
        f"{program} --home {home.folder} case new demo-1 --title Nitazenes",
        f"{program} --home {home.folder} case add demo-1 --query 'class:nitazenes'{named}",
        f"{program} --home {home.folder} case export demo-1 ./demo-1",
        f"{program} --home {home.folder} serve{named}",
    ):
        console.print(f"  {command}", markup=False, soft_wrap=True)
