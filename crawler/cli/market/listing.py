"""`npswatch market list`: the markets known here, and how well each was read last."""

from __future__ import annotations

from contextlib import closing
from typing import Any

import typer

from config.profiles import Profile, read_profiles
from crawler.cli.context import Context, JsonOption, counted, print_json, printable
from crawler.cli.market.cases import read_cases
from crawler.cli.market.health import health_of, state_folders
from crawler.home import Home

_SHOWN = ("listing.title", "listing.vendor", "listing.price", "listing.ships_from", "vendor.name")


def add_to(app: typer.Typer) -> None:
    """Adds the command."""
    app.command(name="list")(list_markets)


def list_markets(context: typer.Context, as_json: JsonOption = False) -> None:
    """List the markets with a profile or an address, and the health of each: last run, fill rates, alarms, held pages.

    Example: `npswatch market list`
    """
    base: Context = context.obj
    home, profiles = base.home, read_profiles()
    markets = [_market(home, name, profiles.get(name)) for name in sorted({*profiles, *home.markets()})]
    if as_json:
        print_json({"markets": markets})
        return
    for market in markets:
        _print(market)
    if not markets:
        print("no market is known; next: npswatch market new NAME --from PAGES|URL")


def _market(home: Home, name: str, profile: Profile | None) -> dict[str, Any]:
    runs = health_of(home, name, 1)
    table: dict[str, Any] = {
        "market": name,
        "profile": profile is not None,
        "software": profile.software if profile else None,
        "cases": len(read_cases(name)[0]) if profile else 0,
        "addresses": len(home.addresses(name)),
        "held": _held(home, name),
        "last_run": None,
    }
    if runs:
        run = runs[0]
        table["last_run"] = {
            "run": run.run,
            "ended": run.ended,
            "verdict": run.verdict,
            "reasons": list(run.reasons),
            "pages": run.rates.pages,
            "fill": run.rates.shares(),
            "alarms": list(run.alarms),
        }
    return table


def _held(home: Home, name: str) -> int:
    from pipelines.health_book import HELD, HealthBook

    count = 0
    for folder in state_folders(home, name):
        with closing(HealthBook(folder, name)) as book:
            count += len(book.held(HELD))
    return count


def _print(market: dict[str, Any]) -> None:
    run = market["last_run"]
    described = "profile" if market["profile"] else "no profile"
    cases, addresses = counted(market["cases"], "case"), counted(market["addresses"], "address", "addresses")
    print(f"{market['market']}: {described}, {cases}, {addresses}")
    if run is None:
        print("  no run yet")
        return
    print(f"  last run {run['ended'][:16].replace('T', ' ')} UTC: {run['verdict']}")
    fill = [f"{name} {run['fill'][name]:.0%}" for name in _SHOWN if name in run["fill"]]
    if fill:
        print("  filled: " + ", ".join(fill))
    for line in run["reasons"]:
        print(printable(f"  reason: {line}"))
    if market["held"]:
        print(f"  {market['held']} pages in quarantine: npswatch market quarantine {market['market']}")
