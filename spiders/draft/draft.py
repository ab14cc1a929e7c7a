"""What the pages of a market teach, as a profile a person can correct."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from config.profiles import Profile
from crawler.model.page import PageType
from crawler.model.reading import Received
from crawler.model.words import RawPage
from spiders.draft.crosscheck import Cards
from spiders.draft.following import find_following
from spiders.draft.found import FoundSelector, ReadPage
from spiders.draft.page_types import find_types
from spiders.draft.reviews import find_reviews
from spiders.draft.selectors import find_selectors
from spiders.reader.decode import decode
from spiders.reader.site import MOST_TO_LEARN_FROM, SiteReader
from spiders.reader.template import Template

_MOST_COMPARED = 120
_LARGEST_COMPARED = 400_000
_LEAST_SHARE = 0.5
_SHARE_OF_SEEN = 0.5
_FEWEST_SEEN = 10
_MARGIN = 0.2
_WATCHED = {
    "listing": ("title", "vendor", "price", "category", "ships_from", "ships_to", "stock", "rating", "description"),
    "vendor": ("name", "description", "joined", "rating"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Draft:
    """A drafted profile with the template behind it and what both were made from.

    ``page_types`` counts the pages by type, gates by ``gate:login`` and so on; ``filled`` is the share of a type's
    pages that fill a field; ``selectors`` are kept with how often they agreed with the reader.
    """

    profile: Profile
    template: Template
    pages: int
    page_types: dict[str, int]
    filled: dict[str, float]
    selectors: tuple[FoundSelector, ...] = field(default=())


def draft_profile(name: str, pages: Sequence[Received]) -> Draft:
    """A draft from pages of one site, in the order given; it is learnt from at most the first 200 of them.

    The same pages in the same order give the same draft.
    """
    teaching = pages[:MOST_TO_LEARN_FROM]
    types = find_types(_comparable(teaching, _taught(teaching, Profile(name=name))))
    reader = _taught(teaching, _with_selectors(Profile(name=name), types))
    learnt = dataclasses.replace(reader.template, selectors={})
    compared = _comparable(teaching, reader)
    following = find_following(compared)
    selectors = (*find_selectors(compared), *find_reviews(compared), *([following] if following else ()), *types)
    profile = _with_selectors(Profile(name=name, addresses=dict(sorted(learnt.shapes.items()))), selectors)
    corrected = SiteReader(profile=profile, template=learnt)
    read = [corrected.read(page) for page in pages]
    filled = _filled(read)
    expecting = Profile(
        name=name,
        addresses=profile.addresses,
        selectors=profile.selectors,
        minimums=_minimums(read),
        fill={field: _expected(share) for field, share in filled.items() if share >= _LEAST_SHARE},
    )
    return Draft(
        profile=expecting,
        template=corrected.template,
        pages=len(pages),
        page_types=dict(sorted(Counter(map(_type_of, read)).items())),
        filled=filled,
        selectors=selectors,
    )


def _taught(pages: Sequence[Received], profile: Profile) -> SiteReader:
    reader = SiteReader(profile=profile)
    for page in pages:
        reader.learn(page)
    return reader


def _with_selectors(profile: Profile, selectors: Iterable[FoundSelector]) -> Profile:
    return dataclasses.replace(profile, selectors={found.key: found.css for found in selectors})


def _comparable(pages: Sequence[Received], reader: SiteReader) -> list[ReadPage]:
    """The pages selectors are compared on: of each type about as many, and none that is too large."""
    kept: list[ReadPage] = []
    count: Counter[str] = Counter()
    for page in pages:
        raw = reader.read(page)
        if len(page.body) <= _LARGEST_COMPARED and count[raw.page_type] < _MOST_COMPARED:
            count[raw.page_type] += 1
            kept.append(ReadPage.of(decode(page.body, page.content_type), raw, page.url))
    cards = Cards(kept)
    for read in kept:
        cards.agree(read)
    return kept


def _type_of(raw: RawPage) -> str:
    return f"{raw.page_type}:{raw.gate}" if raw.gate else raw.page_type


def _filled(read: Sequence[RawPage]) -> dict[str, float]:
    shares: dict[str, float] = {}
    for part, names in _WATCHED.items():
        items = [getattr(raw, part) for raw in read if raw.page_type == part and getattr(raw, part)]
        if len(items) >= _FEWEST_SEEN:
            for name in names:
                shares[f"{part}.{name}"] = round(sum(bool(getattr(item, name)) for item in items) / len(items), 4)
    return shares


def _expected(share: float) -> float:
    """A share a later run must reach: well below what was seen, so that a run of other shelves is no alarm."""
    return round(max(0.0, share - _MARGIN) * 20) / 20


def _minimums(read: Sequence[RawPage]) -> dict[str, int]:
    types = Counter(raw.page_type for raw in read)
    seen = {
        "pages": len(read) - types[PageType.GATE.value],
        "listings": types[PageType.LISTING.value],
        "vendors": types[PageType.VENDOR.value],
    }
    return {name: int(count * _SHARE_OF_SEEN) for name, count in seen.items() if count >= _FEWEST_SEEN}
