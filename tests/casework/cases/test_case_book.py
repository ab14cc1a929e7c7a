"""The case book: what can be opened, added and noted, and that nothing in it can be changed unseen."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from casework.cases.book import CaseBook
from crawler.model.errors import BadInput, BadQuery, BadResult
from crawler.model.sighting import Document
from index.store import Store
from tests.casework.cases.conftest import OFFICER


def ids_in(store: Store, query: str = "*", kind: str = "listing") -> list[str]:
    return [body["id"] for body in store.search(query, kind=kind, limit=100).bodies]


def test_a_case_has_what_it_was_opened_with(book: CaseBook) -> None:
    case = book.new_case("Дело № 7 (a)", title="  Cathinones\n from NL ", officer=OFFICER, handling="amber+strict")
    assert (case.number, case.title, case.officer) == ("Дело № 7 (a)", "Cathinones from NL", OFFICER)
    assert case.handling == "TLP:AMBER+STRICT"
    assert case.check() == case.head


@pytest.mark.parametrize("again", ["2026-117", " 2026-117 "])
def test_a_case_that_exists_is_not_opened_again(book: CaseBook, again: str) -> None:
    book.new_case("2026-117", title="One", officer=OFFICER)
    with pytest.raises(BadInput, match="case 2026-117 exists"):
        book.new_case(again, title="Two", officer=OFFICER)
    assert [case.title for case in book.cases()] == ["One"]


def test_two_numbers_that_differ_in_case_alone_are_one(book: CaseBook) -> None:
    book.new_case("Дело-А", title="One", officer=OFFICER)
    with pytest.raises(BadInput, match="exists"):
        book.new_case("дело-а", title="Two", officer=OFFICER)


@pytest.mark.parametrize(
    "number", ["", "../up", "a/b", "a\\b", ".hidden", "-flag", "CON", "nul.txt", "a\nb", "x" * 81, "a."]
)
def test_a_number_that_is_no_safe_name_of_a_file_is_refused(book: CaseBook, number: str) -> None:
    with pytest.raises(BadInput, match="cannot be a case number"):
        book.new_case(number, title="T", officer=OFFICER)


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        ({"title": " ", "officer": OFFICER}, "title"),
        ({"title": "T", "officer": "\x1b[31m"}, "officer"),
        ({"title": "T", "officer": OFFICER, "handling": "TLP:WHITE"}, "TLP:CLEAR, TLP:GREEN"),
    ],
)
def test_a_head_that_cannot_be_is_refused_and_nothing_is_opened(
    book: CaseBook, said: dict[str, str], fault: str
) -> None:
    with pytest.raises(BadInput, match=fault):
        book.new_case("1", **said)
    assert book.cases() == ()


def test_a_listing_comes_with_its_vendor_its_sightings_and_all_their_captures(
    book: CaseBook, case_store: Store
) -> None:
    book.new_case("1", title="T", officer=OFFICER)
    twice_seen = next(body for body in case_store.scan("*") if body["times_seen"] == 2)
    added = book.add_to_case("1", "listing", [twice_seen["id"]], store=case_store, officer=OFFICER)
    case = book.case("1")
    kinds = [each.kind for each in case.snapshots]
    assert kinds == ["listing", "vendor", "observation", "observation", "capture", "capture", "capture"]
    assert (added.named, added.fresh, added.documents) == (1, 1, 7)
    assert case.named("listing")[0].body["title"] == twice_seen["title"]
    assert case.named("vendor") == ()
    case.check()


def test_an_id_may_be_cut_short_as_long_as_it_is_one_listings(book: CaseBook, case_store: Store) -> None:
    book.new_case("1", title="T", officer=OFFICER)
    whole = ids_in(case_store)[0]
    book.add_to_case("1", "listing", [whole[:12].upper()], store=case_store, officer=OFFICER)
    assert [each.id for each in book.case("1").named("listing")] == [whole]


@pytest.mark.parametrize("unknown", ["0" * 32, "0123456789ab", "not an id", "*"])
def test_an_id_nobody_has_is_named_and_nothing_is_added(book: CaseBook, case_store: Store, unknown: str) -> None:
    book.new_case("1", title="T", officer=OFFICER)
    with pytest.raises(BadInput) as wrong:
        book.add_to_case("1", "listing", [ids_in(case_store)[0], unknown], store=case_store, officer=OFFICER)
    assert unknown in str(wrong.value)
    assert len(book.case("1").acts) == 1


def test_vendors_and_captures_are_added_by_themselves(book: CaseBook, case_store: Store) -> None:
    book.new_case("1", title="T", officer=OFFICER)
    book.add_to_case("1", "vendor", ids_in(case_store, kind="vendor"), store=case_store, officer=OFFICER)
    book.add_found("1", "capture", "page_type:listing", store=case_store, officer=OFFICER, limit=3)
    case = book.case("1")
    assert {each.body["name"] for each in case.named("vendor")} == {"NordicLab", "Северный ветер"}
    assert len(case.named("capture")) == 3
    with pytest.raises(BadInput, match="not 'run'"):
        book.add_found("1", "run", "*", store=case_store, officer=OFFICER)


def test_a_query_adds_its_first_hits_and_says_how_many_there_were(book: CaseBook, case_store: Store) -> None:
    book.new_case("1", title="T", officer=OFFICER)
    added = book.add_found("1", "listing", "market:birchwood", store=case_store, officer=OFFICER, limit=3)
    assert (added.found, added.named, added.fresh) == (4, 3, 3)
    again = book.add_found("1", "listing", "market:birchwood", store=case_store, officer=OFFICER, limit=10)
    assert (again.named, again.fresh) == (4, 1)
    assert book.case("1").acts[1].detail["query"] == "market:birchwood"


def test_a_query_that_finds_nothing_or_cannot_be_read_adds_nothing(book: CaseBook, case_store: Store) -> None:
    book.new_case("1", title="T", officer=OFFICER)
    with pytest.raises(BadInput, match="finds no listing"):
        book.add_found("1", "listing", "substance:nothing", store=case_store, officer=OFFICER)
    with pytest.raises(BadQuery) as wrong:
        book.add_found("1", "listing", "price:<", store=case_store, officer=OFFICER)
    assert wrong.value.position == 6 or wrong.value.position == 7
    assert len(book.case("1").acts) == 1


def test_a_listing_that_changed_is_kept_as_it_was_and_as_it_is(book: CaseBook, case_store: Store) -> None:
    book.new_case("1", title="T", officer=OFFICER)
    id_ = ids_in(case_store)[0]
    for title in ("before", "after"):
        body = dict(case_store.get("listing", id_) or {}) | {"title": title}
        case_store.put(
            [Document(kind="listing", id=id_, body={k: v for k, v in body.items() if k not in ("id", "kind")})]
        )
        book.add_to_case("1", "listing", [id_], store=case_store, officer=OFFICER)
    case = book.case("1")
    assert [each.body["title"] for each in case.snapshots if each.kind == "listing"] == ["before", "after"]
    assert [each.body["title"] for each in case.named("listing")] == ["after"]
    case.check()


def test_adding_the_same_thing_again_leaves_no_act(book: CaseBook, case_store: Store, full_case: str) -> None:
    before = len(book.case(full_case).acts)
    added = book.add_found(full_case, "listing", "*", store=case_store, officer=OFFICER)
    assert (added.fresh, added.documents) == (0, 0)
    assert len(book.case(full_case).acts) == before


@pytest.mark.parametrize(
    "act",
    [
        lambda book, store: book.note("9", "x", officer=OFFICER),
        lambda book, store: book.case("9"),
        lambda book, store: book.add_found("9", "listing", "*", store=store, officer=OFFICER),
    ],
)
def test_a_case_nobody_opened_is_named(
    book: CaseBook, case_store: Store, act: Callable[[CaseBook, Store], object]
) -> None:
    with pytest.raises(BadInput, match="there is no case '9'"):
        act(book, case_store)


@pytest.mark.parametrize("text", ["", "  \n ", "\x1b[2J", "x" * 20_001])
def test_a_note_without_words_is_refused(book: CaseBook, text: str) -> None:
    book.new_case("1", title="T", officer=OFFICER)
    with pytest.raises(BadInput, match="a note must have"):
        book.note("1", text, officer=OFFICER)


def test_officers_who_write_at_once_make_one_chain(book: CaseBook, case_home: Path) -> None:
    book.new_case("1", title="T", officer=OFFICER)
    with ThreadPoolExecutor(8) as officers:
        list(officers.map(lambda number: CaseBook(case_home).note("1", f"note {number}", officer=OFFICER), range(40)))
    case = book.case("1")
    case.check()
    assert {act.detail["note"] for act in case.notes} == {f"note {number}" for number in range(40)}


@pytest.mark.parametrize("table", ["acts", "snapshots"])
@pytest.mark.parametrize("change", ["UPDATE {} SET key = key", "DELETE FROM {}"])
def test_the_file_refuses_to_change_what_is_in_it(
    book: CaseBook, full_case: str, case_home: Path, table: str, change: str
) -> None:
    db = sqlite3.connect(case_home / "cases/cases.db")
    with pytest.raises(sqlite3.IntegrityError, match="only added"):
        db.execute(change.format(table))
    db.close()


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE acts SET officer = 'Another' WHERE sequence = 2",
        'UPDATE acts SET detail = \'{"note": "x"}\' WHERE sequence = 3',
        "DELETE FROM acts WHERE sequence = 2",
        "DELETE FROM acts",
        "UPDATE snapshots SET body = '{}' WHERE place = 1",
        "DELETE FROM snapshots WHERE place = 3",
    ],
)
def test_a_change_by_force_is_found(book: CaseBook, full_case: str, case_home: Path, change: str) -> None:
    case = book.case(full_case)
    db = sqlite3.connect(case_home / "cases/cases.db", isolation_level=None)
    for (trigger,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        db.execute(f"DROP TRIGGER {trigger}")
    db.execute(change)
    db.close()
    assert case.acts
    with pytest.raises((BadResult, BadInput)):
        book.case(full_case).check()


def test_a_book_that_is_no_database_is_a_clear_error(case_home: Path) -> None:
    (case_home / "cases").mkdir()
    (case_home / "cases/cases.db").write_bytes(b"not a database, not at all, not even a little" * 30)
    with pytest.raises(BadInput, match="cannot be used"):
        CaseBook(case_home).cases()
