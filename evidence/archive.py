"""The archive: every response as WARC records, written before anything reads it."""

from __future__ import annotations

import os
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

from crawler.model.errors import NoSpace
from crawler.model.plain import iso
from crawler.model.sighting import Capture
from evidence.record import KeptRecord

Headers = Iterable[tuple[str, str]]

_NOT_MODIFIED = "http://netpreserve.org/warc/1.1/revisit/server-not-modified"
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


@dataclass(frozen=True, kw_only=True, slots=True)
class Earlier:
    """A response kept before, and where it lies below the captures folder."""

    record: KeptRecord
    warc: str
    offset: int
    length: int


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
        self._path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._file = path.open("ab", buffering=0)
        except OSError as error:
            raise self._no_space(error) from error
        self._end = self._file.tell()
        self._made = BytesIO()
        self._writer = _Sha256Writer(self._made, gzip=True, warc_version="WARC/1.1")
        if not self._end:
            self._write_info()

    def __enter__(self) -> Archive:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def keep(self, exchange: Exchange) -> Capture:
        """The capture of an exchange, its records on the disk.

        Raises NoSpace when they cannot be; the file then ends where it ended before.
        """
        payload = Digester("sha256")
        payload.update(exchange.body)
        response = self._writer.create_warc_record(
            exchange.url,
            "response",
            payload=BytesIO(exchange.body),
            length=len(exchange.body),
            http_headers=_response_headers(exchange),
            warc_headers_dict={"WARC-Date": iso(exchange.time)},
        )
        start, length = self._write_with_request(response, exchange)
        return self._capture(exchange, response, start, length, payload.digester.hexdigest())

    def keep_unchanged(self, exchange: Exchange, earlier: Earlier) -> Capture:
        """The capture of an answer that a page is as it was: a WARC revisit record that names the earlier response.

        Raises NoSpace when it cannot be kept. Source: WARC 1.1, profile server-not-modified (ISO 28500:2017, 6.7.3).
        """
        kept = earlier.record
        revisit = self._writer.create_warc_record(
            exchange.url,
            "revisit",
            http_headers=_response_headers(exchange),
            warc_headers_dict={
                "WARC-Date": iso(exchange.time),
                "WARC-Profile": _NOT_MODIFIED,
                "WARC-Refers-To": kept.record_id,
                "WARC-Refers-To-Target-URI": kept.url,
                "WARC-Refers-To-Date": kept.time,
            },
        )
        self._write_with_request(revisit, exchange)
        return Capture(
            market=self._market,
            run=self._run,
            url=exchange.url,
            time=exchange.time,
            status=exchange.status,
            payload_digest=kept.payload_digest,
            record_id=revisit.rec_headers.get_header("WARC-Record-ID"),
            warc=earlier.warc,
            offset=earlier.offset,
            length=earlier.length,
            content_type=kept.header("content-type"),
            refers_to=kept.record_id,
        )

    @property
    def end(self) -> int:
        """How many bytes the file has."""
        return self._end

    def close(self) -> None:
        """Closes the file; what was written stays."""
        self._file.close()

    def _write_with_request(self, record: Any, exchange: Exchange) -> tuple[int, int]:
        request = self._writer.create_warc_record(
            exchange.url,
            "request",
            http_headers=_request_headers(exchange),
            warc_headers_dict={"WARC-Date": iso(exchange.time)},
        )
        self._writer.write_record(record)
        length = self._made.tell()
        request.rec_headers.add_header("WARC-Concurrent-To", record.rec_headers.get_header("WARC-Record-ID"))
        self._writer.write_record(request)
        return self._write_out(), length

    def _no_space(self, error: OSError) -> NoSpace:
        return NoSpace(f"{self._path} cannot be written ({error.strerror}); free space there, then run again")

    def _write_out(self) -> int:
        """Where the records made so far begin in the file: all of them are on the disk, or none."""
        data, start = self._made.getvalue(), self._end
        self._made.seek(0)
        self._made.truncate()
        try:
            while data:
                data = data[self._file.write(data) :]
            os.fdatasync(self._file.fileno())
        except OSError as error:
            self._file.truncate(start)
            self._file.seek(start)
            raise self._no_space(error) from error
        self._end = self._file.tell()
        return start

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
        self._write_out()


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
