"""One kept response read back from its place in the archive, and checked against the digest written with it."""

from __future__ import annotations

import base64
import hashlib
import zlib
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed

from crawler.model.errors import BadInput, BadResult

LONGEST_RECORD = 64 * 1024 * 1024
_MAX_BODY = 10 * 1024 * 1024
_GZIP_OR_ZLIB = zlib.MAX_WBITS | 32


@dataclass(frozen=True, kw_only=True, slots=True)
class KeptRecord:
    """A response as it was received: its address, time, status, headers and body, still compressed where it came so.

    ``payload_digest`` is ``sha256:`` and hex over ``body``, computed now.
    """

    record_id: str
    url: str
    time: str
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    payload_digest: str

    def header(self, name: str) -> str | None:
        """The first header of that name, or None."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    def content(self, most: int = _MAX_BODY) -> bytes:
        """The body with its compression undone, at most so many bytes of it. Raises BadInput where it cannot be."""
        encoding = (self.header("content-encoding") or "identity").strip().lower()
        if encoding == "identity":
            return self.body[:most]
        if encoding not in ("gzip", "x-gzip", "deflate"):
            raise BadInput(f"the body is compressed with {encoding[:20]!r}, which is not undone here")
        return _inflated(self.body, most)


def read_record(captures_folder: Path, warc: str, offset: int, length: int) -> KeptRecord:
    """The response kept at that place of a file below the captures folder.

    Raises BadInput when there is no such file or record, BadResult when the body is not what its digest says.
    """
    try:
        record = parsed_record(_bytes_at(captures_folder, warc, offset, length), warc)
    except (ArchiveLoadFailed, OSError, EOFError, zlib.error, ValueError) as error:
        raise BadInput(f"{warc}: no record can be read at byte {offset}: {error}") from error
    return record


def _bytes_at(folder: Path, warc: str, offset: int, length: int) -> bytes:
    path = (folder / warc).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise BadInput(f"{warc!r} lies outside the captures folder")
    if not path.is_file():
        raise BadInput(f"{warc} is not among the captures of this home")
    if offset < 0 or not 0 < length <= LONGEST_RECORD:
        raise BadInput(f"{warc}: no record is {length} bytes long at byte {offset}")
    with path.open("rb") as file:
        file.seek(offset)
        return file.read(length)


def parsed_record(data: bytes, warc: str) -> KeptRecord:
    """The response a gzip member of an archive holds. Raises BadInput for none, BadResult for a wrong digest."""
    record = next(iter(ArchiveIterator(BytesIO(data))), None)
    if record is None or record.rec_type != "response" or record.http_headers is None:
        raise BadInput(f"{warc}: no response is kept there")
    body = record.raw_stream.read(LONGEST_RECORD)
    digest = hashlib.sha256(body)
    _check(record, digest.digest(), warc)
    return KeptRecord(
        record_id=record.rec_headers.get_header("WARC-Record-ID") or "",
        url=record.rec_headers.get_header("WARC-Target-URI") or "",
        time=record.rec_headers.get_header("WARC-Date") or "",
        status=int(record.http_headers.get_statuscode() or 0),
        headers=tuple(record.http_headers.headers),
        body=body,
        payload_digest=f"sha256:{digest.hexdigest()}",
    )


def _check(record: Any, digest: bytes, warc: str) -> None:
    algorithm, _, written = (record.rec_headers.get_header("WARC-Payload-Digest") or "").partition(":")
    if algorithm.lower() != "sha256" or not written:
        raise BadInput(f"{warc}: the record carries no SHA-256 digest of its payload")
    if written not in (base64.b32encode(digest).decode(), digest.hex()):
        raise BadResult(f"{warc}: the body of a record is not what its payload digest says")


def _inflated(body: bytes, most: int) -> bytes:
    try:
        return zlib.decompressobj(_GZIP_OR_ZLIB).decompress(body, most)
    except zlib.error:
        pass  # some servers send deflate without the zlib envelope
    try:
        return zlib.decompressobj(-zlib.MAX_WBITS).decompress(body, most)
    except zlib.error as error:
        raise BadInput(f"the body's compression is broken: {error}") from error
