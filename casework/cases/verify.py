"""A case folder checked offline: its bag, its acts, its evidence, and that every fact has its capture."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from casework.cases.acts import Act
from casework.cases.bag import check_bag
from casework.cases.case import Body, Case, Snapshot
from casework.cases.evidence_files import EvidenceRow, captures_named
from casework.cases.rows import EVIDENCE_COLUMNS
from casework.cases.spreadsheets import csv_cells
from crawler.model.errors import BadResult
from evidence.verify import CheckedRecord, checked_records, warc_files

FORMAT = "npswatch case 1"
_CASE = "data/case.json"
_INDEX = "data/evidence/index.csv"
_EVIDENCE = "data/evidence"


@dataclass(frozen=True, kw_only=True, slots=True)
class CaseVerdict:
    """A folder in which everything is right: the case's number, title and handling, its seal, and what was counted."""

    number: str
    title: str
    handling: str
    seal: str
    head: str
    acts: int
    listings: int
    captures: int
    records: int


def is_case_folder(path: Path) -> bool:
    """Whether the folder says that it is a bag."""
    return (path / "bagit.txt").exists()


def check_case_folder(folder: Path) -> CaseVerdict:
    """What a right folder holds. Raises BadResult naming the first file that is wrong, and why."""
    seal = check_bag(folder)
    for name in (_CASE, _INDEX):
        if not (folder / name).is_file():
            raise BadResult(f"{name} is missing: this is no case folder")
    try:
        return _checked(folder, seal)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise BadResult(f"{_CASE}: no case can be read from it: {error!r}") from error


def _checked(folder: Path, seal: str) -> CaseVerdict:
    """Raises, where case.json is JSON of another shape, what reading it raises."""
    case, document = _checked_case(folder / _CASE)
    rows = _index_rows(folder, document)
    records = _check_records(folder, rows)
    _check_captures(case, rows)
    return CaseVerdict(
        number=case.number,
        title=case.title,
        handling=case.handling,
        seal=seal,
        head=case.head,
        acts=len(case.acts),
        listings=len(case.named("listing")),
        captures=len(rows),
        records=records,
    )


def _checked_case(path: Path) -> tuple[Case, dict[str, Any]]:
    try:
        case, document = read_case(path)
        case.check()
    except BadResult as error:
        raise BadResult(f"{_CASE}: {error}") from error
    if document["case"] != case.plain_head():
        raise BadResult(f"{_CASE}: what stands on its cover is not what its acts say")
    for row in document["evidence"]:
        EvidenceRow(**row)
    return case, document


def read_case(path: Path) -> tuple[Case, dict[str, Any]]:
    """The case of a case.json, unchecked, and all that stands in the file. Raises BadResult for another format.

    A file that is no JSON of this shape raises what reading it raises: ValueError, LookupError or TypeError.
    """
    document = json.loads(path.read_bytes())
    if document["format"] != FORMAT:
        raise BadResult(f"its format is {document['format']!r}, this npswatch reads {FORMAT!r}")
    case = Case(
        number=document["case"]["number"],
        acts=tuple(Act(**act) for act in document["acts"]),
        snapshots=tuple(Snapshot(**each) for each in document["snapshots"]),
    )
    return case, document


def _index_rows(folder: Path, document: dict[str, Any]) -> dict[str, Body]:
    """The evidence by record id, the same in the index and in case.json."""
    said = document["evidence"]
    try:
        with (folder / _INDEX).open(encoding="utf-8-sig", newline="") as file:
            written = list(csv.reader(file))
    except (csv.Error, UnicodeDecodeError) as error:
        raise BadResult(f"{_INDEX}: no table can be read from it: {error}") from error
    if written != [list(EVIDENCE_COLUMNS), *(csv_cells(row.values()) for row in said)]:
        raise BadResult(f"{_INDEX} does not say the same as case.json")
    return {row["record_id"]: row for row in said}


def _check_records(folder: Path, rows: dict[str, Body]) -> int:
    """How many records there are, each as its digests and the index say."""
    waiting, count = dict(rows), 0
    for path in _warcs(folder):
        name = path.relative_to(folder).as_posix()
        for record in _named(path, name):
            count += 1
            if record.kind == "response":
                _check_response(record, name, waiting.pop(record.record_id, None))
    if waiting:
        row = next(iter(waiting.values()))
        raise BadResult(f"{_EVIDENCE}/{row['file']}: the record {row['record_id']} of the index is not in it")
    return count


def _warcs(folder: Path) -> list[Path]:
    below = folder / _EVIDENCE
    return warc_files(below) if any(below.glob("*.warc.gz")) else []


def _named(path: Path, name: str) -> Iterator[CheckedRecord]:
    try:
        yield from checked_records(path)
    except BadResult as error:
        raise BadResult(str(error).replace(str(path), name, 1)) from error


def _check_response(record: CheckedRecord, name: str, row: Body | None) -> None:
    if row is None or row["file"] != Path(name).name:
        raise BadResult(f"{name}: the record {record.record_id} is not in the index")
    for what, said in (
        ("payload digest", (record.payload_digest, row["payload_digest"])),
        ("address", (record.url, row["url"])),
        ("place", (record.offset, row["offset"])),
    ):
        if said[0] != said[1]:
            raise BadResult(f"{name}: the {what} of record {record.record_id} is not that of the index")


def _check_captures(case: Case, rows: dict[str, Body]) -> None:
    """Every fact's capture is there, and its snapshot says the same of it as the index."""
    kept = {row["capture"]: row for row in rows.values()}
    for capture, what in captures_named(case).items():
        if capture not in kept:
            raise BadResult(
                f"{_INDEX}: the capture {capture or 'of the ' + what} is missing, which the {what} came from"
            )
    for each in case.latest("capture"):
        row = kept.get(each.id)
        if row is None or row["payload_digest"] != each.body.get("payload_digest"):
            raise BadResult(f"{_INDEX}: the capture {each.id} is missing, or not the one that was added")
