"""Pages read back from where they were kept: saved files, folders, WARC and WACZ files."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed

from crawler.model.errors import BadInput
from crawler.model.reading import Received

_HEAD = 64 * 1024
_MAX_BODY = 10 * 1024 * 1024
_WARC, _GZIP, _ZIP = b"WARC/", b"\x1f\x8b", b"PK\x03\x04"
_GZIP_HEADER = 31  # zlib: gzip's own header, the largest window
_UNTOLD_TYPES = ("", "text/plain")  # what servers send that know no better
_NOT_TEXT = b"\x00"
_WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff")
_MARKUP = re.compile(
    rb"<(?:!doctype|html|head|body|title|meta|link|script|style|div|span|table|tr|td|p|a|ul|form|h[1-6]|br|center|b)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class SavedPage:
    """A page read back: the file it came from, what was received, and when."""

    path: str
    received: Received
    time: datetime


def files_below(paths: Iterable[Path]) -> list[Path]:
    """Every regular file named or below a named folder, sorted by path. Raises BadInput for a missing path."""
    found: set[Path] = set()
    for path in paths:
        if path.is_dir():
            found |= {each for each in path.rglob("*") if each.is_file()}
        elif path.is_file():
            found.add(path)
        else:
            raise BadInput(f"{path}: no such file or folder")
    return sorted(found)


def pages_in(path: Path, base_url: str | None = None) -> Iterator[SavedPage]:
    """The pages a file holds: one for a saved page, one a HTML response for an archive, none for anything else.

    Raises BadInput for an archive that cannot be read to its end, after the pages before the damage.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD)
        file.seek(0)
        if head.startswith(_ZIP):
            yield from _pages_of_wacz(path)
        elif _unpacked(path, head).startswith(_WARC):
            yield from _pages_of_warc(str(path), file)
        else:
            body = _unpacked(path, file.read(_MAX_BODY))
            if is_page(body[:_HEAD]):
                time = datetime.fromtimestamp(path.stat().st_mtime, UTC)
                yield SavedPage(path=str(path), received=Received(body=body, url=base_url), time=time)


def _unpacked(path: Path, beginning: bytes) -> bytes:
    """The beginning of a file, unpacked where gzip packed it. Raises BadInput where that cannot be."""
    if not beginning.startswith(_GZIP):
        return beginning
    try:
        return zlib.decompressobj(_GZIP_HEADER).decompress(beginning, _MAX_BODY)
    except zlib.error as error:
        raise BadInput(f"{path}: cannot be unpacked: {error}") from error


def is_page(head: bytes) -> bool:
    """Whether a file's beginning is that of a page: text with markup in it, in any encoding pages have."""
    if head.startswith(_WIDE_MARKS):
        return True
    if _NOT_TEXT in head or head.lstrip()[:1] in (b"{", b"["):
        return False
    return _MARKUP.search(head) is not None


def _pages_of_wacz(path: Path) -> Iterator[SavedPage]:
    try:
        with zipfile.ZipFile(path) as package:
            for name in sorted(package.namelist()):
                if name.endswith((".warc", ".warc.gz")):
                    with package.open(name) as file:
                        yield from _pages_of_warc(str(path), file)
    except (zipfile.BadZipFile, RuntimeError) as error:  # the latter: encrypted, or packed in a way nobody knows
        raise BadInput(f"{path}: cannot be read as WACZ: {error}") from error


def _pages_of_warc(path: str, file: IO[bytes]) -> Iterator[SavedPage]:
    try:
        for record in ArchiveIterator(file):
            if record.rec_type == "response" and record.http_headers is not None:
                page = _page_of(path, record)
                if page is not None:
                    yield page
    except (ArchiveLoadFailed, EOFError, OSError, zlib.error) as error:
        words = " ".join(str(error).split())
        raise BadInput(f"{path}: cannot be read to its end as WARC: {words}") from error


def _page_of(path: str, record: Any) -> SavedPage | None:
    kind = record.http_headers.get_header("Content-Type") or ""
    body = record.content_stream().read(_MAX_BODY)
    if len(body) < _MAX_BODY and getattr(record.raw_stream, "limit", 0) > 0:
        raise EOFError("a record is shorter than it says")
    if not _is_html(kind, body):
        return None
    received = Received(
        body=body,
        url=record.rec_headers.get_header("WARC-Target-URI"),
        content_type=kind or None,
        status=_status(record.http_headers.get_statuscode()),
    )
    return SavedPage(path=path, received=received, time=_time(record.rec_headers.get_header("WARC-Date")))


def _is_html(kind: str, body: bytes) -> bool:
    media_type = kind.partition(";")[0].strip().lower()
    return "html" in media_type or (media_type in _UNTOLD_TYPES and is_page(body[:_HEAD]))


def _status(code: str | None) -> int:
    return int(code) if code and code.isascii() and code.isdecimal() else 200


def _time(date: str | None) -> datetime:
    """When a record was made; the beginning of time where it does not say."""
    try:
        time = datetime.fromisoformat((date or "").strip().replace("Z", "+00:00"))
    except ValueError:
        return datetime.fromtimestamp(0, UTC)
    return time if time.tzinfo else time.replace(tzinfo=UTC)
