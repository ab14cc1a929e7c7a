"""WARC files checked without trusting anything but themselves: every record's digests, computed again."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import IO, Any

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed

from crawler.model.errors import BadInput, BadResult
from evidence.members import LARGEST_MEMBER, members

WARC_ENDINGS = (".warc", ".warc.gz")
_ALGORITHMS = frozenset(("sha1", "sha256", "sha512", "md5"))
_BLOCK, _PAYLOAD = "WARC-Block-Digest", "WARC-Payload-Digest"
_MUST_PROVE = frozenset(("response", "resource"))
_HTTP = "application/http"
_GZIP_MAGIC = b"\x1f\x8b"


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckedRecord:
    """A record whose digests are right. ``payload_digest`` is ``sha256:`` and hex over its body, computed now.

    ``offset`` is where its gzip member starts, None in a file that is not compressed; ``concurrent_to`` the record
    it belongs to; ``proofs`` how many digests were in it.
    """

    kind: str
    record_id: str
    url: str
    time: str
    payload_digest: str
    concurrent_to: str
    offset: int | None
    proofs: int


def checked_records(path: Path) -> Iterator[CheckedRecord]:
    """Every record of a WARC file, in order.

    Raises BadResult, which names file and record, at the first that is not what its digests say, carries none though
    it holds a page, or is cut off; BadInput where the file cannot be read.
    """
    try:
        with path.open("rb") as file:
            yield from _checked(file)
    except OSError as error:
        raise BadInput(f"{path}: cannot be read: {error.strerror}") from error
    except BadResult as error:
        raise BadResult(f"{path}: {error}") from error


def warc_files(path: Path) -> list[Path]:
    """The WARC file, or those below the folder, sorted. Raises BadInput where there is none."""
    if not path.exists():
        raise BadInput(f"{path}: no such file or folder")
    if path.is_file():
        return [path]
    found = sorted(each for each in path.rglob("*") if each.name.endswith(WARC_ENDINGS) and each.is_file())
    if not found:
        raise BadInput(f"{path}: neither a case folder nor a folder of WARC files")
    return found


def _checked(file: IO[bytes]) -> Iterator[CheckedRecord]:
    compressed = file.read(len(_GZIP_MAGIC)) == _GZIP_MAGIC
    file.seek(0)
    any_record = False
    for record in _compressed_records(file) if compressed else _records(file, None):
        any_record = True
        yield record
    if not any_record:
        raise BadResult("there is no WARC record in it")


def _compressed_records(file: IO[bytes]) -> Iterator[CheckedRecord]:
    for member in members(file):
        yield from _records(BytesIO(member.content), member.offset)


def _records(file: IO[bytes], offset: int | None) -> Iterator[CheckedRecord]:
    try:
        for record in ArchiveIterator(file, no_record_parse=True):
            yield _checked_record(record, offset)
    except (ArchiveLoadFailed, EOFError, ValueError) as error:
        where = "" if offset is None else f"at byte {offset}: "
        raise BadResult(f"{where}this is no WARC record: {error}") from error


def _checked_record(record: Any, offset: int | None) -> CheckedRecord:
    block = record.raw_stream.read(LARGEST_MEMBER + 1)
    name = _header(record, "WARC-Record-ID") or f"at byte {offset}"
    if len(block) > LARGEST_MEMBER:
        raise BadResult(f"record {name} is larger than {LARGEST_MEMBER} bytes")
    if len(block) != _length(record):
        raise BadResult(f"record {name} is cut off")
    payload = _payload(record, block)
    proofs = _check(record, _BLOCK, block, name) + _check(record, _PAYLOAD, payload, name)
    if not proofs and record.rec_type in _MUST_PROVE:
        raise BadResult(f"record {name} carries no digest: nothing shows that it is what was received")
    return CheckedRecord(
        kind=record.rec_type,
        record_id=_header(record, "WARC-Record-ID"),
        url=_header(record, "WARC-Target-URI"),
        time=_header(record, "WARC-Date"),
        payload_digest=f"sha256:{hashlib.sha256(payload).hexdigest()}",
        concurrent_to=_header(record, "WARC-Concurrent-To"),
        offset=offset,
        proofs=proofs,
    )


def _header(record: Any, name: str) -> str:
    return str(record.rec_headers.get_header(name) or "")


def _length(record: Any) -> int:
    written = _header(record, "Content-Length")
    return int(written) if written.isdecimal() else -1


def _payload(record: Any, block: bytes) -> bytes:
    """What stands behind the HTTP header; the whole block where there is none."""
    if not _header(record, "Content-Type").startswith(_HTTP):
        return block
    return block.partition(b"\r\n\r\n")[2]


def _check(record: Any, field: str, data: bytes, name: str) -> int:
    """1 where the digest is right, 0 where there is none. Raises BadResult for a wrong or unknown one."""
    written = _header(record, field)
    if not written:
        return 0
    algorithm, _, value = written.partition(":")
    if algorithm.lower() not in _ALGORITHMS:
        raise BadResult(f"record {name}: its {field} is of an unknown kind, {algorithm[:20]!r}")
    digest = hashlib.new(algorithm.lower(), data, usedforsecurity=False).digest()
    if not any(hmac.compare_digest(value.encode(), spelt) for spelt in _spellings(digest)):
        raise BadResult(f"record {name} is not what its {field} says")
    return 1


def _spellings(digest: bytes) -> tuple[bytes, ...]:
    based = base64.b32encode(digest)
    return based, based.rstrip(b"="), digest.hex().encode()
