"""`npswatch desk`: what markets ask of a person."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crawler.cli.case import OfficerOption, named_officer
from crawler.cli.context import Context, JsonOption, print_json, printable
from crawler.model.errors import BadInput

if TYPE_CHECKING:
    from crawler.desk.desk import Desk
    from crawler.model.desk import SessionRecord, Task

_desk = typer.Typer(
    rich_markup_mode="markdown",
    invoke_without_command=True,
    help="See what markets ask of a person: logins, CAPTCHAs, queues that do not end, seizures, blocks.\n\n"
    "Example: `npswatch desk`, then `npswatch desk show 3`, then "
    "`npswatch desk session harbour --cookies cookies.txt --account A-17`",
)
MarketArgument = Annotated[str, typer.Argument(help="The market's name.")]
AccountOption = Annotated[str, typer.Option(help="The account's number, as your register has it.")]
TaskArgument = Annotated[int, typer.Argument(help="The task's number, as `npswatch desk` prints it.")]
_CLIPPED = 100


def add_to(app: typer.Typer) -> None:
    """Adds the commands."""
    app.add_typer(_desk, name="desk")


@_desk.callback()
def list_tasks(
    context: typer.Context,
    all_: Annotated[bool, typer.Option("--all", help="Also tasks that are closed.")] = False,
    as_json: JsonOption = False,
) -> None:
    """List the tasks that wait.

    Examples: `npswatch desk`, `npswatch desk --all --json`
    """
    if context.invoked_subcommand is not None:
        return
    from crawler.model.desk import TaskState

    with _open(context) as desk:
        tasks = [task for task in desk.tasks() if all_ or task.state is not TaskState.CLOSED]
    if as_json:
        print_json([_plain(task) for task in tasks])
        return
    if not tasks:
        print("nothing waits at the desk")
    for task in tasks:
        print(_line(task))


@_desk.command()
def show(context: typer.Context, id_: TaskArgument, as_json: JsonOption = False) -> None:
    """Show a task: what the gate says, for which market, since when, and what has been done.

    Example: `npswatch desk show 3`
    """
    with _open(context) as desk:
        task = desk.task(id_)
    if as_json:
        print_json(_plain(task))
        return
    print(_line(task))
    for name, value in (("address", task.url), ("capture", task.capture)):
        if value:
            print(f"{name}: {printable(value)}")
    print("it shows:" if task.shows else "it shows nothing")
    for line in task.shows.splitlines():
        print(f"  | {printable(line)}")
    for act in task.history:
        print(
            f"{act.time:%Y-%m-%d %H:%M} {printable(act.what)}" + (f" ({printable(act.officer)})" if act.officer else "")
        )


@_desk.command()
def close(
    context: typer.Context, id_: TaskArgument, officer: OfficerOption = None, as_json: JsonOption = False
) -> None:
    """Close a task: the crawl goes on, and pages that show the gate again are left out.

    Example: `npswatch desk close 3 --officer 'A. Karimov'`
    """
    with _open(context) as desk:
        task = desk.close_task(id_, named_officer(officer))
    print_json(_plain(task)) if as_json else print(f"task {task.id} is closed")


@_desk.command()
def session(
    context: typer.Context,
    market: MarketArgument,
    cookies: Annotated[str, typer.Option(help="A file with the cookies, or - for standard input.")],
    account: AccountOption,
    expires: Annotated[str, typer.Option(help="How long it may be used: 12h, 7d, or a moment; 14 days without.")] = "",
    authority: Annotated[str, typer.Option(help="The authority's reference for this account.")] = "",
    every_address: Annotated[
        bool, typer.Option("--every-address", help="It is good at each of the market's addresses.")
    ] = False,
    officer: OfficerOption = None,
    as_json: JsonOption = False,
) -> None:
    """Bring a session of an account the authority allows: a Cookie header, cookies.txt, or a cookie extension's JSON.

    Examples: `npswatch desk session harbour --cookies cookies.txt --account A-17 --authority 2026/114 --expires 7d`,
    `xclip -o | npswatch desk session harbour --cookies - --account A-17`
    """
    from crawler.model.desk import Pasted

    pasted = Pasted(
        market=market,
        account=account,
        officer=named_officer(officer),
        cookies=_read_cookies(cookies),
        authority=authority,
        expires=expires,
        every_address=every_address,
    )
    with _open(context) as desk:
        record = desk.bring(pasted)
    print_json(_plain(record)) if as_json else print(_session_line(record))


@_desk.command()
def sessions(
    context: typer.Context,
    market: Annotated[str | None, typer.Argument(help="One market; all without.")] = None,
    as_json: JsonOption = False,
) -> None:
    """List the sessions: whose account, in which state, until when; never their cookies.

    Example: `npswatch desk sessions harbour`
    """
    with _open(context) as desk:
        records = desk.sessions(market)
    if as_json:
        print_json([_plain(record) for record in records])
        return
    if not records:
        print("no session was brought" + (f" for {market}" if market else ""))
    for record in records:
        print(_session_line(record))


@_desk.command()
def forget(
    context: typer.Context,
    market: MarketArgument,
    account: AccountOption,
    officer: OfficerOption = None,
    as_json: JsonOption = False,
) -> None:
    """Forget the sessions of an account: their cookies are wiped, that they were there stays on record.

    Example: `npswatch desk forget harbour --account A-17`
    """
    with _open(context) as desk:
        count = desk.forget(market, account, named_officer(officer))
    if not count:
        raise BadInput(f"no session of account {account} of {market} is kept; see: npswatch desk sessions")
    print_json({"forgotten": count}) if as_json else print(f"{count} sessions of account {account} forgotten")


def _read_cookies(path: str) -> str:
    try:
        raw = sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
        return raw.decode("utf-8-sig")
    except OSError as error:
        raise BadInput(f"the cookies in {path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise BadInput(f"the cookies in {path} are no text in UTF-8") from error


def _open(context: typer.Context) -> Desk:
    from crawler.desk.desk import open_desk

    base: Context = context.obj
    return open_desk(base.home.folder)


def _plain(task: Task | SessionRecord) -> dict[str, Any]:
    from crawler.model.plain import plain

    said: dict[str, Any] = plain(task)
    return said


def _line(task: Task) -> str:
    """A task in one line for a person."""
    first = printable(task.shows.partition("\n")[0])[:_CLIPPED]
    seen = f"since {task.since:%Y-%m-%d %H:%M} UTC, seen {task.times} times"
    return f"{task.id} | {task.market} | {task.kind.value} | {task.state.value} | {seen}" + (
        f" | {first}" if first else ""
    )


def _session_line(record: SessionRecord) -> str:
    """A session in one line for a person."""
    parts = [
        record.market,
        f"account {printable(record.account)}",
        record.state.value,
        f"until {record.expires:%Y-%m-%d %H:%M} UTC",
        f"{record.cookies} cookies for {', '.join(record.hosts)}",
        f"by {printable(record.officer)}",
        f"authority {printable(record.authority)}" if record.authority else "",
        printable(record.why),
    ]
    return " | ".join(part for part in parts if part)
