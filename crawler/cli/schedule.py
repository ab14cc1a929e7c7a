"""`npswatch schedule`: when each market is crawled, the process that does it, and what came of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
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
from crawler.home import Home
from crawler.model.errors import BadInput

if TYPE_CHECKING:
    from crawler.schedule.book import ScheduleBook
    from crawler.schedule.entry import RunEntry
    from crawler.schedule.plan import Plan
    from crawler.schedule.timing import Timing

_BOOK = "schedule.db"
_MINUTE = "%Y-%m-%d %H:%M"
MarketArgument = Annotated[str, typer.Argument(help="The market by name.")]
_schedule = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="markdown",
    help="Crawl markets again and again, and keep the history of runs. All times are UTC.\n\n"
    "Example: `npswatch schedule add harbour --every 6h`, then `npswatch schedule run`, then "
    "`npswatch schedule history harbour`",
)


def add_to(app: typer.Typer) -> None:
    """Adds the commands."""
    app.add_typer(_schedule, name="schedule")


@_schedule.command()
def add(
    context: typer.Context,
    market: MarketArgument,
    cron: Annotated[str | None, typer.Option(help="A cron line, UTC: minute hour day month weekday.")] = None,
    every: Annotated[str | None, typer.Option(help="A span of time: 6h, 90m, 1d12h.")] = None,
    missed: Annotated[str, typer.Option(help="run-once makes up one run for all that were missed; skip none.")] = (
        "run-once"
    ),
    jitter: Annotated[str, typer.Option(help="Begin each run up to so much later, drawn by lot: 20m.")] = "0s",
    replace: Annotated[bool, typer.Option("--replace", help="Change the plan the market has already.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Plan the crawls of a market.

    Examples: `npswatch schedule add harbour --every 6h --jitter 20m`,
    `npswatch schedule add harbour --cron '30 2,14 * * mon-fri' --missed skip`
    """
    home = _home(context)
    _check_known(home, market)
    plan = _read_plan(market, _timing(cron, every), missed, jitter)
    with _book(home) as book:
        book.add(plan, replace=replace)
        if as_json:
            print_json(_planned(plan, book))
            return
        print(f"{market}: {_words(plan)}; next run {_time(_next_run(plan, book))} UTC")
    print("next: npswatch schedule run (the process that does it; docs/schedule.md tells how systemd keeps it alive)")


@_schedule.command(name="list")
def list_plans(context: typer.Context, as_json: JsonOption = False) -> None:
    """List the plans with their next and their last run.

    Example: `npswatch schedule list`
    """
    from crawler.schedule.lock import schedule_holder

    home = _home(context)
    with _book(home) as book:
        plans = book.plans()
        if as_json:
            print_json([_planned(plan, book) for plan in plans])
            return
        for plan in plans:
            print(f"{plan.market}: {_words(plan)}; next run {_time(_next_run(plan, book))} UTC")
    if not plans:
        print("nothing is planned; plan a market with: npswatch schedule add MARKET --every 6h")
    elif schedule_holder(home.folder) is None:
        print("no scheduler runs in this home; start it with: npswatch schedule run")


@_schedule.command()
def remove(context: typer.Context, market: MarketArgument, as_json: JsonOption = False) -> None:
    """Forget the plan of a market; its history stays, and a run that goes on ends by itself.

    Example: `npswatch schedule remove harbour`
    """
    with _book(_home(context)) as book:
        book.remove(market)
    print_json({"removed": market}) if as_json else print(f"{market} is no longer planned")


@_schedule.command()
def run(
    context: typer.Context,
    tor_socks: TorSocksOption = None,
    tor_control: TorControlOption = None,
    at_once: Annotated[int, typer.Option(min=1, max=64, help="So many markets side by side.")] = 2,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """Keep the plans until ended (Ctrl-C, SIGTERM): each crawl a process of its own, a line for each run that ended.

    Example: `npswatch schedule run --tor-socks 127.0.0.1:9050 --at-once 3`
    """
    from crawler.schedule.clock import SystemClock
    from crawler.schedule.lock import schedule_lock
    from crawler.schedule.process import Crawls
    from crawler.schedule.scheduler import Scheduler

    home = _home(context)
    crawls = Crawls(home, tor_arguments(tor_socks, tor_control), store)
    asked = end_asked()
    with schedule_lock(home.folder), _book(home) as book:
        _say(f"keeping {len(book.plans())} plans of {home.folder}")
        scheduler = Scheduler(book, crawls, SystemClock(), at_once=at_once, tell=_teller(as_json=as_json), warn=_say)
        scheduler.run(asked)
    _say("ended")


@_schedule.command()
def history(
    context: typer.Context,
    market: Annotated[str | None, typer.Argument(help="One market; all without.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many, the latest.")] = 100,
    as_json: JsonOption = False,
) -> None:
    """Show what came of the planned runs, the latest first.

    Examples: `npswatch schedule history`, `npswatch schedule history harbour --limit 10 --json`
    """
    from crawler.schedule.lock import schedule_holder

    home = _home(context)
    holder = schedule_holder(home.folder)
    with _book(home) as book:
        entries = [entry.as_seen_by(holder) for entry in book.history(market, limit)]
    if as_json:
        print_json([entry.plain() for entry in entries])
        return
    for entry in entries:
        print(entry_line(entry))
    if not entries:
        print("no planned run yet" + (f" of {market}" if market else ""))


def entry_line(entry: RunEntry) -> str:
    """A line of the history for a person."""
    when = _time(entry.planned) + (f" to {_time(entry.planned_until)} ({entry.times} runs)" if entry.times > 1 else "")
    line = f"{when}  {printable(entry.market)}: {entry.verdict.value}"
    if entry.run:
        figures = entry.run
        line += f" - {figures.get('read')} pages read of {figures.get('planned')} planned, "
        line += f"{figures.get('new')} new, {figures.get('changed')} changed, {figures.get('failed')} failed"
    return line + (printable(" - " + "; ".join(entry.reasons)) if entry.reasons else "")


def _home(context: typer.Context) -> Home:
    base: Context = context.obj
    return base.home


@contextmanager
def _book(home: Home) -> Iterator[ScheduleBook]:
    from crawler.schedule.book import ScheduleBook

    with closing(ScheduleBook(home.folder / _BOOK)) as book:
        yield book


def _check_known(home: Home, market: str) -> None:
    from config.profiles import read_profiles

    known = sorted({*read_profiles(), *home.markets()})
    if market not in known:
        raise BadInput(
            f"{market} has neither a profile nor an address in {home.folder} (known: {', '.join(known) or 'none'}); "
            f"crawl it once: npswatch crawl {market} --start-url URL --limit-pages 10"
        )


def _timing(cron: str | None, every: str | None) -> Timing:
    from crawler.schedule import timing

    if (cron is None) == (every is None):
        raise BadInput("say when by one of --every 6h and --cron '30 */6 * * *'")
    return timing.every(every) if every is not None else timing.cron(cron or "")


def _read_plan(market: str, timing: Timing, missed: str, jitter: str) -> Plan:
    from crawler.schedule.book import new_salt
    from crawler.schedule.plan import Missed, Plan
    from crawler.schedule.timing import read_span

    policies = [policy.value for policy in Missed]
    if missed not in policies:
        raise BadInput(f"--missed must be one of {', '.join(policies)}, not {missed!r}")
    plan = Plan(
        market=market,
        timing=timing,
        missed=Missed(missed),
        jitter=read_span(jitter, "--jitter"),
        since=datetime.now(UTC).replace(microsecond=0),
        salt=new_salt(),
    )
    plan.check()
    return plan


def _words(plan: Plan) -> str:
    jitter = f", up to {plan.jitter} s later" if plan.jitter else ""
    return f"{plan.timing.rule.value} {plan.timing.words}{jitter}, missed: {plan.missed.value}"


def _next_run(plan: Plan, book: ScheduleBook) -> datetime:
    """When the next run begins: now, when its time has come and it is not yet in the history."""
    now = datetime.now(UTC)
    return max(plan.due(plan.after(book.accounted(plan, now))), now)


def _planned(plan: Plan, book: ScheduleBook) -> dict[str, object]:
    from crawler.model.plain import iso

    last = [entry.plain() for entry in book.history(plan.market, limit=1)]
    return plan.plain() | {"next": iso(_next_run(plan, book))} | ({"last": last[0]} if last else {})


def _teller(*, as_json: bool) -> Callable[[RunEntry], None]:
    def tell(entry: RunEntry) -> None:
        print_json(entry.plain()) if as_json else print(entry_line(entry), flush=True)

    return tell


def _say(words: str) -> None:
    typer.echo(f"npswatch schedule: {words}", err=True)


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime(_MINUTE)
