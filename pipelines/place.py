"""Where goods come from and go to, as ISO 3166-1 codes with the page's own words."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from functools import cache

from config import vocabulary
from crawler.model.sighting import Sighting
from crawler.model.values import Place, Source
from crawler.model.words import Words

_FLAG_A = 0x1F1E6
_ALPHABET = 26
_STRONG = re.compile(r"\s*[,;/|•·\n\t،]+\s*")
_WEAK = re.compile(r"\s+(?:and|&|и|та|i|va|ва|және|жана|und|et|y|e|en|ve|او|و)\s+|\s*[&+]\s*", re.IGNORECASE)
_EXCEPT = re.compile(
    r"\b(?:except|excluding|excl\.?|but not|not to|no ship\w* to|without|outside|außer|ausser|ohne|sauf|hors"
    r"|excepto|menos|tranne|escluso|behalve|кроме|за исключением|исключая|крім|bundan tashqari|tashqari|ташқари"
    r"|басқа|башка|ғайр аз|ба ғайр|hariç|dışında)\b",
    re.IGNORECASE,
)
_BRACKETS = re.compile(r"[()\[\]{}]")
_LABEL = re.compile(
    r"^(?:ships?\s*(?:from|to)|from|to|отправка|доставка|из|в|nach|aus|von|naar|vers|depuis)\s*[:：]\s*", re.IGNORECASE
)
_SURE, _PART = 0.95, 0.8


def read_place(sighting: Sighting) -> Sighting:
    """The sighting with its listing's places: shipped from, shipped to."""
    listing, raw = sighting.page.listing, sighting.raw.listing
    if listing is None or raw is None:
        return sighting
    sources = dict(listing.sources)
    if raw.ships_from and raw.ships_from.text.strip():
        listing = replace(listing, ships_from=find_place(raw.ships_from.text))
        sources["ships_from"] = _source(raw.ships_from)
    if raw.ships_to and raw.ships_to.text.strip():
        listing = replace(listing, ships_to=find_places(raw.ships_to.text))
        sources["ships_to"] = _source(raw.ships_to)
    return replace(sighting, page=replace(sighting.page, listing=replace(listing, sources=sources)))


def _source(words: Words) -> Source:
    return Source(words=words.text, rule=words.rule, confidence=words.confidence)


def find_place(text: str) -> Place:
    """The place a text names: its words, and its country where they name one we know."""
    words = " ".join(text.split())
    return Place(text=words, country=country_of(words))


def find_places(text: str) -> tuple[Place, ...]:
    """The places of a list, each with its own words; an exclusion stays with the place it is taken from."""
    found: list[Place] = []
    excluding = False
    for part in filter(None, _STRONG.split(text.strip())):
        if excluding:
            found[-1] = Place(text=f"{found[-1].text}, {part}", country=found[-1].country)
            continue
        excluding = _EXCEPT.search(part) is not None
        if excluding and found and _EXCEPT.match(part):
            found[-1] = Place(text=f"{found[-1].text}, {part}", country=found[-1].country)
            continue
        found.extend([find_place(part)] if excluding else _split(part))
    return tuple(found)


def _split(part: str) -> list[Place]:
    whole = find_place(part)
    pieces = [find_place(piece) for piece in _WEAK.split(part) if piece.strip()]
    named_alone = _names().get(_even(part)) is not None
    if not named_alone and len(pieces) > 1 and all(piece.country for piece in pieces):
        return pieces
    return [whole]


def country_of(text: str) -> str | None:
    """The code of the country, WW or EU that a text names, or of the country of a city it names."""
    head = _EXCEPT.split(_LABEL.sub("", text))[0]
    known = _flag(head) or _code(head.upper() if len(head.strip()) == len("us") else head) or _known(head)
    if known:
        return known
    parts = [part for part in re.split(r"[,(/\-–—|\]\[)]", head) if part.strip()]
    codes = [code for part in reversed(parts) if (code := _code(part) or _known(part))]
    return codes[0] if codes else _inside(head)


def _flag(text: str) -> str | None:
    signs = [ord(sign) - _FLAG_A for sign in text if 0 <= ord(sign) - _FLAG_A < _ALPHABET]
    return "".join(chr(ord("A") + sign) for sign in signs[:2]) if len(signs) >= len("AA") else None


def _code(text: str) -> str | None:
    bare = text.strip(" .()[]")
    if len(bare) != len("AA") or not bare.isupper() or not bare.isascii():
        return None
    return {"UK": "GB"}.get(bare, bare) if bare in _codes() or bare == "UK" else None


def _known(text: str) -> str | None:
    return _names().get(_even(text))


def _inside(text: str) -> str | None:
    """The only country whose name of two words or five letters stands inside the text."""
    words = re.findall(r"[^\W\d_][^\W_]*(?:['’ʻ-][^\W_]+)*", _even(text))
    names = _names()
    spans = (" ".join(words[start : start + length]) for length in (3, 2, 1) for start in range(len(words)))
    codes = {names[span] for span in spans if len(span) > len("mali") and span in names}
    return codes.pop() if len(codes) == 1 else None


def _even(text: str) -> str:
    plain = unicodedata.normalize("NFKC", _BRACKETS.sub(" ", text)).casefold()
    return " ".join(re.sub(r"[’ʻʼ‘`´]", "'", plain).strip(" .:!*-–").split())


@cache
def _names() -> dict[str, str]:
    found: dict[str, str] = {}
    for row in vocabulary.table("countries"):
        for name in row["names"].split("; "):
            found.setdefault(_even(name), row["code"])
    for row in vocabulary.table("cities"):
        for name in row["names"].split("; "):
            found.setdefault(_even(name), row["country"])
    return found


@cache
def _codes() -> frozenset[str]:
    return frozenset(row["code"] for row in vocabulary.table("countries"))


class PlacePipeline:
    """Scrapy's form of `read_place`."""

    def process_item(self, item: Sighting) -> Sighting:
        """The sighting with its places."""
        return read_place(item)
