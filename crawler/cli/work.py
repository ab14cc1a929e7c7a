"""`npswatch work`: one of many machines that crawl the same markets together."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import closing
from typing import TYPE_CHECKING, Annotated

import typer

from crawler.cli.context import (
    Context,
    JsonOption,
    StoreOption,
    TorControlOption,
    TorSocksOption,
    end_asked,
    print_json,
    printable,
    tor_arguments,
)
from crawler.model.errors import BadInput

if TYPE_CHECKING:
    from crawler.schedule.entry import Outcome

SharedOption = Annotated[
    str | None,
    typer.Option(envvar="NPSWATCH_SHARED", help="redis://[user:password@]host[:port] of the state all workers share."),
]


def add_to(app: typer.Typer) -> None:
    """Adds the command."""
    app.command(name="work")(work)


def work(
    context: typer.Context,
    shared: SharedOption = None,
    at_once: Annotated[int, typer.Option(min=1, max=64, help="So many markets side by side on this machine.")] = 2,
    every: Annotated[str, typer.Option(help="How often a market is crawled: a span of time.")] = "6h",
    until_done: Annotated[bool, typer.Option("--until-done", help="End when every market was crawled once.")] = False,
    pace: Annotated[str, typer.Option(help="Requests a second (5/s), none, or profile.")] = "profile",
    tor_socks: TorSocksOption = None,
    tor_control: TorControlOption = None,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """Crawl markets together with other machines, one market on one machine at a time, until ended (Ctrl-C, SIGTERM).

    Example: `NPSWATCH_SHARED=redis://:password@frontier.example npswatch work --at-once 4`
    """
    from crawler.cli.crawl import read_pace
    from crawler.schedule.process import Crawls
    from crawler.schedule.timing import read_span
    from crawler.shared.register import MarketRegister
    from crawler.shared.server import SharedServer
    from crawler.shared.worker import Worker

    if not shared:
        raise BadInput("which Redis do the workers share? name it in NPSWATCH_SHARED (docs/many-machines.md)")
    read_pace(pace)
    base: Context = context.obj
    home = base.home
    crawls = Crawls(home, ["--pace", pace, *tor_arguments(tor_socks, tor_control)], store, shared)
    with closing(SharedServer(shared)) as server:
        server.check()
        register = MarketRegister(server)
        for market in home.markets():
            register.add(market, home.addresses(market))
        if until_done and register.is_empty():
            raise BadInput(
                "no worker knows a market: npswatch crawl NAME --start-url URL --limit-pages 1 makes one known"
            )
        worker = Worker(
            home, register, crawls, at_once=at_once, every=None if until_done else read_span(every, "--every"),
            tell=_teller(as_json=as_json), warn=lambda words: typer.echo(words, err=True),
        )  # fmt: skip
        worker.run(end_asked(), until_done=until_done)


def _teller(*, as_json: bool) -> Callable[[str, Outcome], None]:
    from crawler.cli.run_words import run_line

    def tell(market: str, outcome: Outcome) -> None:
        for line in outcome.printed.splitlines():
            run = json.loads(line)
            print_json(run) if as_json else print(run_line(run), flush=True)
        if not outcome.printed:
            typer.echo(f"{market}: {printable(outcome.complained.strip()[-300:])}", err=True)

    return tell
