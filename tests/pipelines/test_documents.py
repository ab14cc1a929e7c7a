from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from crawler.model.page import Gate, Listing, Page, PageType, Review, Vendor
from crawler.model.sighting import Capture, Document, Sighting
from crawler.model.values import Money
from crawler.model.words import RawPage
from pipelines.documents import documents_of
from pipelines.lifecycle import LifeRegister

TIME = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)


def sighting(page: Page, url: str = "http://a.onion/item?id=1", number: int = 1) -> Sighting:
    time = TIME + timedelta(hours=number)
    capture = Capture(
        market="m", run="r", url=url, time=time, status=200, payload_digest=f"sha256:{number:02}",
        record_id=f"<urn:uuid:{number}>", warc="m/r.warc.gz", offset=0, length=9,
    )  # fmt: skip
    return Sighting(
        market="m", url=url, time=time, raw=RawPage(page_type="listing", reader="1"), page=page, capture=capture
    )


def listing(amount: int = 10) -> Page:
    offered = Listing(title="3-MMC 1g", vendor="northlight", price=Money(amount=Decimal(amount), currency="EUR"))
    return Page(page_type=PageType.LISTING, listing=offered, reviews=(Review(text="fine", buyer="b***r"),))


def kinds(documents: tuple[Document, ...]) -> list[str]:
    return [document.kind for document in documents]


def test_a_first_sighting_gives_capture_listing_observation_and_reviews() -> None:
    made = documents_of(sighting(listing()), LifeRegister(None))
    assert kinds(made) == ["capture", "listing", "observation", "review"]
    body = made[1].body
    assert (body["state"], body["times_seen"], body["listing_id"]) == ("new", 1, "/item?id=1")
    assert made[2].body["listing"] == made[1].id


def test_an_unchanged_listing_gives_no_new_observation_and_a_changed_one_does() -> None:
    register = LifeRegister(None)
    documents_of(sighting(listing()), register)
    same = documents_of(sighting(listing(), number=2), register)
    assert "observation" not in kinds(same)
    assert (same[1].body["times_seen"], same[1].body["state"]) == (2, "seen")
    other = documents_of(sighting(listing(12), number=3), register)
    assert (other[1].body["state"], other[2].body["price"]) == ("changed", {"amount": 12, "currency": "EUR"})
    assert other[1].body["first_seen"] == same[1].body["first_seen"]


def test_the_same_capture_counts_once_however_often_it_is_read() -> None:
    register = LifeRegister(None)
    first = documents_of(sighting(listing()), register)
    again = documents_of(sighting(listing()), register)
    assert [each.id for each in again if each.kind != "observation"] == [e.id for e in first if e.kind != "observation"]
    assert again[1].body["times_seen"] == 1


def test_the_same_listing_on_a_mirror_is_the_same_listing() -> None:
    register = LifeRegister(None)
    here = documents_of(sighting(listing()), register)
    there = documents_of(sighting(listing(), url="http://b.onion/item?id=1", number=2), register)
    assert here[1].id == there[1].id


def test_what_stands_behind_a_gate_never_becomes_a_listing() -> None:
    gated = replace(listing(), page_type=PageType.GATE, gate=Gate.LOGIN)
    made = documents_of(sighting(gated), LifeRegister(None))
    assert kinds(made) == ["capture"]
    assert made[0].body["gate"] == "login"


def test_a_vendors_own_word_on_activity_stands_beside_our_sighting_and_buyers_are_not_kept() -> None:
    page = Page(
        page_type=PageType.VENDOR, vendor=Vendor(name="NorthLight", last_seen="2025-12-31"),
        reviews=(Review(text="good", buyer="someone"),),
    )  # fmt: skip
    made = documents_of(sighting(page), LifeRegister(None))
    vendor, review = made[1].body, made[2].body
    assert vendor["last_active"] == "2025-12-31"
    assert vendor["last_seen"].startswith("2026-01-02")
    assert "someone" not in str(review)


def test_a_page_of_the_same_bytes_is_no_change_however_it_is_read() -> None:
    register = LifeRegister(None)
    first = sighting(listing())
    documents_of(first, register)
    again = sighting(listing(12), number=2)
    assert again.capture is not None
    assert first.capture is not None
    same_bytes = replace(again.capture, payload_digest=first.capture.payload_digest)
    made = documents_of(replace(again, capture=same_bytes), register)
    assert made[1].body["state"] == "seen"
    assert made[1].body["price"] == {"amount": 12, "currency": "EUR"}
