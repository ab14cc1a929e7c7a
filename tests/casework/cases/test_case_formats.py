"""What stands in the tables, the workbook, the report and the STIX bundle of a case."""

from __future__ import annotations

import json
import re
import time
import tomllib
import zipfile
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
from lxml import etree
from stix2validator import ValidationOptions, validate_string

from casework.cases import words as words_module
from casework.cases.book import CaseBook
from casework.cases.evidence_files import Evidence
from casework.cases.export import Exported, export_case
from casework.cases.handling import handling_named, handlings
from casework.cases.report import report_text
from casework.cases.rows import tables
from casework.cases.spreadsheets import neutral, write_csv
from casework.cases.stix import EXTENSION, SCHEMA_FILE, bundle_text
from casework.cases.words import LANGUAGES, words_in
from crawler.model.errors import BadInput
from crawler.model.page import Delivery
from index.store import Store
from tests.casework.cases.conftest import OFFICER
from tests.casework.cases.made_home import FINGERPRINT, HOSTILE, ONION

NOTHING_COPIED = Evidence(rows=(), missing=())
_SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


@pytest.mark.parametrize(
    "cell",
    [
        *("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1", "\ufeff=1", "\u200b=1", "＝1", "＋1", "－1", "＠x"),
        *("a;=1", 'a\n"=1', "a\t+1", "\n@x", "'=1"),
    ],
)
def test_a_cell_that_could_be_calculated_begins_with_an_apostrophe(cell: str) -> None:
    for part in re.split(r"[;\t\n]", neutral(cell)):
        assert not re.match(r"[\s\"\u200b\ufeff]*[=+\-@＝＋－＠]", part), neutral(cell)


@pytest.mark.parametrize("cell", ["3-MMC 10g", "a+b", "5 - 10 g", "Привет = мир", "x@y.example", ""])
def test_an_ordinary_cell_stays_as_it_is(cell: str) -> None:
    assert neutral(cell) == cell


def test_what_no_file_of_text_may_hold_is_replaced(tmp_path: Path, book: CaseBook, full_case: str) -> None:
    assert neutral("a\x00b\ud800c") == "a\ufffdb\ufffdc"
    table = tables(book.case(full_case), NOTHING_COPIED)[0]
    write_csv(table, tmp_path / "x.csv")
    assert (tmp_path / "x.csv").read_bytes().decode("utf-8-sig").count("\r\n") == 9


def test_a_cell_of_a_million_blanks_is_read_in_no_time() -> None:
    started = time.monotonic()
    assert len(neutral(" " * 1_000_000 + ";" * 1_000_000)) == 2_000_000
    neutral("\n\t" * 200_000)
    assert time.monotonic() - started < 2


def sheets(path: Path) -> dict[str, list[list[str]]]:
    """The workbook read with nothing but a ZIP and an XML reader."""
    with zipfile.ZipFile(path) as package:
        strings = [
            "".join(map(str, node.itertext())) for node in etree.fromstring(package.read("xl/sharedStrings.xml"))
        ]
        names = [
            str(node.attrib["name"])
            for node in etree.fromstring(package.read("xl/workbook.xml")).iter(f"{_SHEET}sheet")
        ]
        found = {}
        for number, name in enumerate(names, start=1):
            root = etree.fromstring(package.read(f"xl/worksheets/sheet{number}.xml"))
            found[name] = [[_cell(cell, strings) for cell in row] for row in root.iter(f"{_SHEET}row")]
    return found


def _cell(cell: etree._Element, strings: list[str]) -> str:
    value = cell.findtext(f"{_SHEET}v") or ""
    return strings[int(value)] if cell.get("t") == "s" else value


def test_the_workbook_has_every_table_and_neither_formula_nor_link(exported: Exported) -> None:
    path = exported.folder / "data/case.xlsx"
    read = sheets(path)
    assert {name: len(rows) - 1 for name, rows in read.items()} == {
        "Listings": 8, "Vendors": 2, "Prices": 3 * 9, "Evidence": 11,
    }  # fmt: skip
    titles = {row[2] for row in read["Listings"]}
    assert set(HOSTILE) <= titles
    with zipfile.ZipFile(path) as package:
        markup = b"".join(package.read(name) for name in package.namelist() if "worksheets" in name)
    assert b"<f>" not in markup
    assert b"hyperlink" not in markup.lower()


def test_the_workbook_speaks_russian_and_keeps_numbers_numbers(
    book: CaseBook, full_case: str, case_home: Path, tmp_path: Path
) -> None:
    made = export_case(
        book, full_case, tmp_path / "ru", captures_folder=case_home / "captures", officer=OFFICER, language="ru"
    )
    rows = sheets(made.folder / "data/case.xlsx")["Объявления"]
    assert rows[0][:3] == ["Идентификатор", "Площадка", "Заголовок"]
    with zipfile.ZipFile(made.folder / "data/case.xlsx") as package:
        root = etree.fromstring(package.read("xl/worksheets/sheet1.xml"))
    mass = [cell for cell in root.iter(f"{_SHEET}c") if cell.get("r", "").startswith("I")][1]
    assert mass.get("t") is None
    assert float(mass.findtext(f"{_SHEET}v") or "") > 0


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_report_runs_nothing_loads_nothing_and_leads_nowhere(book: CaseBook, full_case: str, language: str) -> None:
    text = report_text(book.case(full_case), NOTHING_COPIED, words_in(language))
    page = Tags()
    page.feed(text)
    assert {tag for tag, _ in page.seen} & {"script", "a", "img", "link", "iframe", "object", "form", "base"} == set()
    attributes = {name for _, attrs in page.seen for name in attrs}
    assert attributes & {"href", "src", "onerror", "onclick", "action", "srcset"} == set()
    assert "&lt;script&gt;" in text
    assert "{{ 7 * 7 }}" in text
    assert "\u202e" not in text


def test_the_report_says_what_there_is_with_the_words_it_was_read_from(exported: Exported) -> None:
    text = (exported.folder / "data/report.html").read_text(encoding="utf-8")
    for part in (
        *("TLP:AMBER", "Case 2026-117", "Cathinones from NL", "А. Каримов", "Запрос от 12 ноября"),
        *("3-MMC", "synthetic cathinones", FINGERPRINT, "UZ (Узбекистан)", "10 – 12.5 – 15 EUR (2)"),
        *("read from: <bdi>Price: 15 EUR</bdi>", "label:price", f"{ONION}/item/0", "without a configured authority"),
    ):
        assert part in text, part
    for row in json.loads((exported.folder / "data/case.json").read_bytes())["evidence"]:
        assert row["payload_digest"] in text


def test_the_report_in_russian_says_so_in_russian(book: CaseBook, full_case: str) -> None:
    text = report_text(book.case(full_case), NOTHING_COPIED, words_in("ru"))
    for part in ("Дело 2026-117", "синтетические катиноны", "тайник", "Цена за грамм", "без настроенного разрешения"):
        assert part in text, part


def test_missing_evidence_stands_in_the_report(book: CaseBook, full_case: str, case_home: Path, tmp_path: Path) -> None:
    (case_home / "captures/сад/run-1.warc.gz").unlink()
    made = export_case(
        book, full_case, tmp_path / "out", captures_folder=case_home / "captures", officer=OFFICER, allow_missing=True
    )
    text = (made.folder / "data/report.html").read_text(encoding="utf-8")
    assert "Evidence that is missing" in text
    assert text.count("is not among the captures of this home") == 5


def test_a_language_there_is_none_of_is_refused_before_anything_is_written(
    book: CaseBook, full_case: str, case_home: Path, tmp_path: Path
) -> None:
    with pytest.raises(BadInput, match="en or ru"):
        export_case(
            book, full_case, tmp_path / "x", captures_folder=case_home / "captures", officer=OFFICER, language="tlh"
        )
    assert not (tmp_path / "x").exists()


def test_every_language_has_the_same_words() -> None:
    folder = Path(words_module.__file__).parent
    trees = [tomllib.loads((folder / f"words_{language}.toml").read_text(encoding="utf-8")) for language in LANGUAGES]
    keys = [{(table, name) for table, names in tree.items() for name in names} for tree in trees]
    assert keys[0] == keys[1]
    for table in ("method_text", "limits_text"):
        assert len({len(tree["report"][table]) for tree in trees}) == 1


def test_every_column_and_closed_value_has_its_word(book: CaseBook, full_case: str) -> None:
    known = words_in("ru")
    columns = {name for table in tables(book.case(full_case), NOTHING_COPIED) for name in table.columns}
    assert columns == set(known.column)
    assert {each.value for each in Delivery} <= set(known.value)


def errors_of(text: str, **options: Any) -> list[str]:
    result = validate_string(text, ValidationOptions(version="2.1", enforce_refs=True, **options))
    found = result.object_results if hasattr(result, "object_results") else [result]
    return [str(error) for each in found for error in each.errors]


@pytest.mark.parametrize("code", list(handlings()))
def test_the_bundle_passes_the_standards_own_validator(book: CaseBook, case_store: Store, code: str) -> None:
    book.new_case("1", title="=cmd|' /C calc'!A0", officer=OFFICER, handling=code)
    book.add_found("1", "listing", "*", store=case_store, officer=OFFICER)
    text = bundle_text(book.case("1"), NOTHING_COPIED)
    assert errors_of(text) == []
    # 103 asks for random ids; the same case must give the same ones.
    assert errors_of(text, strict=True, disabled="103") == []
    marking = handling_named(code).marking
    marked = [each for each in json.loads(text)["objects"] if marking in each.get("object_marking_refs", ())]
    assert len(marked) == len(json.loads(text)["objects"]) - 3  # the marking itself, who made it, what its words mean


def test_the_offers_of_the_bundle_fit_the_extension_it_carries(exported: Exported) -> None:
    objects = json.loads((exported.folder / "data/stix.json").read_bytes())["objects"]
    definition = next(each for each in objects if each["id"] == EXTENSION)
    validator = jsonschema.Draft202012Validator(json.loads(definition["schema"]))
    assert json.loads(definition["schema"]) == json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))
    offers = [each["extensions"][EXTENSION] for each in objects if each["type"] == "observed-data"]
    assert len(offers) == 8
    for offer in offers:
        validator.validate(offer)
        assert offer["capture"]["payload_digest"].startswith("sha256:")


def test_vendors_of_one_name_on_two_markets_stay_apart(exported: Exported) -> None:
    objects = json.loads((exported.folder / "data/stix.json").read_bytes())["objects"]
    actors = [each for each in objects if each["type"] == "threat-actor"]
    assert len(actors) == 2
    assert all("hypothesis" in each["labels"] for each in actors)
    assert all(each["external_references"] == [{"source_name": "pgp", "external_id": FINGERPRINT}] for each in actors)
    used = {(each["source_ref"], each["target_ref"]) for each in objects if each.get("relationship_type") == "uses"}
    assert len(used) == 2


def test_the_ids_of_a_bundle_stay_when_the_case_grows(book: CaseBook, case_store: Store) -> None:
    book.new_case("1", title="T", officer=OFFICER)
    book.add_found("1", "listing", "*", store=case_store, officer=OFFICER, limit=3)
    before = {each["id"] for each in json.loads(bundle_text(book.case("1"), NOTHING_COPIED))["objects"]}
    book.add_found("1", "listing", "*", store=case_store, officer=OFFICER)
    after = {each["id"] for each in json.loads(bundle_text(book.case("1"), NOTHING_COPIED))["objects"]}
    assert before < after
