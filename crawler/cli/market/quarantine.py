"""`npswatch market quarantine`: the pages of a market whose content is held back."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crawler.cli.context import Context, JsonOption, StoreOption, print_json, printable
from crawler.cli.market.health import state_folders
from crawler.cli.market.release import release_pages
from crawler.home import SHARED_VARIABLE, Home
from crawler.model.errors import BadInput

if TYPE_CHECKING:
    from pipelines.health_book import HeldPage


def add_to(app: typer.Typer) -> None:
    """Adds the command."""
    app.command(name="quarantine")(quarantine)


def quarantine(
    context: typer.Context,
    market: Annotated[str, typer.Argument(help="The market by name.")],
    release: Annotated[
        bool, typer.Option("--release", help="Read the pages again, and index those that show what they used to.")
    ] = False,
    as_read: Annotated[
        bool, typer.Option("--as-read", help="With --release: index them as they were read; the market is right so.")
    ] = False,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the pages of a market that are held back because it was read differently than before, or release them.

    Their captures are kept and in the index; what they say is not. Correct the profile, or draft it anew, and release
    them: they are read again with the newest template and profile. Exit code 1 where some stay held.

    Examples: `npswatch market quarantine harbour`, `npswatch market quarantine harbour --release`
    """
    base: Context = context.obj
    if as_read and not release:
        raise BadInput("--as-read goes with --release")
    with _folders(base.home, market, write=release) as folders:
        if not folders:
            raise BadInput(f"{market} was never crawled in {base.home.folder}; npswatch market list shows the markets")
        if not release:
            _list(market, folders, as_json)
            return
        still_held = _release(base, market, folders, as_read, store, as_json)
    if still_held:
        raise typer.Exit(1)


@contextmanager
def _folders(home: Home, market: str, *, write: bool) -> Iterator[list[Path]]:
    """Where the market's health is: with a state that machines share, as they have it, and ours alone to ``write``."""
    from pipelines.health_book import FILE

    shared = os.environ.get(SHARED_VARIABLE)
    if not shared:
        yield state_folders(home, market)
        return
    from crawler.shared.state import leased_copy, seen_copy

    own = [folder for folder in state_folders(home, market) if folder == home.state(market)]
    state = leased_copy(shared, market, home.shared_copy(market)) if write else seen_copy(shared, market)
    with state as copy:
        yield [*own, copy] if (copy / FILE).is_file() else own


def _list(market: str, folders: list[Path], as_json: bool) -> None:
    pages = [page for folder in folders for page in _held(folder, market)]
    if as_json:
        print_json({"market": market, "held": [_as_table(page) for page in pages]})
        return
    for page in pages:
        print(
            printable(f"{page.capture.time:%Y-%m-%d %H:%M} {page.capture.url}: {page.why or 'its run was cut short'}")
        )
    print(
        f"{market}: {len(pages)} pages held"
        + (f"; next: npswatch market quarantine {market} --release" if pages else "")
    )


def _release(base: Context, market: str, folders: list[Path], as_read: bool, store: str | None, as_json: bool) -> int:
    indexed = 0
    still: list[tuple[str, str]] = []
    for folder in folders:
        done = release_pages(base.home, market, folder, base.store(store), as_read=as_read)
        indexed += done.indexed
        still += done.still_held
    if as_json:
        print_json({"market": market, "indexed": indexed, "held": [{"url": url, "why": why} for url, why in still]})
    else:
        for url, why in still:
            print(printable(f"{url}: {why}"))
        print(f"{market}: {indexed} pages indexed, {len(still)} still held")
    return len(still)


def _held(folder: Path, market: str) -> list[HeldPage]:
    from pipelines.health_book import HealthBook

    with closing(HealthBook(folder, market)) as book:
        return book.held()


def _as_table(page: HeldPage) -> dict[str, Any]:
    return {
        "url": page.capture.url,
        "time": page.capture.time.isoformat(),
        "run": page.capture.run,
        "state": page.state,
        "why": page.why,
        "lost": list(page.doubts),
        "template": page.template,
        "record_id": page.capture.record_id,
    }
