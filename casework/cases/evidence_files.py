"""The evidence of a case: WARC records copied byte for byte out of the archive, each with its place and its hash."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from warcio.archiveiterator import ArchiveIterator
from warcio.warcwriter import WARCWriter

from casework.cases.case import Case, Snapshot
from crawler.model.errors import BadInput, BadResult
from evidence.members import Member, member_at
from evidence.record import KeptRecord, read_record

NAMESPACE = uuid.UUID("6a1f0c52-5a0f-5c8e-9d0a-6f8f0b1f3f43")
"""Ours for version 5 UUIDs: the same case gives the same ids."""


@dataclass(frozen=True, kw_only=True, slots=True)
class EvidenceRow:
    """One capture in the folder: its document's id, what was received when, and where its record lies.

    ``file`` is below the evidence folder, ``offset`` and ``length`` the response record's bytes in it;
    ``source`` and ``source_offset`` where it lay in the archive; ``request_record_id`` is empty where none was kept.
    """

    capture: str
    market: str
    url: str
    time: str
    status: int
    content_type: str
    payload_digest: str
    record_id: str
    request_record_id: str
    file: str
    offset: int
    length: int
    source: str
    source_offset: int

    def plain(self) -> dict[str, Any]:
        """The row as JSON-ready values, in the order of the index file."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, kw_only=True, slots=True)
class Missing:
    """A capture a fact of the case came from that is not in the folder, and why."""

    capture: str
    why: str

    def plain(self) -> dict[str, Any]:
        """Both as JSON-ready values."""
        return {"capture": self.capture, "why": self.why}


@dataclass(frozen=True, kw_only=True, slots=True)
class Evidence:
    """What was copied, in the order of the captures' times, and what could not be."""

    rows: tuple[EvidenceRow, ...]
    missing: tuple[Missing, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Found:
    capture: Snapshot
    record: KeptRecord
    response: Member
    request: Member | None
    request_id: str


def copy_evidence(case: Case, captures_folder: Path, folder: Path) -> Evidence:
    """The records of all captures of a case, one WARC file for each they came from, written into the folder.

    Every body is checked against the digest in its capture first; one that is not what it was counts as missing.
    """
    folder.mkdir(parents=True)
    missing = list(_unindexed(case))
    rows: list[EvidenceRow] = []
    for source, captures in sorted(_by_file(case, missing).items()):
        found = list(_found(captures, captures_folder, missing))
        if found:
            rows += _write(case, source, found, folder, captures_folder)
    return Evidence(
        rows=tuple(sorted(rows, key=lambda row: (row.time, row.capture))),
        missing=tuple(sorted(missing, key=lambda each: each.capture)),
    )


def captures_named(case: Case) -> dict[str, str]:
    """The captures the facts of a case came from, each with the first document that names it."""
    named: dict[str, str] = {}
    for each in case.snapshots:
        if each.kind != "capture":
            named.setdefault(str(each.body.get("capture") or ""), f"{each.kind} {each.id}")
    return named


def _unindexed(case: Case) -> Iterator[Missing]:
    have = {each.id for each in case.snapshots if each.kind == "capture"}
    for capture, what in captures_named(case).items():
        if not capture:
            yield Missing(capture="", why=f"the {what} names no capture")
        elif capture not in have:
            yield Missing(capture=capture, why=f"the {what} came from it, but the index did not have it")


def _by_file(case: Case, missing: list[Missing]) -> dict[str, list[Snapshot]]:
    files: dict[str, list[Snapshot]] = {}
    for each in case.latest("capture"):
        if {"warc", "offset", "length", "payload_digest"} <= each.body.keys():
            files.setdefault(str(each.body["warc"]), []).append(each)
        else:
            missing.append(Missing(capture=each.id, why="the index does not say where it is kept"))
    return files


def _found(captures: list[Snapshot], folder: Path, missing: list[Missing]) -> Iterator[_Found]:
    for capture in sorted(captures, key=lambda each: int(each.body["offset"])):
        try:
            yield _find(capture, folder)
        except (BadInput, BadResult) as error:
            missing.append(Missing(capture=capture.id, why=str(error)))


def _find(capture: Snapshot, folder: Path) -> _Found:
    body = capture.body
    offset, length = int(body["offset"]), int(body["length"])
    record = read_record(folder, body["warc"], offset, length)
    if record.payload_digest != body["payload_digest"]:
        raise BadResult(f"{body['warc']}: the body at byte {offset} is not what its capture says")
    with (folder / body["warc"]).open("rb") as file:
        response = member_at(file, offset)
        if response is None or len(response.raw) != length:
            raise BadResult(f"{body['warc']}: the record at byte {offset} is not {length} bytes long")
        request, request_id = _request(file, offset + length, record.record_id)
    return _Found(capture=capture, record=record, response=response, request=request, request_id=request_id)


def _request(file: IO[bytes], offset: int, response_id: str) -> tuple[Member | None, str]:
    """The request kept right behind its response; None where the file says of none that it belongs to it."""
    member = member_at(file, offset)
    headers = _headers(member) if member is not None else None
    if headers is None or headers.get_header("WARC-Concurrent-To") != response_id:
        return None, ""
    return member, str(headers.get_header("WARC-Record-ID"))


def _headers(member: Member) -> Any:
    from io import BytesIO

    record = next(iter(ArchiveIterator(BytesIO(member.content), no_record_parse=True)), None)
    return None if record is None else record.rec_headers


def _write(case: Case, source: str, found: list[_Found], folder: Path, captures_folder: Path) -> Iterator[EvidenceRow]:
    name = source.replace("/", "--")
    with (folder / name).open("xb") as out:
        _write_info(out, case, name, source)
        with (captures_folder / source).open("rb") as file:
            first = member_at(file, 0)
        if first is not None and first.content.startswith(b"WARC/") and b"\r\nWARC-Type: warcinfo\r\n" in first.content:
            out.write(first.raw)
        for each in found:
            offset = out.tell()
            out.write(each.response.raw)
            if each.request is not None:
                out.write(each.request.raw)
            yield _row(each, name, offset, source)


def _row(found: _Found, name: str, offset: int, source: str) -> EvidenceRow:
    body, record = found.capture.body, found.record
    return EvidenceRow(
        capture=found.capture.id,
        market=str(body.get("market", "")),
        url=record.url,
        time=str(body.get("time") or record.time),
        status=record.status,
        content_type=record.header("content-type") or "",
        payload_digest=record.payload_digest,
        record_id=record.record_id,
        request_record_id=found.request_id,
        file=name,
        offset=offset,
        length=len(found.response.raw),
        source=source,
        source_offset=int(body["offset"]),
    )


def _write_info(out: IO[bytes], case: Case, name: str, source: str) -> None:
    """A first record that says what the file is; its id and date depend on the case alone."""
    writer = WARCWriter(out, gzip=True, warc_version="WARC/1.1")
    info = {
        "software": "npswatch",
        "format": "WARC File Format 1.1",
        "description": f"records copied unchanged from {source}",
        "isPartOf": f"case {case.number}",
    }
    record = writer.create_warcinfo_record(name, info)
    identity = uuid.uuid5(NAMESPACE, f"warcinfo {case.number} {source}")
    record.rec_headers.replace_header("WARC-Record-ID", f"<urn:uuid:{identity}>")
    record.rec_headers.replace_header("WARC-Date", case.changed)
    writer.write_record(record)
