"""Members of a compressed WARC file: found by their place, cut out byte for byte, undone within bounds."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from crawler.model.errors import BadResult

LARGEST_MEMBER = 64 * 1024 * 1024
_CHUNK = 64 * 1024
_GZIP = zlib.MAX_WBITS | 16


@dataclass(frozen=True, kw_only=True, slots=True)
class Member:
    """One gzip member: where it starts, its bytes as they lie in the file, and what they hold."""

    offset: int
    raw: bytes
    content: bytes


def member_at(file: IO[bytes], offset: int) -> Member | None:
    """The member that starts there, or None at the end of the file.

    Raises BadResult where none is whole: damaged, cut off, or larger than 64 MiB.
    """
    file.seek(offset)
    undo = zlib.decompressobj(_GZIP)
    raw, content = bytearray(), bytearray()
    while not undo.eof:
        chunk = file.read(_CHUNK)
        if not chunk:
            if not raw:
                return None
            raise BadResult(f"the record at byte {offset} is cut off")
        raw += chunk
        content += _undone(undo, chunk, LARGEST_MEMBER - len(content), offset)
    taken = len(raw) - len(undo.unused_data)
    return Member(offset=offset, raw=bytes(raw[:taken]), content=bytes(content))


def members(file: IO[bytes]) -> Iterator[Member]:
    """All members of a file, in order. Raises BadResult at the first one that is not whole."""
    offset = 0
    while (member := member_at(file, offset)) is not None:
        yield member
        offset += len(member.raw)


def _undone(undo: zlib._Decompress, chunk: bytes, room: int, offset: int) -> bytes:
    try:
        content = undo.decompress(chunk, room + 1)
    except zlib.error as error:
        raise BadResult(f"the record at byte {offset} is damaged: {error}") from error
    if len(content) > room:
        raise BadResult(f"the record at byte {offset} is larger than {LARGEST_MEMBER} bytes")
    return content
