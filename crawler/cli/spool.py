"""`npswatch spool`: documents on their way to the index, those it refused, and what a person does about them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crawler.cli.context import JsonOption, StoreOption, print_json, printable
from crawler.home import Home
from crawler.model.errors import BadInput
from crawler.model.plain import iso

if TYPE_CHECKING:
    from index.outbox import Outbox

MarketArgument = Annotated[str | None, typer.Argument(help="One market; all without.")]
_ID_SHOWN = 12
_spool = typer.Typer(
    rich_markup_mode="markdown",
    help="Documents on their way to the index: how many wait, which were refused and why.\n\n"
    "Examples: `npswatch spool`, `npswatch spool rejected harbour`, `npswatch spool deliver`",
)


def add_to(app: typer.Typer) -> None:
    """Adds the commands."""
    app.add_typer(_spool, name="spool")


@_spool.callback(invoke_without_command=True)
def spool(context: typer.Context, as_json: JsonOption = False) -> None:
    """Say for each market how many documents wait for the index, were refused by it, were dropped by a person."""
    if context.invoked_subcommand is None:
        _list(context, None, as_json=as_json)


@_spool.command(name="list")
def list_counts(context: typer.Context, market: MarketArgument = None, as_json: JsonOption = False) -> None:
    """The same for one market or all.

    Example: `npswatch spool list harbour`
    """
    _list(context, market, as_json=as_json)


def _list(context: typer.Context, market: str | None, *, as_json: bool) -> None:
    with _outboxes(context, market) as outboxes:
        for name, outbox in outboxes:
            counts = outbox.counts()
            if as_json:
                print_json({"market": name} | asdict(counts))
            else:
                print(f"{name}: {counts.waiting} wait, {counts.rejected} refused, {counts.dropped} dropped")


@_spool.command()
def rejected(context: typer.Context, market: MarketArgument = None, as_json: JsonOption = False) -> None:
    """Show each document the index refused, with its reason; then those a person dropped.

    Example: `npswatch spool rejected harbour`
    """
    with _outboxes(context, market) as outboxes:
        for name, outbox in outboxes:
            for refused in outbox.refused():
                _show({"market": name, "state": "rejected"} | asdict(refused), as_json=as_json)
            for dropped in outbox.dropped():
                _show({"market": name, "state": "dropped"} | asdict(dropped), as_json=as_json)


@_spool.command()
def deliver(
    context: typer.Context, market: MarketArgument = None, store: StoreOption = None, as_json: JsonOption = False
) -> None:
    """Take what waits to the index now. Ends with exit code 1 when the index refuses some of it.

    Example: `npswatch spool deliver --store http://127.0.0.1:9200`
    """
    with _outboxes(context, market) as outboxes:
        refused = _deliver(outboxes, context.obj.store(store), as_json=as_json)
    if refused:
        raise typer.Exit(1)


@_spool.command()
def retry(
    context: typer.Context, market: MarketArgument = None, store: StoreOption = None, as_json: JsonOption = False
) -> None:
    """Offer the refused documents to the index again, after whatever waits. Exit code 1 when some are refused again.

    Example: `npswatch spool retry harbour`
    """
    with _outboxes(context, market) as outboxes:
        for _, outbox in outboxes:
            outbox.retry()
        refused = _deliver(outboxes, context.obj.store(store), as_json=as_json)
    if refused:
        raise typer.Exit(1)


@_spool.command()
def drop(
    context: typer.Context,
    market: Annotated[str, typer.Argument(help="The market whose refused documents are let go.")],
    why: Annotated[str, typer.Option(help="The reason; it is noted with each document, with the time.")],
    as_json: JsonOption = False,
) -> None:
    """Let a market's refused documents go for good. Their captures stay; the act is noted (`spool rejected`).

    Example: `npswatch spool drop harbour --why "fixed in the reader, read again on 3 May"`
    """
    if not why.strip():
        raise BadInput("say with --why TEXT for what reason the documents are dropped")
    with _outboxes(context, market) as outboxes:
        ((name, outbox),) = outboxes
        count = outbox.drop(iso(datetime.now(UTC)), why.strip())
    print_json({"market": name, "dropped": count}) if as_json else print(f"{name}: {count} dropped, noted with why")


def _deliver(outboxes: list[tuple[str, Outbox]], address: str, *, as_json: bool) -> int:
    """How many documents stand refused afterwards."""
    from index.opening import open_store

    refused = 0
    with closing(open_store(address)) as store:
        for name, outbox in outboxes:
            delivered = outbox.deliver(store)
            counts = outbox.counts()
            refused += counts.rejected
            said = {"market": name, "delivered": delivered} | asdict(counts)
            words = f"{name}: {delivered} delivered, {counts.waiting} wait, {counts.rejected} refused"
            print_json(said) if as_json else print(words)
    return refused


def _show(document: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print_json(document)
        return
    line = f"{document['market']}: {document['state']} {document['kind']} {document['id'][:_ID_SHOWN]}"
    line += f" - {document['reason']}"
    print(printable(line + (f" (dropped {document['time']}: {document['why']})" if "why" in document else "")))


@contextmanager
def _outboxes(context: typer.Context, market: str | None) -> Iterator[list[tuple[str, Outbox]]]:
    """The outboxes of the home, by market. Raises BadInput for a market that has none."""
    from index.outbox import Outbox

    home: Home = context.obj.home
    files = sorted((home.folder / "state").glob("*/outbox.db"))
    files = [file for file in files if market in (None, file.parent.name)]
    if market and not files:
        raise BadInput(f"{market} has no outbox in {home.folder}: nothing of it was ever crawled here")
    with ExitStack() as stack:
        yield [(file.parent.name, stack.enter_context(closing(Outbox(file)))) for file in files]
