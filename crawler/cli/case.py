"""`npswatch case`: leads gathered into case files, and case files handed out."""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crawler.cli.context import Context, JsonOption, StoreOption, print_json, printable
from crawler.model.errors import BadInput, BadQuery

if TYPE_CHECKING:
    from casework.cases.acts import Act
    from casework.cases.book import CaseBook
    from casework.cases.case import Case

OFFICER_VARIABLE = "NPSWATCH_OFFICER"
OfficerOption = Annotated[
    str | None,
    typer.Option(
        envvar=OFFICER_VARIABLE, help="Who does this, as it shall stand in the case; the user's name without."
    ),
]
NumberArgument = Annotated[str, typer.Argument(help="The case's number, as your register has it.")]
_case = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="markdown",
    help="Gather leads in case files and hand them out.\n\n"
    "Example: `npswatch case new 2026-117 --title 'Cathinones from NL'`, then "
    "`npswatch case add 2026-117 --query 'class:cathinones ships_from:NL'`, then "
    "`npswatch case export 2026-117 ./2026-117`",
)


def add_to(app: typer.Typer) -> None:
    """Adds the commands."""
    app.add_typer(_case, name="case")


@_case.command()
def new(
    context: typer.Context,
    number: NumberArgument,
    title: Annotated[str, typer.Option(help="What the case is about, in one line.")],
    officer: OfficerOption = None,
    handling: Annotated[
        str, typer.Option(help="TLP:CLEAR, TLP:GREEN, TLP:AMBER, TLP:AMBER+STRICT or TLP:RED.")
    ] = "TLP:AMBER",
    as_json: JsonOption = False,
) -> None:
    """Open a case.

    Example: `npswatch case new 2026-117 --title 'Cathinones from NL' --officer 'A. Karimov' --handling TLP:AMBER`
    """
    case = _book(context).new_case(number, title=title, officer=named_officer(officer), handling=handling)
    if as_json:
        print_json(_head(case))
        return
    print(f"case {case.number} opened: {printable(case.title)} ({case.handling}, {printable(case.officer)})")
    print(f"next: npswatch case add '{case.number}' --query 'substance:… ships_from:…'")


@_case.command()
def add(
    context: typer.Context,
    number: NumberArgument,
    ids: Annotated[list[str] | None, typer.Argument(help="Ids as `npswatch search` prints them.")] = None,
    query: Annotated[str | None, typer.Option(help="Add what this query finds.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many of what the query finds.")] = 100,
    kind: Annotated[str, typer.Option(help="listing, vendor or capture.")] = "listing",
    officer: OfficerOption = None,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """Add listings, vendors or captures as the index has them now, each with its captures.

    Examples: `npswatch case add 2026-117 --query 'substance:3-MMC price_per_gram:<20' --limit 50`,
    `npswatch case add 2026-117 1f0c52aa93be`, `npswatch case add 2026-117 --kind vendor 77b0c2d1e4aa`
    """
    from index.opening import open_store

    if bool(ids) == (query is not None):
        raise BadInput("name either ids or a --query")
    base: Context = context.obj
    book = _book(context)
    home = open_store(base.store(store))
    try:
        if query is None:
            added = book.add_to_case(number, kind, ids or [], store=home, officer=named_officer(officer))
        else:
            with _pointing_at(query):
                added = book.add_found(number, kind, query, limit=limit, store=home, officer=named_officer(officer))
    finally:
        home.close()
    said = {
        "found": added.found,
        "added": added.fresh,
        "already": added.named - added.fresh,
        "documents": added.documents,
    }
    if as_json:
        print_json({"case": number} | said)
        return
    left = f"; {added.found - added.named} more found, raise --limit to add them" if added.found > added.named else ""
    already = f", {said['already']} were in it" if said["already"] else ""
    print(f"case {number}: {added.fresh} of kind {kind} added{already} ({added.documents} documents kept){left}")


@_case.command()
def note(
    context: typer.Context,
    number: NumberArgument,
    text: Annotated[str, typer.Argument(help="The note.")],
    officer: OfficerOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write a note into a case.

    Example: `npswatch case note 2026-117 'Seller named in the request of 12 November'`
    """
    act = _book(context).note(number, text, officer=named_officer(officer))
    print_json(act.plain()) if as_json else print(f"case {act.case}: noted as act {act.sequence}")


@_case.command(name="list")
def list_(context: typer.Context, as_json: JsonOption = False) -> None:
    """List all cases, the one that changed last first.

    Example: `npswatch case list`
    """
    cases = _book(context).cases()
    if as_json:
        print_json([_head(case) for case in cases])
        return
    if not cases:
        print("no case yet; open one with: npswatch case new NUMBER --title TITLE")
    for case in cases:
        print(f"{case.number} | {case.handling} | {printable(case.title)} | {_contents(case)} | {case.changed[:10]}")


@_case.command()
def show(context: typer.Context, number: NumberArgument, as_json: JsonOption = False) -> None:
    """Show a case: its acts, and what is in it.

    Example: `npswatch case show 2026-117`
    """
    from crawler.cli.search import hit_line

    case = _book(context).case(number)
    case.check()
    if as_json:
        print_json(_head(case) | {"acts": [act.plain() for act in case.acts], **_bodies(case)})
        return
    print(f"{case.number}: {printable(case.title)}")
    print(f"{case.handling}, opened {case.created[:16]} by {printable(case.officer)}; {_contents(case)}")
    for act in case.acts:
        print(f"  {act.sequence}. {act.time[:16]} {printable(act.officer)}: {printable(_act_words(act))}")
    for kind in ("listing", "vendor", "capture"):
        for each in case.named(kind):
            print(f"{kind} " + printable(hit_line(each.body | {"id": each.id})))
    print(f"the acts are unbroken; the last one's hash is {case.head}")


@_case.command()
def export(
    context: typer.Context,
    number: NumberArgument,
    folder: Annotated[Path, typer.Argument(help="A folder that does not exist yet.")],
    language: Annotated[str, typer.Option(help="Language of the report: en or ru.")] = "en",
    officer: OfficerOption = None,
    allow_missing: Annotated[
        bool, typer.Option("--allow-missing", help="Export also where captures are lost, and say so in the report.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Write a case to a folder another agency can open and verify: tables, report, STIX, captured pages, manifests.

    Example: `npswatch case export 2026-117 ./2026-117 --language ru`, then `npswatch verify ./2026-117`
    """
    from casework.cases.export import export_case

    base: Context = context.obj
    made = export_case(
        _book(context),
        number,
        folder,
        captures_folder=base.home.captures,
        officer=named_officer(officer),
        language=language,
        allow_missing=allow_missing,
    )
    said = {"case": number, "folder": str(made.folder), "seal": made.seal, "listings": made.listings}
    said |= {"captures": made.captures, "missing": [each.plain() for each in made.missing]}
    if as_json:
        print_json(said)
    else:
        print(f"case {number}: {made.listings} listings and {made.captures} captures in {made.folder}")
        print(f"seal {made.seal}\nwrite the seal down where the receiver can compare it: `npswatch verify` prints it")
        for each in made.missing:
            print(f"missing: capture {each.capture}: {printable(each.why)}")
    if made.missing:
        raise typer.Exit(1)


def _book(context: typer.Context) -> CaseBook:
    from casework.cases.book import CaseBook

    base: Context = context.obj
    return CaseBook(base.home.folder)


def named_officer(named: str | None) -> str:
    """Who does this: the name given, else the computer's user. Raises BadInput where neither is there."""
    try:
        return named or getpass.getuser()
    except (KeyError, OSError) as error:
        raise BadInput("this user has no name; say who does this with --officer NAME") from error


@contextmanager
def _pointing_at(query: str) -> Iterator[None]:
    """A query that cannot be read is shown with a mark under the place."""
    try:
        yield
    except BadQuery as error:
        line = query.replace("\n", " ")
        raise BadInput(f"{error}\n  {printable(line)}\n  {' ' * error.position}^ here") from error


def _head(case: Case) -> dict[str, Any]:
    counts = {kind: len(case.named_ids(kind)) for kind in ("listing", "vendor", "capture")}
    return case.plain_head() | {"contents": counts | {"notes": len(case.notes)}}


def _bodies(case: Case) -> dict[str, list[dict[str, Any]]]:
    kinds = {"listing": "listings", "vendor": "vendors", "capture": "captures"}
    return {name: [each.body | {"id": each.id} for each in case.named(kind)] for kind, name in kinds.items()}


def _contents(case: Case) -> str:
    counts = ((len(case.named_ids(kind)), name) for kind, name in (("listing", "listings"), ("vendor", "vendors")))
    return ", ".join([*(f"{count} {name}" for count, name in counts), f"{len(case.notes)} notes"])


def _act_words(act: Act) -> str:
    detail = act.detail
    match act.act:
        case "created":
            return f"opened, {detail['handling']}"
        case "added":
            by = f" by the query {detail['query']!r}" if "query" in detail else ""
            return f"{len(detail['ids'])} of kind {detail['kind']} added{by}"
        case "noted":
            return f"noted: {detail['note']}"
        case _:
            return f"{act.act} to the folder {detail['folder']}, seal {detail['seal'][:16]}…"
