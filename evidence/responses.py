"""The responses an archive holds, told from its own bytes and from nothing else."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from crawler.model.errors import BadInput, BadResult
from crawler.model.sighting import Capture
from evidence.members import Member, members
from evidence.record import parsed_record

_RESPONSE, _REVISIT = "response", "revisit"
_NOT_MODIFIED = 304
_LONGEST_HEAD = 1 << 16


def response_ids(captures_folder: Path, market: str, run: str) -> tuple[str, ...]:
    """The record ids of all responses a run kept, in order.

    Raises BadInput when its archive is not here, BadResult at a record that is not whole.
    """
    path = captures_folder / market / f"{run}.warc.gz"
    if not path.exists():
        raise BadInput(f"{path.name} is not on this machine")
    with path.open("rb") as file:
        heads = [_head(member) for member in members(file)]
    return tuple(head["warc-record-id"] for head in heads if head.get("warc-type") in (_RESPONSE, _REVISIT))


def capture_in(member: Member, warc: str, run: str) -> Capture | None:
    """The capture a member is, when it holds a response. Raises BadResult where it is not what its digest says."""
    head = _head(member)
    if head.get("warc-type") == _REVISIT:
        return _revisit(head, member, warc, run)
    if head.get("warc-type") != _RESPONSE:
        return None
    record = parsed_record(member.raw, warc)
    return Capture(
        market=warc.partition("/")[0],
        run=run,
        url=record.url,
        time=datetime.fromisoformat(record.time),
        status=record.status,
        payload_digest=record.payload_digest,
        record_id=record.record_id,
        warc=warc,
        offset=member.offset,
        length=len(member.raw),
        content_type=record.header("content-type"),
    )


def _revisit(head: dict[str, str], member: Member, warc: str, run: str) -> Capture:
    """An answer that a page is as it was; its content lies where the response it refers to does."""
    return Capture(
        market=warc.partition("/")[0],
        run=run,
        url=head["warc-target-uri"],
        time=datetime.fromisoformat(head["warc-date"]),
        status=_NOT_MODIFIED,
        payload_digest="",
        record_id=head["warc-record-id"],
        warc=warc,
        offset=member.offset,
        length=len(member.raw),
        refers_to=head.get("warc-refers-to"),
    )


def _head(member: Member) -> dict[str, str]:
    """The fields of the record's own header. Raises BadResult where it has none."""
    head = member.content[:_LONGEST_HEAD].partition(b"\r\n\r\n")[0].decode("utf-8", "replace")
    version, *lines = head.split("\r\n")
    if not version.startswith("WARC/"):
        raise BadResult(f"the record at byte {member.offset} is no WARC record")
    fields = (line.partition(":") for line in lines)
    return {name.strip().lower(): value.strip() for name, _, value in fields}
