from __future__ import annotations

import re
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest

from casework.cases.verify import check_case_folder
from casework.page.forms import LARGEST_FORM, local_address
from index.opening import open_store
from tests.casework.page.desk import Desk
from tests.casework.page.forms import OFFICER, followed, hidden_fields, key_of, open_case, send
from tests.casework.page.made_market import listing_id, made_documents, vendor_id
from tests.casework.page.served import ask, served

_NORDIC = vendor_id("birchwood", "NordicLab")


def _picked(*numbers: int) -> list[tuple[str, str]]:
    return [("kind", "listing"), ("what", "picked"), *(("id", listing_id(number)) for number in numbers)]


def test_a_case_goes_from_the_form_to_a_folder_a_stranger_can_verify(desk: Desk) -> None:
    page = followed(desk.address, open_case(desk.address, "2026-117 (№ 4)"))
    assert "Case 2026-117 (№ 4) is open." in page.words
    assert "2026-117 (№ 4) : Катиноны из NL" in page.words or "2026-117 (№ 4): Катиноны из NL" in page.words

    back = "/?q=3-MMC&sort=price"
    fields = [*_picked(6, 9, 12), ("number", "2026-117 (№ 4)"), ("officer", OFFICER), ("back", back)]
    answer = send(desk.address, "/add", fields)
    assert answer.headers["location"].startswith(back + "&said=")
    page = followed(desk.address, answer)
    assert "3 listings added to case 2026-117 (№ 4). Open the case" in page.words
    assert "listings added" not in ask(desk.address + answer.headers["location"]).words

    case = f"/case/{quote('2026-117 (№ 4)')}"
    page = followed(
        desk.address, send(desk.address, case + "/notes", {"note": "Запрос\nот 12 ноября <b>", "officer": OFFICER})
    )
    assert "Запрос от 12 ноября <b>" in page.words

    answer = send(desk.address, case + "/exports", {"language": "ru", "officer": OFFICER})
    assert answer.status == 303
    page = desk.exported("2026-117 (№ 4)")
    folder = next((desk.home / "exports").iterdir())
    verdict = check_case_folder(folder)
    assert re.fullmatch(r"2026-117 \(№ 4\)-\d{8}T\d{6}Z", folder.name)
    assert (verdict.number, verdict.listings) == ("2026-117 (№ 4)", 3)
    assert str(folder) in page.words
    assert verdict.seal in page.words
    assert "Запрос" in (folder / "data" / "report.html").read_text()
    assert 'lang="ru"' in (folder / "data" / "report.html").read_text()
    assert [act.officer for act in desk.book.case("2026-117 (№ 4)").acts] == [OFFICER] * 4


def test_a_new_case_can_be_opened_for_what_was_ticked(desk: Desk) -> None:
    asked = send(desk.address, "/add", [*_picked(1, 2), ("number", ""), ("officer", OFFICER)])
    assert asked.status == 200
    assert "2 listings will be added" in asked.words
    kept = [(name, value) for name, value in hidden_fields(asked.text) if name != "token"]
    fields = [*kept, ("number", "A-1"), ("title", "Two"), ("handling", "TLP:RED"), ("officer", OFFICER)]
    page = followed(desk.address, send(desk.address, "/cases", fields))
    assert "Case A-1 is open. 2 listings added to case A-1." in page.words
    assert desk.book.case("A-1").named_ids("listing") == {listing_id(1), listing_id(2)}
    assert desk.book.case("A-1").handling == "TLP:RED"


def test_all_a_search_finds_can_be_added(desk: Desk) -> None:
    open_case(desk.address, "B")
    fields = {"kind": "listing", "what": "found", "query": '(3-MMC) market:"сад"', "number": "B", "officer": OFFICER}
    page = followed(desk.address, send(desk.address, "/add", fields))
    count = desk.store.count('(3-MMC) market:"сад"')
    assert f"{count} listings added to case B." in page.words
    again = followed(desk.address, send(desk.address, "/add", fields))
    assert f"0 listings added to case B, {count} were in it." in again.words


@pytest.mark.parametrize("kind", ["vendor", "capture"])
def test_vendors_and_captures_are_added_from_their_pages(desk: Desk, kind: str) -> None:
    open_case(desk.address, "C-7")
    listing = desk.store.get("listing", listing_id(3))
    assert listing is not None
    id_ = _NORDIC if kind == "vendor" else listing["capture"]
    fields = [pair for pair in hidden_fields(ask(f"{desk.address}/{kind}/{id_}").text) if pair[0] != "token"]
    answer = send(desk.address, "/add", [*fields, ("number", "c-7"), ("officer", OFFICER)])
    assert answer.headers["location"].startswith(f"/{kind}/{id_}?said=")
    page = followed(desk.address, answer)
    assert f"1 {kind} added to case C-7." in page.words
    assert "In C-7" in page.words
    assert id_ in ask(f"{desk.address}/case/C-7").text


def test_the_list_shows_each_case_with_what_is_in_it(desk: Desk) -> None:
    assert "No case yet" in ask(desk.address + "/cases").words
    open_case(desk.address, "2026-1", "<i>First</i>")
    open_case(desk.address, "2026-2", "Second")
    send(desk.address, "/add", [*_picked(0, 1), ("number", "2026-1"), ("officer", OFFICER)])
    page = ask(desk.address + "/cases")
    assert page.words.index("2026-1") < page.words.index("2026-2")
    assert "2026-1 <i>First</i> TLP:AMBER А. Каримов 2 0 0 0" in page.words
    assert "/case/2026-2" in page.text


def test_a_case_shows_what_it_keeps_when_the_index_has_it_no_more(desk: Desk) -> None:
    open_case(desk.address, "D")
    send(desk.address, "/add", [*_picked(0), ("number", "D"), ("officer", OFFICER)])
    empty = open_store(f"sqlite:///{desk.home}/other.db")
    with served(empty, desk.home) as address:
        page = ask(address + "/case/D")
        assert "<script>document.title='owned'</script>" in page.words
        assert "chain is unbroken" in page.words
        gone = send(address, "/add", [*_picked(1), ("number", "D"), ("officer", OFFICER)])
        assert gone.status == 400
        assert f"Nothing was added: the listing {listing_id(1)} is gone from the index." in gone.words
    empty.close()


def test_what_cannot_be_opened_is_said_and_what_was_typed_stays(desk: Desk) -> None:
    open_case(desk.address, "2026-5", "Existing")
    again = open_case(desk.address, "2026-5", 'Another "title"')
    assert again.status == 400
    assert "Case 2026-5 exists already: Existing." in again.words
    assert 'value="Another &#34;title&#34;"' in again.text
    for number, why in (
        ("../x", "cannot be a case number"),
        ("a/b", "cannot be"),
        ("", "cannot be"),
        ("CON", "cannot be"),
    ):
        refused = open_case(desk.address, number)
        assert refused.status == 400
        assert why in refused.words
    assert "title must be one line" in open_case(desk.address, "N", " ").words
    assert "officer's name must be" in open_case(desk.address, "N", officer="").words
    assert "No handling code" in open_case(desk.address, "N", handling="TLP:PINK").words
    assert [case.number for case in desk.book.cases()] == ["2026-5"]


def test_a_case_is_not_opened_for_listings_that_are_gone(desk: Desk) -> None:
    fields = [("kind", "listing"), ("id", "f" * 32), ("number", "N"), ("title", "T"), ("handling", "TLP:RED")]
    refused = send(desk.address, "/cases", [*fields, ("officer", OFFICER)])
    assert refused.status == 400
    assert "gone from the index" in refused.words
    assert desk.book.cases() == ()


def test_other_mistakes_are_said_in_words(desk: Desk) -> None:
    open_case(desk.address, "E")
    nothing = send(desk.address, "/add", {"kind": "listing", "what": "picked", "number": "E", "officer": OFFICER})
    assert "Nothing is picked: tick what shall go into the case." in nothing.words
    assert "a case holds" in send(desk.address, "/add", {"kind": "run", "id": "1", "number": "E"}).words.lower()
    assert send(desk.address, "/add", [*_picked(1), ("number", "none"), ("officer", OFFICER)]).status == 404
    assert send(desk.address, "/case/none/notes", {"note": "x", "officer": OFFICER}).status == 404
    assert ask(desk.address + "/case/none").status == 404
    empty = send(desk.address, "/case/E/notes", {"note": " ", "officer": OFFICER})
    assert "a note must have" in empty.words
    long = send(desk.address, "/case/E/notes", {"note": "ы" * 20_001, "officer": OFFICER})
    assert long.status == 400
    assert "ы" * 20_001 in long.words
    assert "the case is empty" in send(desk.address, "/case/E/exports", {"language": "en", "officer": OFFICER}).words
    send(desk.address, "/add", [*_picked(1), ("number", "E"), ("officer", OFFICER)])
    refused = send(desk.address, "/case/E/exports", {"language": "uz", "officer": OFFICER})
    assert "reports are written in en or ru" in refused.words
    assert not (desk.home / "exports").exists()


def test_an_export_that_fails_says_why_and_one_with_losses_can_be_wanted(desk: Desk) -> None:
    open_case(desk.address, "F")
    send(desk.address, "/add", [*_picked(1), ("number", "F"), ("officer", OFFICER)])
    shutil.rmtree(desk.home / "captures")
    send(desk.address, "/case/F/exports", {"language": "en", "officer": OFFICER})
    page = desk.exported("F")
    assert "Nothing was exported. 1 captures cannot be put into the folder" in page.words
    assert list((desk.home / "exports").iterdir()) == []
    time.sleep(1.1)  # folders are named by the second
    send(desk.address, "/case/F/exports", {"language": "en", "officer": OFFICER, "allow_missing": "yes"})
    page = desk.exported("F")
    assert "1 captures are missing in it" in page.words
    assert "Nothing was exported" not in page.words


def test_a_case_that_was_tampered_with_says_so(desk: Desk) -> None:
    import sqlite3

    open_case(desk.address, "G", "Before")
    db = sqlite3.connect(desk.home / "cases" / "cases.db")
    db.executescript("DROP TRIGGER acts_stay; UPDATE acts SET detail = replace(detail, 'Before', 'After')")
    db.close()
    page = ask(desk.address + "/case/G").words
    assert "This case is not as it was written." in page
    assert "The chain of acts is broken." in page


def test_a_case_book_that_cannot_be_read_does_not_stop_the_search(desk: Desk) -> None:
    (desk.home / "cases").mkdir(exist_ok=True)
    (desk.home / "cases" / "cases.db").write_bytes(b"no database " * 100)
    page = ask(desk.address + "/?q=3-MMC")
    assert page.status == 200
    assert "cases.db cannot be used" in page.words
    assert "cases.db cannot be used" in ask(desk.address + "/cases").words


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://127.0.0.1:1"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}, 403),
        ({"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}, 403),
        ({"Sec-Fetch-Site": "none"}, 403),
        ({"Origin": None, "Sec-Fetch-Site": None}, 403),
        ({"Host": "evil.example"}, 421),
        ({"Cookie": None}, 403),
        ({"Cookie": "npswatch-1=x"}, 403),
        ({"Content-Type": "text/plain"}, 415),
        ({"Content-Type": "multipart/form-data; boundary=x"}, 415),
        ({"Content-Type": "application/x-www-form-urlencoded; charset=utf-7"}, 415),
        ({"Content-Type": None}, 415),
    ],
)
def test_a_form_that_is_not_from_this_page_writes_nothing(
    desk: Desk, headers: dict[str, str | None], status: int
) -> None:
    fields = {"number": "X", "title": "T", "handling": "TLP:RED", "officer": OFFICER}
    answer = send(desk.address, "/cases", fields, headers)
    assert answer.status == status, answer.words
    assert desk.book.cases() == ()


@pytest.mark.parametrize("headers", [{"Origin": None}, {"Sec-Fetch-Site": None}])
def test_one_word_of_where_a_form_comes_from_is_enough(desk: Desk, headers: dict[str, str | None]) -> None:
    fields = {"number": "X", "title": "T", "handling": "TLP:RED", "officer": OFFICER}
    assert send(desk.address, "/cases", fields, headers).status == 303


@pytest.mark.parametrize("path", ["/cases", "/add", "/case/H/notes", "/case/H/exports"])
def test_every_form_needs_the_token(desk: Desk, path: str) -> None:
    open_case(desk.address, "H")
    send(desk.address, "/add", [*_picked(1), ("number", "H"), ("officer", OFFICER)])
    before = desk.book.case("H").acts
    fields = [*_picked(1, 2), ("number", "H" if path == "/add" else "I"), ("title", "T"), ("handling", "TLP:RED")]
    fields += [("officer", OFFICER), ("note", "kept words"), ("language", "en")]
    for token in ("", "0" * 64):
        answer = send(desk.address, path, [("token", token), *fields])
        assert answer.status == 403
        assert "this form was made before the page was started" in answer.words.lower()
        if path.endswith("notes"):
            assert "kept words" in answer.words
    assert desk.book.case("H").acts == before
    assert len(desk.book.cases()) == 1
    assert not (desk.home / "exports").exists()


def test_the_key_of_another_process_opens_nothing(desk: Desk) -> None:
    with served(desk.store, desk.home) as other:
        token, _ = key_of(other)
    assert open_case(desk.address, "X", token=token).status == 403


def test_the_cookie_is_for_this_page_and_its_server_alone(desk: Desk) -> None:
    cookie = ask(desk.address + "/").headers["set-cookie"]
    assert re.fullmatch(r"npswatch-\d+=[0-9a-f]{64}; HttpOnly; Path=/; SameSite=strict", cookie)
    assert "set-cookie" not in ask(desk.address + "/", {"Cookie": cookie.partition(";")[0]}).headers


def test_a_form_too_long_or_not_readable_is_refused(desk: Desk) -> None:
    assert open_case(desk.address, "X", "t" * LARGEST_FORM).status == 413
    many = [("id", str(number)) for number in range(2_000)]
    assert send(desk.address, "/add", many).status == 400
    assert send(desk.address, "/cases", {"number": "X"}, {"Content-Length": "5000000"}).status == 413
    assert desk.book.cases() == ()


@pytest.mark.parametrize("text", ["//evil.example/", "https://evil.example/", "/\\evil.example", "x", "", "/a\r\nb: c"])
def test_only_an_address_of_this_page_leads_back(text: str) -> None:
    assert local_address(text) is None
    assert local_address("/?q=a b&f=market:сад") is not None


def test_the_form_says_who_works_here(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NPSWATCH_OFFICER", "Б. Садыков")
    with served(desk.store, desk.home) as address:
        assert 'value="Б. Садыков"' in ask(address + "/cases").text
        open_case(address, "J", officer="В. Ким")
        assert 'value="В. Ким"' in ask(address + "/cases").text


def test_a_case_takes_from_elasticsearch_what_it_takes_from_the_home(
    new_elasticsearch_address: Callable[[], str], tmp_path: Path
) -> None:
    store = open_store(new_elasticsearch_address())
    assert store.put(made_documents(tmp_path / "captures")) == ()
    store.refresh()
    with served(store, tmp_path) as address:
        open_case(address, "K")
        found = {"what": "found", "query": "3-MMC", "number": "K", "officer": OFFICER}
        page = followed(address, send(address, "/add", found))
        assert f"{store.count('3-MMC')} listings added to case K." in page.words
        page = followed(address, send(address, "/add", [*_picked(30), ("number", "K"), ("officer", OFFICER)]))
        assert "In K" in ask(f"{address}/listing/{listing_id(30)}").words
    store.close()
