"""The archive: every response as WARC records, written before anything reads it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from pathlib import Path
from types import TracebackType
from typing import Any

from warcio.statusandheaders import StatusAndHeaders
from warcio.utils import Digester
from warcio.warcwriter import WARCWriter

from crawler.model.plain import iso
from crawler.model.sighting import Capture

Headers = Iterable[tuple[str, str]]

_WITHHELD = frozenset({"cookie", "authorization", "proxy-authorization"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Exchange:
    """One request and the response to it, the body as received (still compressed where it came so)."""

    url: str
    time: datetime
    method: str
    request_headers: tuple[tuple[str, str], ...]
    status: int
    reason: str
    response_headers: tuple[tuple[str, str], ...]
    body: bytes


class _Sha256Writer(WARCWriter):  # type: ignore[misc]
    @staticmethod
    def _create_digester() -> Any:
        return Digester("sha256")


class Archive:
    """The captures of one run on one market: ``<market>/<run>.warc.gz`` below a folder, one gzip member a record."""

    def __init__(self, folder: Path, market: str, run: str) -> None:
        self.name = f"{market}/{run}.warc.gz"
        self._market, self._run = market, run
        path = folder / self.name
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = not path.exists()
        self._file = path.open("ab")
        self._writer = _Sha256Writer(self._file, gzip=True, warc_version="WARC/1.1")
        if fresh:
            self._write_info()

    def __enter__(self) -> Archive:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def keep(self, exchange: Exchange) -> Capture:
        """The capture of an exchange, its records handed to the operating system. Raises OSError when it cannot be."""
        payload = Digester("sha256")
        payload.update(exchange.body)
        date = iso(exchange.time)
        response = self._writer.create_warc_record(
            exchange.url,
            "response",
            payload=BytesIO(exchange.body),
            length=len(exchange.body),
            http_headers=_response_headers(exchange),
            warc_headers_dict={"WARC-Date": date},
        )
        request = self._writer.create_warc_record(
            exchange.url, "request", http_headers=_request_headers(exchange), warc_headers_dict={"WARC-Date": date}
        )
        start = self._file.tell()
        self._writer.write_record(response)
        end = self._file.tell()
        request.rec_headers.add_header("WARC-Concurrent-To", response.rec_headers.get_header("WARC-Record-ID"))
        self._writer.write_record(request)
        self._file.flush()
        return self._capture(exchange, response, start, end - start, payload.digester.hexdigest())

    def close(self) -> None:
        """Closes the file; what was written stays."""
        self._file.close()

    def _capture(self, exchange: Exchange, record: Any, offset: int, length: int, digest: str) -> Capture:
        kinds = [value for name, value in exchange.response_headers if name.lower() == "content-type"]
        return Capture(
            market=self._market,
            run=self._run,
            url=exchange.url,
            time=exchange.time,
            status=exchange.status,
            payload_digest=f"sha256:{digest}",
            record_id=record.rec_headers.get_header("WARC-Record-ID"),
            warc=self.name,
            offset=offset,
            length=length,
            content_type=kinds[0] if kinds else None,
        )

    def _write_info(self) -> None:
        info = {"software": "npswatch", "format": "WARC File Format 1.1", "isPartOf": f"{self._market} {self._run}"}
        self._writer.write_record(self._writer.create_warcinfo_record(self.name, info))
        self._file.flush()


def _response_headers(exchange: Exchange) -> StatusAndHeaders:
    # The transport has undone the chunking already: saying so keeps readers from undoing it again.
    headers = [
        ("X-Archive-Orig-Transfer-Encoding" if name.lower() == "transfer-encoding" else name, value)
        for name, value in exchange.response_headers
    ]
    return StatusAndHeaders(f"{exchange.status} {exchange.reason}".strip(), headers, protocol="HTTP/1.1")


def _request_headers(exchange: Exchange) -> StatusAndHeaders:
    path = exchange.url.split("/", 3)[3:] or [""]
    headers = [(name, "withheld" if name.lower() in _WITHHELD else value) for name, value in exchange.request_headers]
    return StatusAndHeaders(f"{exchange.method} /{path[0]} HTTP/1.1", headers, is_http_request=True)
