"""How pages that were held back come into the index after all: read again from their captures."""

from __future__ import annotations

import os
import time
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from config.profiles import read_profiles
from crawler.frontier.ledger import Ledger
from crawler.frontier.lock import market_lock
from crawler.home import SHARED_VARIABLE, Home
from crawler.model.errors import NpswatchError, StoreUnavailable

if TYPE_CHECKING:
    from crawler.model.reading import Received
    from crawler.model.sighting import Sighting
    from pipelines.health import Health
    from pipelines.health_book import HealthBook, HeldPage
    from spiders.reader import SiteReader


@dataclass(frozen=True, kw_only=True, slots=True)
class Released:
    """How many held pages are in the index now, and the others with what is still wrong."""

    indexed: int
    still_held: tuple[tuple[str, str], ...]


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
    """Indexes the pages that waited for the judgement of a run that was killed; nothing when there are none.

    A page whose capture cannot be read here, as that of a machine that died, is asked for again by the next run.
    """
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
    with market_lock(folder, market), closing(HealthBook(folder, market)) as book:
        _ask_again(book, book.held(WAITING), folder)


def _ask_again(book: HealthBook, pages: list[HeldPage], folder: Path) -> None:
    """Has the frontier ask again for pages whose captures could not be read."""
    with closing(Ledger(folder / "ledger.db")) as ledger:
        for page in pages:
            ledger.reopen(page.capture.url, time.time())
            book.release([page.capture.record_id])


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
