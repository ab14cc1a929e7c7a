"""Keeps each response as evidence before anything reads it, and reads what an earlier process kept and never read."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.http import Headers, Response
from scrapy.responsetypes import responsetypes
from twisted.python.failure import Failure

from crawler.frontier.holds import PAGE_KEY, Postponed, hold
from crawler.frontier.memory import Kept
from crawler.middlewares.account import ACCOUNT, TRIED
from crawler.model.address import page_key
from crawler.model.errors import BadInput, BadResult, NoSpace
from crawler.model.sighting import Capture
from crawler.model.signals import capture_unread, out_of_space
from evidence.archive import Archive, Earlier, Exchange
from evidence.record import KeptRecord, read_record
from evidence.unread import Leftovers, UnreadCaptures

_LOG = logging.getLogger(__name__)
KEPT = "kept"
"""Flag of a response that comes from the archive."""
_FILE = "captures.db"
_CONDITIONS = ("If-None-Match", "If-Modified-Since")
_REDIRECTS = range(300, 400)


class CaptureMiddleware:
    """Writes request and response into the run's archive; nearest to the network, so it sees the raw bytes.

    Where the market answers that a page is as it was, the response kept earlier goes on in its place, so that the page
    is seen again without being sent again; what is archived is the answer as it came, as a revisit record.
    The capture travels in ``request.meta["capture"]`` and counts as unread until its item is in the outbox. A page
    whose capture an earlier process left unread is read from the archive instead of being fetched again.
    Settings: ``CAPTURES`` (folder; without it nothing is kept, as for `scrapy shell`), ``STATE``, ``MARKET``, ``RUN``,
    ``FRESH``.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._settings = crawler.settings
        self._stats = crawler.stats
        self._busy = frozenset(int(status) for status in crawler.settings.getlist("RETRY_HTTP_CODES"))
        self._folder = Path(crawler.settings.get("CAPTURES") or ".")
        self._archive: Archive | None = None
        self._unread: UnreadCaptures
        self._left: dict[str, Capture] = {}
        if crawler.settings.get("CAPTURES"):
            self._archive = Archive(self._folder, crawler.settings["MARKET"], crawler.settings["RUN"])
            self._unread = UnreadCaptures(Path(crawler.settings["STATE"]) / _FILE, self._folder)
            for receiver, signal in (
                (self._opened, signals.spider_opened),
                (self._read, signals.item_scraped),
                (self._item_lost, signals.item_error),
                (self._item_lost, signals.item_dropped),
                (self._reading_failed, signals.spider_error),
                (self._closed, signals.spider_closed),
            ):
                crawler.signals.connect(receiver, signal)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> CaptureMiddleware:
        """The middleware as Scrapy makes it."""
        return cls(crawler)

    def process_request(self, request: Request) -> Response | None:
        """The response an earlier process kept for this page and nobody read; None when it must be fetched."""
        if (before := request.meta.pop("capture", None)) is not None:
            self._pass_over(before, self._why_passed(before))
        # What is asked of a gate now is not answered by what an earlier process saw there.
        capture = self._left.pop(page_key(request.url), None) if TRIED not in request.meta else None
        return self._from_archive(request, capture) if capture is not None else None

    def process_response(self, request: Request, response: Response) -> Response | Request:
        """The response once it is in the archive; of a page that is as it was, the earlier one.

        Raises Postponed when the archive cannot be written: the run ends in order, the page waits.
        """
        if self._archive is None or KEPT in response.flags:
            return response
        kept: Kept | None = request.meta.get("kept")
        if response.status == HTTPStatus.NOT_MODIFIED and kept is not None:
            return self._unchanged(self._archive, request, response, kept)
        self._keep(self._archive, request, response, None)
        return response

    def _unchanged(self, archive: Archive, request: Request, response: Response, kept: Kept) -> Response | Request:
        try:
            record = read_record(self._folder, kept.warc, kept.offset, kept.length)
        except (BadInput, BadResult) as error:
            _LOG.warning("%s is asked for again: what it was like before cannot be read: %s", request.url, error)
            return _without_conditions(request)
        earlier = Earlier(record=record, warc=kept.warc, offset=kept.offset, length=kept.length)
        self._keep(archive, request, response, earlier)
        self._count("captures/unchanged")
        return _as_response(record, response.url)

    def _keep(self, archive: Archive, request: Request, response: Response, earlier: Earlier | None) -> None:
        exchange = _exchange(request, response)
        try:
            capture = archive.keep(exchange) if earlier is None else archive.keep_unchanged(exchange, earlier)
            self._unread.add(capture, archive.end)
        except NoSpace as error:
            self._stop(error)
            raise Postponed(str(error)) from error
        request.meta["capture"] = capture
        self._count("captures/kept")
        self._count("captures/bytes", len(response.body))
        if PAGE_KEY not in request.meta:
            self._pass_over(capture, "asked for by the crawler itself: robots.txt, a list of mirrors, a look at a door")

    def _opened(self) -> None:
        """Only now: the market is this process's alone, and the pipeline takes documents."""
        if self._archive is None:
            return
        try:
            self._take_over(self._unread.leftovers())
            self._unread.begin(self._settings["RUN"], self._archive.name, self._archive.end)
        except NoSpace as error:
            self._stop(error)

    def _take_over(self, left: Leftovers) -> None:
        """Sorts what earlier processes left: pages are read when their turn comes, the rest only gets its document."""
        if self._stats is not None:
            self._stats.set_value("captures/runs_cut_off", left.runs)
        for capture in left.captures:
            key = page_key(capture.url)
            if self._settings.getbool("FRESH"):
                self._pass_over(capture, "not read by its run; a fresh run reads the page anew")
            elif capture.status in _REDIRECTS or capture.status in self._busy:
                self._pass_over(capture, self._why_passed(capture))
            else:
                if older := self._left.get(key):
                    self._pass_over(older, "not read by its run; a later capture of the page was")
                self._left[key] = capture

    def _from_archive(self, request: Request, capture: Capture) -> Response | None:
        try:
            record = read_record(self._folder, capture.warc, capture.offset, capture.length)
        except (BadInput, BadResult) as error:
            _LOG.warning("%s; the page is fetched again", error)
            self._pass_over(capture, f"not read by its run, and cannot be read now: {error}")
            return None
        request.meta["capture"] = capture
        self._count("captures/read_later")
        return _as_response(record, record.url, flags=(KEPT,))

    def _read(self, response: Response | None) -> None:
        if (capture := _capture_of(response)) is not None:
            self._unread.settle(capture)

    def _item_lost(
        self, response: Response | None, failure: Failure | None = None, exception: Exception | None = None
    ) -> None:
        error = failure.value if failure is not None else exception
        if (capture := _capture_of(response)) is not None and not isinstance(error, NoSpace):
            self._pass_over(capture, f"its item was not kept: {error!r}")

    def _reading_failed(self, failure: Failure, response: Response) -> None:
        if (capture := _capture_of(response)) is not None:
            self._pass_over(capture, f"reading failed: {failure.value!r}")

    def _pass_over(self, capture: Capture, why: str) -> None:
        """Settles a capture that will never be read, once its document is safe."""
        answers = self._crawler.signals.send_catch_log(capture_unread, capture=capture, why=why)
        if not any(isinstance(answer, Failure) for _, answer in answers):
            self._unread.settle(capture)

    def _why_passed(self, capture: Capture) -> str:
        if capture.status == HTTPStatus.NOT_MODIFIED:
            return "unchanged since it was last read"
        if capture.status in _REDIRECTS:
            return "a redirect"
        return f"answered {capture.status}; the page was asked for again"

    def _closed(self) -> None:
        """Whatever is unread now is passed over when it is no page, else left to the next run."""
        if self._archive is None:
            return
        for capture in self._unread.unread(self._settings["RUN"]):
            if capture.status in _REDIRECTS or capture.status in self._busy:
                self._pass_over(capture, self._why_passed(capture))
        if self._stats is not None:
            left = tuple(capture.record_id for capture in self._unread.unread())
            self._stats.set_value("captures/left", left)
        self._archive.close()
        try:
            self._unread.end(self._settings["RUN"])
        except NoSpace as error:
            _LOG.error("the run's end could not be noted, the next run looks through its archive: %s", error)
        self._unread.close()

    def _stop(self, error: NoSpace) -> None:
        self._crawler.signals.send_catch_log(hold, who="disk", why=str(error))
        self._crawler.signals.send_catch_log(out_of_space, error=error)

    def _count(self, name: str, amount: int = 1) -> None:
        if self._stats is not None:
            self._stats.inc_value(name, amount)


def _capture_of(response: Response | None) -> Capture | None:
    """The capture a page was read from; None for a failure, which has no response."""
    if not isinstance(response, Response) or response.request is None:
        return None
    capture: Capture | None = response.request.meta.get("capture")
    return capture


def _as_response(record: KeptRecord, url: str, flags: tuple[str, ...] = ()) -> Response:
    headers = Headers(_by_name(record.headers))
    headers.pop("Set-Cookie", None)  # of that day
    kind = responsetypes.from_args(headers=headers, url=url, body=record.body)
    return kind(url=url, status=record.status, headers=headers, body=record.body, flags=list(flags))


def _without_conditions(request: Request) -> Request:
    again = request.replace(dont_filter=True)
    for name in _CONDITIONS:
        again.headers.pop(name, None)
    again.meta["kept"] = None
    return again


def _by_name(pairs: tuple[tuple[str, str], ...]) -> dict[str, list[str]]:
    named: dict[str, list[str]] = {}
    for name, value in pairs:
        named.setdefault(name.title(), []).append(value)
    return named


def _exchange(request: Request, response: Response) -> Exchange:
    return Exchange(
        url=response.url,
        time=datetime.now(UTC),
        method=request.method,
        request_headers=_pairs(request.headers),
        status=response.status,
        reason=_reason(response.status),
        response_headers=_without_session(response) if ACCOUNT in request.meta else _pairs(response.headers),
        body=response.body,
    )


def _without_session(response: Response) -> tuple[tuple[str, str], ...]:
    """The headers, the values of cookies withheld: the archive goes to others, an officer's session does not."""
    return tuple(
        (name, f"{value.partition('=')[0]}=withheld" if name.lower() == "set-cookie" else value)
        for name, value in _pairs(response.headers)
    )


def _pairs(headers: Headers) -> tuple[tuple[str, str], ...]:
    return tuple(
        (name.decode("latin-1"), value.decode("latin-1")) for name in headers for value in headers.getlist(name)
    )


def _reason(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""
