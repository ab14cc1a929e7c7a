"""`npswatch market quarantine`: pages whose content is held back, and how they come into the index after all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from config.profiles import read_profiles
from crawler.cli.context import Context, JsonOption, StoreOption, print_json, printable
from crawler.cli.market.health import state_folders
from crawler.frontier.lock import market_lock
from crawler.home import SHARED_VARIABLE, Home
from crawler.model.errors import BadInput, NpswatchError, StoreUnavailable

if TYPE_CHECKING:
    from crawler.model.reading import Received
    from crawler.model.sighting import Sighting
    from pipelines.health import Health
    from pipelines.health_book import HeldPage
    from spiders.reader import SiteReader


def add_to(app: typer.Typer) -> None:
    """Adds the command."""
    app.command(name="quarantine")(quarantine)


@dataclass(frozen=True, kw_only=True, slots=True)
class Released:
    """How many held pages are in the index now, and the others with what is still wrong."""

    indexed: int
    still_held: tuple[tuple[str, str], ...]


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


def release_pages(
    home: Home, market: str, folder: Path, store: str, *, as_read: bool = False, state: str | None = None
) -> Released:
    """Reads held pages again from their captures and indexes those that lack nothing any more.

    ``as_read`` indexes all of them with the template that read them; ``state`` chooses those in one state alone.
    Raises HomeLocked while the market is crawled, StoreUnavailable where the index cannot be reached: the documents
    then wait in the outbox.
    """
    from index.opening import open_store
    from index.outbox import Outbox
    from pipelines.documents import documents_of
    from pipelines.health_book import HealthBook
    from pipelines.lifecycle import LifeRegister
    from pipelines.vocabulary import extend_from

    extend_from(home.folder)
    with market_lock(folder, market), closing(HealthBook(folder, market)) as book:
        ready, still = _sorted_out(home, market, book.held(state), as_read)
        outbox, register = Outbox(folder / "outbox.db"), LifeRegister(folder / "lives.db")
        with closing(outbox), closing(register):
            for page, item in ready:
                outbox.post(documents_of(item, register))
                book.release([page.capture.record_id])
            if ready:
                with closing(open_store(store)) as index:
                    outbox.deliver(index)
    return Released(indexed=len(ready), still_held=tuple(still))


def index_cut_short(home: Home, market: str, store: str) -> None:
    """Indexes the pages that waited for the judgement of a run that was killed; nothing when there are none."""
    from pipelines.health_book import FILE, HELD_TABLE

    shared = os.environ.get(SHARED_VARIABLE)
    if shared:
        from crawler.shared.state import holds_rows, leased_copy

        if holds_rows(shared, market, FILE, HELD_TABLE):
            with leased_copy(shared, market, home.shared_copy(market)) as folder:
                _index_waiting(home, market, folder, store)
    elif (folder := home.folder / "state" / market).is_dir():
        _index_waiting(home, market, folder, store)


def _index_waiting(home: Home, market: str, folder: Path, store: str) -> None:
    from pipelines.health_book import FILE, WAITING, HealthBook

    if not (folder / FILE).is_file():
        return
    with closing(HealthBook(folder, market)) as book:
        if not book.held(WAITING):
            return
    with suppress(StoreUnavailable):  # the documents wait in the outbox
        release_pages(home, market, folder, store, state=WAITING)


def _sorted_out(
    home: Home, market: str, pages: list[HeldPage], as_read: bool
) -> tuple[list[tuple[HeldPage, Sighting]], list[tuple[str, str]]]:
    """The pages that may go to the index, each as it is read now, and the addresses of the others with the reason."""
    from pipelines.health import Health

    ready, still, health = [], [], Health()
    newest = _newest_reader(home, market, pages)
    for page in pages:
        try:
            item = _read_again(home, market, page, newest, as_read)
        except NpswatchError as error:
            still.append((page.capture.url, str(error)))
            continue
        health.count(item)
        ready.append((page, item))
    if as_read:
        return ready, still
    faults = [(page, item, _still_wrong(page, item, health)) for page, item in ready]
    still += [(page.capture.url, fault) for page, _, fault in faults if fault]
    return [(page, item) for page, item, fault in faults if not fault], still


def _still_wrong(page: HeldPage, item: Sighting, health: Health) -> str:
    """Why the page stays held, empty where it may go; one whose run was cut short was never judged, and may go."""
    from pipelines.health import SAME, WATCHED, linked, missing
    from pipelines.health_book import WAITING

    kind = item.page.page_type.value
    if page.state == WAITING:
        return ""
    if promised := [name for name in WATCHED if linked(name) in page.doubts]:
        return "" if kind in promised else f"is read as {kind}, not as {' or '.join(promised)}"
    if kind != page.page_type:
        return f"is read as {kind}, no longer as {page.page_type}"
    if lost := missing(item) & set(page.doubts):
        return f"still without {', '.join(sorted(lost))}"
    return "still says what other pages say" if SAME in page.doubts and health.alike(item) > 1 else ""


def _newest_reader(home: Home, market: str, pages: list[HeldPage]) -> SiteReader:
    """The reader with the newest template and profile; a market's first pages teach it where nothing else did."""
    from pipelines.health_book import LESSON
    from spiders.reader import SiteReader, TemplateShelf

    shelf = TemplateShelf(home.templates(market))
    reader = SiteReader(profile=read_profiles().get(market), earlier=shelf.current())
    first = [page for page in pages if LESSON in page.doubts]
    if not first or reader.knows_the_site:
        return reader
    for page in first:
        with suppress(NpswatchError):  # told when the page itself is read
            reader.learn(_received(home, page))
    reader.conclude()
    shelf.keep(reader.template)
    return reader


def _received(home: Home, page: HeldPage) -> Received:
    """The page as its capture keeps it."""
    from crawler.model.reading import Received
    from evidence.record import read_record

    at = page.capture
    kept = read_record(home.captures, at.warc, at.offset, at.length)
    return Received(body=kept.content(), url=at.url, content_type=kept.header("content-type"), status=kept.status)


def _read_again(home: Home, market: str, page: HeldPage, newest: SiteReader, as_read: bool) -> Sighting:
    """The page as its captured bytes say now, or with the template that read them."""
    from pipelines.health_book import LESSON
    from pipelines.understanding import start_sighting, understand
    from spiders.reader import SiteReader, TemplateShelf

    at, reader, received = page.capture, newest, _received(home, page)
    if as_read and page.template and LESSON not in page.doubts:
        reader = SiteReader(template=TemplateShelf(home.templates(market)).load(page.template))
    raw = reader.read(received)
    return understand(start_sighting(raw, market=market, url=at.url, time=at.time, capture=at))
