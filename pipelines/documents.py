"""A sighting as documents: its capture, the listing's latest state, the observation, the vendor, the reviews."""

from __future__ import annotations

from typing import Any

from crawler.model.address import page_key
from crawler.model.identity import stable_id
from crawler.model.page import PageType
from crawler.model.plain import iso, plain
from crawler.model.sighting import Capture, Document, Sighting
from pipelines.lifecycle import LifeRegister

_NOT_OBSERVED = ("sources", "first_seen", "last_seen", "times_seen")


def documents_of(sighting: Sighting, register: LifeRegister) -> tuple[Document, ...]:
    """All documents of a sighting; a gate gives its capture alone, so that its content is never taken for a market's.

    Ids depend on market, page and content only: making them twice changes nothing.
    """
    documents = list(captures_of(sighting))
    page_type = sighting.page.page_type
    if page_type is PageType.LISTING and sighting.page.listing is not None:
        documents += _listing(sighting, register)
    elif page_type is PageType.VENDOR and sighting.page.vendor is not None:
        documents.append(_vendor(sighting, register))
    if page_type is not PageType.GATE:
        documents += _reviews(sighting)
    return tuple(documents)


def captures_of(sighting: Sighting) -> tuple[Document, ...]:
    """The document of the sighting's capture alone: the page as evidence, nothing of what it says."""
    return (_capture(sighting),) if sighting.capture is not None else ()


def unread_document(capture: Capture, why: str) -> Document:
    """The document of a capture that will never be read as a page, with the reason in ``unread``."""
    return Document(kind="capture", id=_id_of(capture), body=plain(capture) | {"unread": why})


def capture_id(sighting: Sighting) -> str:
    """The id of the sighting's capture; empty when the page was read without one."""
    return "" if sighting.capture is None else _id_of(sighting.capture)


def listing_id(market: str, key: str) -> str:
    """The id of the listing at a page's key."""
    return stable_id("listing", market, key)


def life_event(id_: str, body: dict[str, Any], time: str, capture: str | None) -> list[Document]:
    """The documents of a listing whose state turned without a page to read: its own, and the observation.

    ``capture`` is the id of the capture that shows it, where there is one.
    """
    state = body["state"]
    seen = {name: value for name, value in body.items() if name not in _NOT_OBSERVED} | {"listing": id_, "seen": time}
    shown = seen | ({"capture": capture} if capture else {})
    event = stable_id("observation", id_, state, capture or time)
    return [Document(kind="listing", id=id_, body=body), Document(kind="observation", id=event, body=shown)]


def _id_of(capture: Capture) -> str:
    return stable_id("capture", capture.market, capture.record_id)


def _capture(sighting: Sighting) -> Document:
    body = plain(sighting.capture) | {"page_type": sighting.page.page_type.value}
    if sighting.page.gate is not None:
        body["gate"] = sighting.page.gate.value
    return Document(kind="capture", id=capture_id(sighting), body=body)


def _listing(sighting: Sighting, register: LifeRegister) -> list[Document]:
    key = page_key(sighting.url)
    id_ = listing_id(sighting.market, key)
    said = plain(sighting.page.listing)
    sources = said.pop("sources", {})
    seen, capture = iso(sighting.time), capture_id(sighting)
    life = register.sighted("listing", id_, _own_words(said), seen, capture, _payload(sighting))
    common = said | {"market": sighting.market, "listing_id": key, "url": sighting.url, "capture": capture}
    body = common | {"sources": sources} | _life(life)
    register.keep_body("listing", id_, body)
    documents = [Document(kind="listing", id=id_, body=body)]
    if life.state not in ("seen", "hidden"):
        readers = {"template": sighting.raw.template, "reader": sighting.raw.reader}
        observation = common | {"listing": id_, "seen": seen, "state": life.state} | plain(readers)
        documents.append(
            Document(kind="observation", id=stable_id("observation", id_, capture or seen), body=observation)
        )
    return documents


def _payload(sighting: Sighting) -> str:
    return "" if sighting.capture is None else sighting.capture.payload_digest


def _own_words(said: dict[str, Any]) -> dict[str, Any]:
    """What the listing itself says: a new exchange rate is no change of a listing."""
    offer = {name: value for name, value in said.get("offer", {}).items() if name != "price_per_gram_ref"}
    return said | {"offer": offer} if "offer" in said else said


def _vendor(sighting: Sighting, register: LifeRegister) -> Document:
    vendor = plain(sighting.page.vendor)
    if said := vendor.pop("last_seen", None):  # the page's word on the vendor; ours on the page is kept as last_seen
        vendor["last_active"] = said
    name = vendor.get("name") or page_key(sighting.url)
    id_ = stable_id("vendor", sighting.market, name.casefold())
    seen, capture = iso(sighting.time), capture_id(sighting)
    life = register.sighted("vendor", id_, vendor, seen, capture, _payload(sighting))
    common = {"market": sighting.market, "url": sighting.url, "capture": capture}
    return Document(kind="vendor", id=id_, body=vendor | common | _life(life))


def _reviews(sighting: Sighting) -> list[Document]:
    subject = _subject(sighting)
    seen, capture = iso(sighting.time), capture_id(sighting)
    documents = []
    for review in sighting.page.reviews:
        said = plain(review)
        buyer = said.pop("buyer", None)  # buyers are not investigated: kept only so far as to tell two reviews apart
        words = [str(said.get(name, "")) for name in ("text", "rating", "date")]
        id_ = stable_id("review", sighting.market, *subject.values(), buyer or "", *words)
        body = said | subject | {"market": sighting.market, "seen": seen, "capture": capture}
        documents.append(Document(kind="review", id=id_, body=body))
    return documents


def _subject(sighting: Sighting) -> dict[str, str]:
    page = sighting.page
    if page.listing is not None:
        vendor = {"vendor": page.listing.vendor} if page.listing.vendor else {}
        return {"listing": listing_id(sighting.market, page_key(sighting.url))} | vendor
    if page.vendor is not None and page.vendor.name:
        return {"vendor": page.vendor.name}
    return {}


def _life(life: Any) -> dict[str, Any]:
    return {
        "first_seen": life.first_seen,
        "last_seen": life.last_seen,
        "times_seen": life.times_seen,
        "state": life.state,
    }
