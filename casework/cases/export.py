"""A case as one folder that another agency can open and verify."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from casework.cases.bag import make_bag
from casework.cases.book import CaseBook
from casework.cases.case import Case
from casework.cases.evidence_files import Evidence, Missing, copy_evidence
from casework.cases.report import report_text
from casework.cases.rows import evidence_table, tables
from casework.cases.spreadsheets import write_csv
from casework.cases.stix import bundle_text
from casework.cases.verify import FORMAT, check_case_folder
from casework.cases.words import words_in
from casework.cases.xlsx import write_xlsx
from crawler.model.errors import BadInput, BadResult


@dataclass(frozen=True, kw_only=True, slots=True)
class Exported:
    """A folder made: where, its seal, how many listings and captures it holds, and what could not be put in."""

    folder: Path
    seal: str
    listings: int
    captures: int
    missing: tuple[Missing, ...]


def export_case(
    book: CaseBook,
    number: str,
    folder: Path,
    *,
    captures_folder: Path,
    officer: str,
    language: str = "en",
    allow_missing: bool = False,
) -> Exported:
    """The case written to a new folder, checked there, and the handing out recorded in the book.

    Raises BadInput for a folder that exists or cannot be written, which leaves nothing behind; BadResult for a case
    that was tampered with, and where a capture is missing unless ``allow_missing``.
    """
    words_in(language)
    case = book.case(number)
    case.check()
    if not case.snapshots:
        raise BadInput(f"case {case.number} is empty; add to it with: npswatch case add {case.number} …")
    folder = folder.absolute()
    with _new_folder(folder) as work:
        evidence = copy_evidence(case, captures_folder, work / "evidence")
        if evidence.missing and not allow_missing:
            raise BadResult(_refusal(evidence))
        write_payload(case, evidence, work, language)
        seal = make_bag(work, _bag_info(case))
        if not evidence.missing:
            check_case_folder(work)
        _into_place(work, folder)
    detail = {"folder": folder.name, "seal": seal, "language": language, "missing": len(evidence.missing)}
    book.record_export(case.number, officer=officer, detail=detail)
    return Exported(
        folder=folder,
        seal=seal,
        listings=len(case.named("listing")),
        captures=len(evidence.rows),
        missing=evidence.missing,
    )


def write_payload(case: Case, evidence: Evidence, folder: Path, language: str) -> None:
    """Everything but the records, written beside them; the same case gives the same bytes."""
    words, every = words_in(language), tables(case, evidence)
    write_csv(every[0], folder / "listings.csv")
    write_csv(evidence_table(evidence), folder / "evidence" / "index.csv")
    title = f"{case.number}: {case.title}"
    write_xlsx(every, folder / "case.xlsx", title=title, changed=case.changed, names=words.table, headings=words.column)
    (folder / "report.html").write_text(report_text(case, evidence, words), encoding="utf-8")
    (folder / "stix.json").write_text(bundle_text(case, evidence), encoding="utf-8")
    text = json.dumps(case_document(case, evidence), ensure_ascii=False, indent=1)
    (folder / "case.json").write_text(text + "\n", encoding="utf-8")


def case_document(case: Case, evidence: Evidence) -> dict[str, Any]:
    """All of a case as JSON-ready values, the acts with their chain."""
    return {
        "format": FORMAT,
        "case": case.plain_head(),
        "acts": [act.plain() for act in case.acts],
        "snapshots": [each.plain() for each in case.snapshots],
        "evidence": [row.plain() for row in evidence.rows],
        "missing_evidence": [each.plain() for each in evidence.missing],
    }


def _bag_info(case: Case) -> dict[str, str]:
    return {
        "External-Identifier": case.number,
        "External-Description": f"Case file: {case.title}",
        "Handling": case.handling,
        "Bagging-Date": f"{datetime.now(UTC):%Y-%m-%d}",
        "Bag-Software-Agent": "npswatch",
    }


def _refusal(evidence: Evidence) -> str:
    first = evidence.missing[0]
    return (
        f"{len(evidence.missing)} captures cannot be put into the folder; the first: {first.why}. "
        "Restore the captures folder, or export what there is, with a note of it, by --allow-missing"
    )


@contextlib.contextmanager
def _new_folder(folder: Path) -> Iterator[Path]:
    """A working folder beside the one to be, gone afterwards unless it was moved into its place."""
    if folder.exists() or folder.is_symlink():
        raise BadInput(f"{folder} exists; name a new folder, nothing is overwritten")
    work = folder.with_name(f".{folder.name}.{os.getpid()}.part")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        work.mkdir(mode=0o700)
        yield work
    except OSError as error:
        raise BadInput(f"{folder} cannot be written: {error.strerror or error}; nothing was left there") from error
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _into_place(work: Path, folder: Path) -> None:
    if folder.exists() or folder.is_symlink():
        raise BadInput(f"{folder} exists by now; nothing is overwritten")
    for path in work.rglob("*"):
        if path.is_file():
            with path.open("rb") as file:
                os.fsync(file.fileno())
    work.rename(folder)
