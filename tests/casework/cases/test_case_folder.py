"""Folders of exported cases: whole, checked by strangers' tools, and every flipped byte named."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path

import bagit
import pytest

from casework.cases.acts import next_act
from casework.cases.book import CaseBook
from casework.cases.export import Exported, export_case
from casework.cases.verify import check_case_folder
from crawler.model.errors import BadInput, BadResult
from index.store import Store
from tests.casework.cases.conftest import OFFICER
from tests.casework.cases.made_home import HOSTILE

FILES = (
    *("bagit.txt", "bag-info.txt", "manifest-sha256.txt", "manifest-sha512.txt"),
    *("tagmanifest-sha256.txt", "tagmanifest-sha512.txt"),
    *("data/case.json", "data/listings.csv", "data/case.xlsx", "data/report.html", "data/stix.json"),
    "data/evidence/index.csv",
    *("data/evidence/birchwood--run-1.warc.gz", "data/evidence/сад--run-1.warc.gz"),
)


def flip(path: Path, place: int) -> None:
    data = bytearray(path.read_bytes())
    data[place] ^= 1
    path.write_bytes(bytes(data))


def test_a_whole_folder_is_right_for_us_and_for_the_library_of_congress_tool(exported: Exported) -> None:
    verdict = check_case_folder(exported.folder)
    assert (verdict.listings, verdict.captures, verdict.seal) == (8, exported.captures, exported.seal)
    assert bagit.Bag(str(exported.folder)).validate()
    assert exported.captures == 8 + 2 + 1  # each listing, two vendors, the first listing seen a second time


def test_the_copied_records_are_whole_for_a_public_tool(exported: Exported) -> None:
    files = [str(path) for path in (exported.folder / "data/evidence").glob("*.warc.gz")]
    tool = [sys.executable, "-m", "warcio.cli", "check", "-v", *files]
    checked = subprocess.run(tool, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout


def test_the_records_are_copied_byte_for_byte(exported: Exported, case_home: Path) -> None:
    document = json.loads((exported.folder / "data/case.json").read_bytes())
    for row in document["evidence"]:
        copy = (exported.folder / "data/evidence" / row["file"]).read_bytes()
        source = (case_home / "captures" / row["source"]).read_bytes()
        start = row["source_offset"]
        assert copy[row["offset"] : row["offset"] + row["length"]] == source[start : start + row["length"]]
        assert row["request_record_id"]


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("part", [0.0, 0.3, 0.6, 0.999])
def test_one_flipped_bit_in_any_file_is_named(exported: Exported, name: str, part: float) -> None:
    path = exported.folder / name
    flip(path, int(path.stat().st_size * part))
    with pytest.raises(BadResult) as wrong:
        check_case_folder(exported.folder)
    assert str(wrong.value).startswith(name)


def test_every_file_of_an_export_is_in_the_test_of_flipped_bits(exported: Exported) -> None:
    there = {path.relative_to(exported.folder).as_posix() for path in exported.folder.rglob("*") if path.is_file()}
    assert there == set(FILES)


@pytest.mark.parametrize("name", ["extra.txt", "data/extra.txt", "data/evidence/extra.warc.gz"])
def test_a_file_too_many_is_named(exported: Exported, name: str) -> None:
    (exported.folder / name).write_text("x")
    with pytest.raises(BadResult, match=f"^{name}"):
        check_case_folder(exported.folder)


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_is_gone_is_named(exported: Exported, name: str) -> None:
    (exported.folder / name).unlink()
    with pytest.raises(BadResult, match=f"^{name}"):
        check_case_folder(exported.folder)


def test_a_link_in_the_folder_is_refused(exported: Exported) -> None:
    target = exported.folder / "data/listings.csv"
    moved = exported.folder.parent / "elsewhere.csv"
    target.rename(moved)
    target.symlink_to(moved)
    with pytest.raises(BadResult, match=r"^data/listings\.csv is no ordinary file"):
        check_case_folder(exported.folder)


def rebag(folder: Path) -> None:
    """What a forger would do: all manifests made anew."""
    for path in folder.glob("*.txt"):
        path.unlink()
    data = folder / "data"
    for path in data.iterdir():
        path.rename(folder / path.name)
    data.rmdir()
    bagit.make_bag(str(folder), checksums=["sha256", "sha512"])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"note": "Запрос от 12 ноября"', '"note": "Запрос от 13 ноября"'),
        ('"officer": "А. Каримов"', '"officer": "Another"'),
        ('"amount": 10', '"amount": 11'),
    ],
)
def test_a_forged_fact_breaks_the_chain_even_with_new_manifests(exported: Exported, old: str, new: str) -> None:
    path = exported.folder / "data/case.json"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    rebag(exported.folder)
    with pytest.raises(BadResult, match=r"^data/case\.json"):
        check_case_folder(exported.folder)


@pytest.mark.parametrize(
    "text",
    [
        *("", "{}", "[]", "null", '"x"', "[" * 100_000, '{"format": "npswatch case 9"}'),
        '{"format": "npswatch case 1", "case": {"number": "1"}, "acts": [], "snapshots": []}',
        '{"format": "npswatch case 1", "case": {"number": 1}, "acts": [{}], "snapshots": [1]}',
    ],
)
def test_a_forged_case_of_another_shape_is_named_and_breaks_nothing(exported: Exported, text: str) -> None:
    (exported.folder / "data/case.json").write_text(text, encoding="utf-8")
    rebag(exported.folder)
    with pytest.raises(BadResult, match=r"^data/case\.json"):
        check_case_folder(exported.folder)


@pytest.mark.parametrize("name", ["record_id", "file", "capture", "offset", "url"])
@pytest.mark.parametrize("value", [None, [], {}, 7, "x"])
def test_a_forged_row_of_evidence_is_named(exported: Exported, name: str, value: object) -> None:
    path = exported.folder / "data/case.json"
    document = json.loads(path.read_bytes())
    document["evidence"][0][name] = value
    path.write_text(json.dumps(document), encoding="utf-8")
    rebag(exported.folder)
    with pytest.raises(BadResult, match=r"^data/"):
        check_case_folder(exported.folder)


def test_a_forged_act_without_its_parts_is_named(exported: Exported) -> None:
    path = exported.folder / "data/case.json"
    document = json.loads(path.read_bytes())
    forged = next_act(None, case="2026-117", time="2026-01-01T00:00:00.000Z", officer="x", act="added", detail={})
    path.write_text(json.dumps(document | {"acts": [forged.plain()]}), encoding="utf-8")
    rebag(exported.folder)
    with pytest.raises(BadResult, match=r"^data/case\.json"):
        check_case_folder(exported.folder)


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b'"' + b"x" * 200_000, b"capture\r\n1\r\n", None])
def test_a_forged_index_is_named(exported: Exported, content: bytes | None) -> None:
    path = exported.folder / "data/evidence/index.csv"
    path.unlink() if content is None else path.write_bytes(content)
    rebag(exported.folder)
    with pytest.raises(BadResult, match=r"^data/evidence/index\.csv"):
        check_case_folder(exported.folder)


def test_a_record_taken_out_is_missed_even_with_new_manifests(exported: Exported) -> None:
    path = exported.folder / "data/evidence/birchwood--run-1.warc.gz"
    rows = json.loads((exported.folder / "data/case.json").read_bytes())["evidence"]
    last = max((row for row in rows if row["file"] == path.name), key=lambda row: row["offset"])
    path.write_bytes(path.read_bytes()[: last["offset"]])
    rebag(exported.folder)
    with pytest.raises(BadResult, match=r"^data/evidence/birchwood--run-1\.warc\.gz: the record .* is not in it"):
        check_case_folder(exported.folder)


def test_an_export_never_touches_a_folder_that_exists(
    book: CaseBook, full_case: str, case_home: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "kept.txt").write_text("kept")
    with pytest.raises(BadInput, match="exists"):
        export_case(book, full_case, folder, captures_folder=case_home / "captures", officer=OFFICER)
    assert [path.name for path in folder.iterdir()] == ["kept.txt"]
    assert [act.act for act in book.case(full_case).acts] == ["created", "added", "noted"]


def test_a_lost_archive_is_refused_and_leaves_no_folder(
    book: CaseBook, full_case: str, case_home: Path, tmp_path: Path
) -> None:
    (case_home / "captures/birchwood/run-1.warc.gz").unlink()
    with pytest.raises(BadResult, match="6 captures cannot be put into the folder"):
        export_case(book, full_case, tmp_path / "out", captures_folder=case_home / "captures", officer=OFFICER)
    assert [path.name for path in tmp_path.iterdir() if "out" in path.name] == []


def test_a_lost_archive_is_said_in_the_folder_where_that_is_allowed(
    book: CaseBook, full_case: str, case_home: Path, tmp_path: Path
) -> None:
    (case_home / "captures/birchwood/run-1.warc.gz").unlink()
    made = export_case(
        book, full_case, tmp_path / "out", captures_folder=case_home / "captures", officer=OFFICER, allow_missing=True
    )
    assert len(made.missing) == 6
    assert len(json.loads((made.folder / "data/case.json").read_bytes())["missing_evidence"]) == 6
    with pytest.raises(BadResult, match="is missing, which the"):
        check_case_folder(made.folder)


def test_an_archive_that_was_tampered_with_is_refused(
    book: CaseBook, full_case: str, case_home: Path, tmp_path: Path
) -> None:
    flip(case_home / "captures/сад/run-1.warc.gz", 900)
    with pytest.raises(BadResult, match="cannot be put into the folder"):
        export_case(book, full_case, tmp_path / "out", captures_folder=case_home / "captures", officer=OFFICER)


def test_a_listing_that_is_gone_from_the_index_is_still_in_the_case(
    book: CaseBook, full_case: str, case_home: Path, case_store: Store, tmp_path: Path
) -> None:
    case_store.close()
    (case_home / "index.db").unlink()
    made = export_case(book, full_case, tmp_path / "out", captures_folder=case_home / "captures", officer=OFFICER)
    assert check_case_folder(made.folder).listings == 8


def test_the_same_case_exported_twice_differs_in_its_acts_alone(
    book: CaseBook, exported: Exported, full_case: str, case_home: Path, tmp_path: Path
) -> None:
    again = export_case(book, full_case, tmp_path / "again", captures_folder=case_home / "captures", officer=OFFICER)
    for path in sorted((exported.folder / "data").rglob("*")):
        if path.is_file() and path.name != "case.json":
            other = again.folder / path.relative_to(exported.folder)
            assert other.read_bytes() == path.read_bytes(), path.name
    first, second = (json.loads((each / "data/case.json").read_bytes()) for each in (exported.folder, again.folder))
    assert second["acts"][:-1] == first["acts"]
    assert second["acts"][-1]["detail"]["seal"] == exported.seal


def test_no_cell_of_the_table_begins_like_a_formula(exported: Exported) -> None:
    data = (exported.folder / "data/listings.csv").read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(data.decode("utf-8-sig").splitlines(keepends=True)))
    titles = {row["title"] for row in rows}
    assert {"'" + HOSTILE[0], "'" + HOSTILE[1]} <= titles
    cells = [cell for row in rows for cell in row.values()]
    assert [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠"))] == []
    assert any("Отправка" in cell for cell in cells)
