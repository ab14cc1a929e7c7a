from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from crawler.model.sighting import Document, Sighting
from pipelines.drift import DriftWatch
from pipelines.health_book import HELD, WAITING, HealthBook
from tests.pipelines.sightings import START, gate, listing

RUN = {"market": "birch", "verdict": "good", "reasons": [], "read": 20}


def _run(
    folder: Path, name: str, items: Iterable[Sighting], least: Mapping[str, float] | None = None
) -> tuple[list[Sighting], list[Document]]:
    """What went on to the index, and the documents at the end of the run."""
    watch = DriftWatch(folder, "birch", least or {})
    indexed: list[Sighting] = []
    for item in items:
        ready = watch.take(item)
        watch.indexed(ready)
        indexed += ready
    ready = watch.settle()
    watch.indexed(ready)
    return indexed + ready, watch.close(Document(kind="run", id=name, body=RUN | {"run": name}), START)


def _held(folder: Path, state: str | None = None) -> list[str]:
    return [page.capture.url for page in HealthBook(folder, "birch").held(state)]


def test_a_run_like_the_one_before_goes_to_the_index_whole(tmp_path: Path) -> None:
    for name in ("r1", "r2"):
        items = [listing(number) for number in range(30)]
        indexed, documents = _run(tmp_path, name, items)
        assert indexed == items
        assert [document.kind for document in documents] == ["run"]
        assert documents[0].body["verdict"] == "good"
        assert documents[0].body["fill"]["listing.price"] == 1.0
    assert _held(tmp_path) == []


def test_pages_that_lost_a_field_all_pages_had_stay_out_of_the_index(tmp_path: Path) -> None:
    _run(tmp_path, "r1", [listing(number) for number in range(30)])
    changed = [listing(number, priced=False) for number in range(30)]
    indexed, (run, alert) = _run(tmp_path, "r2", changed)
    assert indexed == []
    assert run.body["verdict"] == "degraded"
    assert "30 pages are held in quarantine" in run.body["reasons"]
    assert (alert.kind, alert.body["about"], "listing.price" in alert.body["text"]) == ("alert", "drift", True)
    pages = HealthBook(tmp_path, "birch").held(HELD)
    assert len(pages) == 30
    assert pages[4].capture == changed[4].capture
    assert pages[4].template == "0123456789abcdef"
    assert "listing.price" in pages[4].why


def test_one_page_without_the_field_is_no_drift_and_is_indexed_at_the_end(tmp_path: Path) -> None:
    _run(tmp_path, "r1", [listing(number) for number in range(30)])
    items = [listing(number, priced=number != 7) for number in range(30)]
    indexed, (run,) = _run(tmp_path, "r2", items)
    assert sorted(each.url for each in indexed) == sorted(each.url for each in items)
    assert run.body["verdict"] == "good"
    assert _held(tmp_path) == []


def test_a_market_that_changes_in_the_middle_of_its_first_run_is_noticed(tmp_path: Path) -> None:
    items = [listing(number, priced=number < 60) for number in range(100)]
    indexed, (run, _) = _run(tmp_path, "r1", items)
    assert indexed == items[:60]
    assert run.body["held"] == 40


@pytest.mark.parametrize("linked_as", ["listing", "category"])  # by the link, and by the address alone
def test_listings_that_turn_into_other_pages_stay_out_of_the_index(tmp_path: Path, linked_as: str) -> None:
    _run(tmp_path, "r1", [listing(number) for number in range(30)])
    turned = [replace(listing(number, page_type="other"), expected=linked_as) for number in range(30)]
    indexed, (run, alert) = _run(tmp_path, "r2", turned)
    assert indexed == []
    assert (run.body["verdict"], run.body["held"], len(run.body["alarms"])) == ("degraded", 30, 1)
    assert "should be a listing" in alert.body["text"]
    assert {page.doubts for page in HealthBook(tmp_path, "birch").held(HELD)} == {("linked.listing",)}


def test_a_listing_among_many_that_is_another_page_now_is_no_drift(tmp_path: Path) -> None:
    _run(tmp_path, "r1", [listing(number) for number in range(30)])
    items = [listing(number, page_type="other" if number == 9 else "listing") for number in range(30)]
    indexed, (run,) = _run(tmp_path, "r2", items)
    assert (len(indexed), run.body["verdict"]) == (30, "good")


def test_listings_that_turn_in_the_middle_of_a_first_run_are_noticed(tmp_path: Path) -> None:
    items = [listing(number, page_type="listing" if number < 60 else "other") for number in range(100)]
    indexed, (run, _) = _run(tmp_path, "r1", items)
    assert (len(indexed), run.body["held"]) == (60, 40)


def test_what_a_profile_expects_is_watched_from_the_first_run_on(tmp_path: Path) -> None:
    items = [listing(number, priced=False) for number in range(15)]
    indexed, (run, _) = _run(tmp_path, "r1", items, {"listing.price": 0.8})
    assert (indexed, run.body["held"]) == ([], 15)


def test_listings_that_all_say_the_same_are_held_but_for_the_first(tmp_path: Path) -> None:
    items = [listing(number, title="Lamp", price=5) for number in range(20)]
    indexed, (run, alert) = _run(tmp_path, "r1", items)
    assert len(indexed) <= 2
    assert run.body["held"] >= 18
    assert "say the same" in alert.body["text"]


def test_gates_instead_of_content_raise_an_alert(tmp_path: Path) -> None:
    _run(tmp_path, "r1", [listing(number) for number in range(30)])
    _, (run, alert) = _run(tmp_path, "r2", [gate(number) for number in range(12)])
    assert run.body["verdict"] == "degraded"
    assert "most of them login" in alert.body["text"]


def test_a_run_that_drifted_teaches_the_next_one_nothing(tmp_path: Path) -> None:
    _run(tmp_path, "r1", [listing(number) for number in range(30)])
    for name in ("r2", "r3"):
        indexed, _ = _run(tmp_path, name, [listing(number, priced=False) for number in range(30)])
        assert indexed == []


def test_what_waits_when_a_run_is_killed_is_on_disk(tmp_path: Path) -> None:
    _run(tmp_path, "r1", [listing(number) for number in range(30)])
    watch = DriftWatch(tmp_path, "birch", {})
    assert watch.take(listing(3, priced=False)) == []
    assert _held(tmp_path, WAITING) == ["http://m.example/item/3"]


def test_many_waiting_pages_are_judged_before_the_run_ends(tmp_path: Path) -> None:
    _run(tmp_path, "r1", [listing(number) for number in range(30)])
    watch = DriftWatch(tmp_path, "birch", {})
    gone = sum(len(watch.take(listing(number, priced=bool(number % 3)))) for number in range(6100))
    assert gone > 6000


def test_entering_a_run_twice_keeps_it_once(tmp_path: Path) -> None:
    _run(tmp_path, "r1", [listing(number) for number in range(30)])
    book = HealthBook(tmp_path, "birch")
    (run,) = book.runs()
    book.enter(run)
    assert book.runs() == [run]
