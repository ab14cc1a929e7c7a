"""`npswatch desk`: what markets ask of a person."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from crawler.cli.case import OfficerOption, named_officer
from crawler.cli.context import Context, JsonOption, print_json, printable

if TYPE_CHECKING:
    from crawler.desk.desk import Desk
    from crawler.model.desk import Task

_desk = typer.Typer(
    rich_markup_mode="markdown",
    invoke_without_command=True,
    help="See what markets ask of a person: logins, CAPTCHAs, queues that do not end, seizures, blocks.\n\n"
    "Example: `npswatch desk`, then `npswatch desk show 3`",
)
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


def _open(context: typer.Context) -> Desk:
    from crawler.desk.desk import Desk

    base: Context = context.obj
    return Desk(base.home.folder)


def _plain(task: Task) -> dict[str, Any]:
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
