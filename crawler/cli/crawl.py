"""`npswatch crawl`: one run of one or several markets."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Annotated

import typer

from config.profiles import Profile, read_profiles
from crawler.cli.context import (
    Context,
    JsonOption,
    StoreOption,
    TorControlOption,
    TorSocksOption,
    print_json,
    tor_endpoints,
)
from crawler.cli.market.release import index_cut_short
from crawler.cli.progress import watched
from crawler.cli.run_words import run_line
from crawler.crawling import CrawlPlan, addresses_of, crawl
from crawler.home import Home
from crawler.model.errors import BadInput
from crawler.model.onion import is_onion
from crawler.tor.client import TorClient, attach
from crawler.tor.endpoint import Endpoint
from crawler.tor.pool import kept

_PROFILE_PACE = "profile"


def add_to(app: typer.Typer) -> None:
    """Adds the command."""
    app.command(name="crawl")(crawl_command)


def crawl_command(
    context: typer.Context,
    markets: Annotated[list[str] | None, typer.Argument(help="Markets by name; all known ones without.")] = None,
    start_url: Annotated[str | None, typer.Option(help="The address to begin at; kept for the next runs.")] = None,
    limit_pages: Annotated[int | None, typer.Option(min=1, help="At most so many pages a market.")] = None,
    pace: Annotated[str, typer.Option(help="Requests a second (5/s), none, or profile.")] = _PROFILE_PACE,
    fresh: Annotated[bool, typer.Option("--fresh", help="Read every page again, not only those that are due.")] = False,
    tor_socks: TorSocksOption = None,
    tor_control: TorControlOption = None,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """Crawl markets through Tor, going on where the last run stopped.

    Example: `npswatch crawl harbour --start-url http://….onion/ --pace 2/s`
    """
    base: Context = context.obj
    home = base.home
    plans = _plans(home, markets or [], start_url, limit_pages, read_pace(pace), fresh)
    for plan in plans:
        index_cut_short(home, plan.market, base.store(store))
    ends = tor_endpoints(tor_socks, tor_control)
    with ExitStack() as stack:
        clients = {plan.market: stack.enter_context(_tor(home, plan.market, ends)) for plan in plans}
        with watched([plan.market for plan in plans], home):
            runs = crawl(plans, home, clients, store=base.store(store))
    for run in runs:
        print_json(run) if as_json else print(run_line(run))
    if any(run["verdict"] != "good" for run in runs):
        raise typer.Exit(1)


def read_pace(text: str) -> float | str | None:
    """Requests a second, None for no limit, or ``profile``. Raises BadInput for anything else."""
    if text == _PROFILE_PACE:
        return text
    if text == "none":
        return None
    try:
        pace = float(text.removesuffix("/s"))
    except ValueError:
        pace = 0.0
    if not 0 < pace <= 1000:
        raise BadInput(f"--pace must be requests a second such as 0.5/s, or none, not {text!r}")
    return pace


def _plans(
    home: Home, markets: list[str], start_url: str | None, limit: int | None, pace: float | str | None, fresh: bool
) -> list[CrawlPlan]:
    profiles = read_profiles()
    names = markets or ([_market_of(start_url)] if start_url else home.markets())
    if not names:
        raise BadInput(f"no market is known in {home.folder}; name an address with --start-url URL")
    if start_url and len(names) > 1:
        raise BadInput("--start-url goes with one market")
    plans = [_plan(home, name, profiles.get(name), start_url, limit, pace, fresh) for name in names]
    if start_url:
        home.remember_addresses(names[0], (start_url, *(a for a in home.own_addresses(names[0]) if a != start_url)))
    return plans


def _plan(
    home: Home,
    name: str,
    profile: Profile | None,
    start_url: str | None,
    limit: int | None,
    pace: float | str | None,
    fresh: bool,
) -> CrawlPlan:
    addresses = addresses_of(home, name, profile, start_url)
    standard = (profile or Profile(name=name)).pace
    chosen = standard if isinstance(pace, str) else pace
    return CrawlPlan(market=name, addresses=addresses, profile=profile, pace=chosen, limit_pages=limit, fresh=fresh)


def _market_of(start_url: str) -> str:
    """A name for a market nobody named: the beginning of its onion service's."""
    from urllib.parse import urlsplit

    host = urlsplit(start_url).hostname or ""
    return host.split(".")[-2][:16] if is_onion(host) else host.replace(".", "-")[:40]


@contextmanager
def _tor(home: Home, market: str, ends: tuple[Endpoint | None, Endpoint | None]) -> Iterator[TorClient]:
    """The Tor that carries a market: the one that runs already, or the market's own place in the home's pool."""
    socks, control = ends
    if socks is None:
        with kept(home, market) as client:
            yield client
        return
    with attach(socks, control) as client:
        client.wait_until_ready()
        yield client
