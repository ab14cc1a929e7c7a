"""All steps that make values of a page's words, in the order of ITEM_PIPELINES."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import reduce

from crawler.model.page import Gate, Page, PageType
from crawler.model.sighting import Capture, Sighting
from crawler.model.words import RawPage
from pipelines.amount import read_amount
from pipelines.identifiers import read_identifiers
from pipelines.language import read_language
from pipelines.linked_crime import read_linked_crime
from pipelines.listing import read_listing
from pipelines.offer import read_offer
from pipelines.place import read_place
from pipelines.price import read_price
from pipelines.substance import read_substance
from pipelines.vendor import read_vendor

Step = Callable[[Sighting], Sighting]

STEPS: tuple[Step, ...] = (
    read_vendor,
    read_listing,
    read_substance,
    read_price,
    read_amount,
    read_offer,
    read_place,
    read_language,
    read_identifiers,
    read_linked_crime,
)


def start_sighting(
    raw: RawPage, *, market: str, url: str, time: datetime | None = None, capture: Capture | None = None
) -> Sighting:
    """A sighting of a page as the reader handed it over, nothing understood yet but its kind."""
    read_at = datetime.now(UTC)
    return Sighting(
        market=market,
        url=url,
        time=time or read_at,
        dated=time is not None,
        raw=raw,
        page=Page.of(raw),
        capture=capture,
    )


def understand(sighting: Sighting) -> Sighting:
    """The sighting after all steps; a gate keeps its kind only, so that its words are never taken for a market's."""
    if sighting.raw.gate:
        gated = Page(page_type=PageType.GATE, gate=Gate(sighting.raw.gate))
        return Sighting(
            market=sighting.market,
            url=sighting.url,
            time=sighting.time,
            raw=sighting.raw,
            page=gated,
            capture=sighting.capture,
        )
    return reduce(lambda so_far, step: step(so_far), STEPS, sighting)
