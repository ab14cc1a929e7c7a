"""`npswatch label`: what the pipelines make of a title and a description."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from crawler.cli.context import Context, JsonOption, print_json, printable
from crawler.home import default_home
from crawler.model.errors import BadInput


def add_to(app: typer.Typer) -> None:
    """Adds the command and its `review`."""
    group = typer.Typer(invoke_without_command=True)
    group.callback()(label_command)
    group.command(name="review")(review)
    app.add_typer(group, name="label")


def label_command(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="Changes nothing: JSON lines are always printed.")] = True,
) -> None:
    """Read JSON lines `{"id","title","description"}` and print what each offers, one JSON line each.

    Example: `echo '{"id": 1, "title": "3-MMC 10 x 1g", "description": null}' | npswatch label`
    """
    if context.invoked_subcommand is not None:
        return
    from pipelines.language_model import load_model_aside

    base: Context = context.obj
    home = base.home_folder or default_home()
    load_model_aside()
    from pipelines.label import label
    from pipelines.rates import use_rates_of
    from pipelines.vocabulary import extend_from

    extend_from(home)
    use_rates_of(home)
    for number, line in enumerate(sys.stdin, start=1):
        if line.strip():
            entry = _entry(line, number)
            print_json({"id": entry["id"], **label(entry["title"], entry.get("description"))})


def review(
    context: typer.Context,
    name: Annotated[
        str | None, typer.Argument(help="The waiting name to decide on; without it they are listed.")
    ] = None,
    accept: Annotated[bool | None, typer.Option("--accept/--refuse", help="A substance, or none.")] = None,
    substance_class: Annotated[
        str | None, typer.Option("--class", help="Its class, where the proposed is wrong.")
    ] = None,
    nps: Annotated[bool, typer.Option("--nps/--not-nps", help="Whether it is a new psychoactive substance.")] = True,
    chemist: Annotated[str, typer.Option(envvar="NPSWATCH_OFFICER", help="Who decides.")] = "",
    reason: Annotated[str, typer.Option(help="Why.")] = "",
    as_json: JsonOption = False,
) -> None:
    """List the emergent names that wait for a chemist, or decide on one; the decision extends this home's vocabulary.

    Example: `npswatch label review 4-PrO-DiBT --accept --class tryptamines --chemist "Dr A. Karimova"`
    """
    from pipelines.review_queue import decide, read_waiting

    base: Context = context.obj
    home = base.home.folder
    if name is None:
        for each in read_waiting(home):
            print_json(asdict(each)) if as_json else print(printable(_waiting_line(asdict(each))))
        return
    if accept is None:
        raise BadInput(f"say --accept or --refuse of {name}")
    decision = decide(
        home,
        name,
        accepted=accept,
        chemist=chemist,
        when=datetime.now(UTC),
        substance_class=substance_class,
        nps=nps,
        reason=reason,
    )
    print_json(asdict(decision)) if as_json else print(f"{decision.name}: {decision.decision}")


def _waiting_line(waiting: dict[str, str]) -> str:
    where = f"{waiting['first_seen']} on {waiting['market']}"
    return f"{waiting['name']} ({waiting['substance_class']}?), first seen {where}: {waiting['title']}"


def _entry(line: str, number: int) -> dict[str, Any]:
    try:
        entry: Any = json.loads(line)
    except ValueError as error:
        raise BadInput(f"line {number} is no JSON: {error}") from error
    texts = (entry.get("title"), entry.get("description")) if isinstance(entry, dict) else (None, 0)
    if not isinstance(texts[0], str) or not isinstance(texts[1], str | None) or "id" not in entry:
        raise BadInput(f'line {number} must be an object with "id", "title" and "description" (text or null)')
    return dict(entry)
