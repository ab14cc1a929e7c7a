"""Where a parcel comes from and goes to, and the cities of dead drops."""

from __future__ import annotations

import re

from crawler.model.words import RawOption, Words
from spiders.reader.facts import Facts
from spiders.reader.listed import listed_fact
from spiders.reader.pairs import Pair
from spiders.reader.sheet import Sheet
from spiders.reader.vocabulary import fold, fold_label, labels
from spiders.reader.worded import worded_place
from spiders.reader.world import is_place

_ARROW = re.compile(r"\s*(?:→|⇒|➔|➜|➝|➡|⬇|->|=>|⟶|>>|►|▶|»)\s*|\s+>\s+")
_UNSTATED = frozenset({"", "unknown", "undeclared", "n/a", "none", "not stated", "не указано", "неизвестно", "нет"})
_LETTER = re.compile(r"[^\W\d_]")
_LONGEST = 400
_LONGEST_CITY = 60
_MOST_CITIES = 100
_LONGEST_SAID = 200
_SENTENCE = re.compile(r"[.!;·|]\s+|[.!;]$|\n")
_OPENING = frozenset({"we", "i", "all", "orders", "items", "item", "product", "this", "vendor", "seller", "мы"})
_CLOSING = frozenset({"only", "please", "too", "только"})
_MOST_WORDS = 40
_WEAK_LABEL = 9  # shorter ones may mean something else: "from", "to", "location"
_BESIDE = ("cards", "reviews", "description", "terms")


def find_route(facts: Facts) -> tuple[Words | None, Words | None]:
    """The words for origin and destination, from labels, an arrow between places, "From X", "To Y", unknown labels."""
    source, target = _stated(facts, "ships_from"), _stated(facts, "ships_to")
    for pair in [*facts.all("ships_from")[:1], *facts.all("route"), *facts.all("delivery")[:1]]:
        parts = _ARROW.split(" ".join(pair.value.split()), maxsplit=1)
        if len(parts) == 2 and all(parts):
            split = [_words(part, "label:route", pair.confidence) for part in parts]
            replaces = pair.field == "ships_from"
            source = split[0] if replaces or source is None else source
            target = target or split[1]
    if source is None and target is None:
        source, target = _drawn(facts.sheet)
    if source is None or target is None:
        spoken = _spoken(facts.sheet)
        source, target = source or spoken.get("ships_from"), target or spoken.get("ships_to")
    source = source or worded_place(facts.sheet, "ships_from") or listed_fact(facts.sheet, "ships_from")
    target = target or worded_place(facts.sheet, "ships_to") or listed_fact(facts.sheet, "ships_to")
    return _known(source), _known(target)


def _spoken(sheet: Sheet) -> dict[str, Words]:
    """Short lines such as "From Germany" and "To Europe": a word of direction, then the name of a place."""
    found: dict[str, Words] = {}
    for k, text in enumerate(sheet.dom.texts):
        if len(text) > _LONGEST_SAID or sheet.framed(k) or sheet.within_any(_BESIDE[:2], k):
            continue
        for sentence in _SENTENCE.split(text):
            said = _said(sentence.split())
            if said:
                found.setdefault(said[0], _words(said[1], f"words:{said[0]}", 0.7))
    return found


def _said(words: list[str]) -> tuple[str, str] | None:
    """Field and place of a sentence such as "We ship from Germany" or "Ships to EU, US only"."""
    while words and fold_label(words[0]) in _OPENING:
        words = words[1:]
    while words and fold_label(words[-1]) in _CLOSING:
        words = words[:-1]
    for count in (1, 2, 3) if len(words) <= _MOST_WORDS else ():
        fields = labels().exact.get(fold_label(" ".join(words[:count])), ())
        rest = " ".join(words[count:]).strip(" .")
        if fields and fields[0] in ("ships_from", "ships_to") and is_place(rest):
            return fields[0], rest
    return None


def _known(words: Words | None) -> Words | None:
    """The words, unless they say that the place is not stated."""
    return None if words is not None and fold_label(words.text) in _UNSTATED else words


def _words(text: str, rule: str, confidence: float) -> Words:
    return Words(text=text[:_LONGEST], rule=rule, confidence=round(confidence, 2))


def _stated(facts: Facts, field: str) -> Words | None:
    for pair in facts.all(field):
        value = " ".join(pair.value.split())
        if field == "ships_to" and (listed := _listed(facts.sheet, pair)):
            return _words(", ".join(listed), "label:ships_to", pair.confidence)
        if len(value) <= _LONGEST and any(map(str.isalnum, value)) and _holds(facts.sheet, pair, value):
            value = _in_pieces(facts.sheet, pair) or value
            return _words(value, f"label:{pair.field}", pair.confidence)
    return None


def _in_pieces(sheet: Sheet, pair: Pair) -> str | None:
    """Places that stand in an element each, with commas between them."""
    inline = pair.start == pair.label_k or pair.stop - pair.start < 2
    texts = [] if inline else [sheet.dom.texts[k].strip(" ,;|·•") for k in range(pair.start, pair.stop)]
    named = [text for text in texts if text]
    return ", ".join(named) if len(named) > 1 and all(map(is_place, named)) else None


def _listed(sheet: Sheet, pair: Pair) -> list[str]:
    """The places on lines of their own below a value that names none: "Ships to: certain countries"."""
    texts = sheet.dom.texts
    if pair.how == "suffix" or is_place(pair.value) or any(map(is_place, re.split(r"\s*[,;/]\s*", pair.value))):
        return []
    found: list[str] = []
    for k in range(max(pair.stop, pair.label_k + 1), min(len(texts), pair.stop + _MOST_CITIES)):
        if not is_place(texts[k].strip(" ,;•·-")):
            break
        found.append(texts[k].strip(" ,;•·-"))
    return found


def _holds(sheet: Sheet, pair: Pair, value: str) -> bool:
    """Whether the value is what the label means: behind a short or bare label only the name of a place."""
    label = fold_label(sheet.dom.texts[pair.label_k].partition(":")[0])
    if pair.how not in ("prefix", "inline", "beside", "below") or len(label.split()) > 1:
        return True
    weak = len(label) < _WEAK_LABEL or pair.how == "prefix"
    return not weak or is_place(_ARROW.split(value)[0]) or pair.confidence >= 0.85


def _drawn(sheet: Sheet) -> tuple[Words | None, Words | None]:
    """A route without labels: "Germany → Europe" in one text or several."""
    texts = sheet.dom.texts
    for k, text in enumerate(texts):
        if len(text) > _LONGEST or sheet.framed(k) or sheet.within_any(_BESIDE, k):
            continue
        parts = _ARROW.split(text)
        if len(parts) == 2 and parts[0] and parts[1] and is_place(parts[0]) and is_place(parts[1]):
            return _words(parts[0], "places:route", 0.7), _words(parts[1], "places:route", 0.7)
        apart = k + 2 < len(texts) and _ARROW.fullmatch(texts[k + 1]) is not None
        if apart and is_place(text) and is_place(texts[k + 2]):
            return _words(text, "places:route", 0.7), _words(texts[k + 2], "places:route", 0.7)
        if _ARROW.match(text) and k and parts[-1] and is_place(parts[-1]) and is_place(texts[k - 1]):
            return _words(texts[k - 1], "places:route", 0.7), _words(parts[-1], "places:route", 0.7)
    return None, None


def find_cities(facts: Facts, options: tuple[RawOption, ...]) -> tuple[Words, ...]:
    """The cities a listing is offered in, those of its options first of all."""
    found: dict[str, Words] = {}
    for option in options:
        if option.city:
            found.setdefault(fold(option.city), Words(text=option.city, rule="option:city", confidence=0.8))
    for pair in facts.all("city") if not found else ():
        for city in _city_words(facts.sheet, pair):
            if city and len(city) < _LONGEST_CITY:
                found.setdefault(fold(city), _words(city, f"label:{pair.field}", pair.confidence))
        if found:
            break
    return tuple(found.values())[:_MOST_CITIES]


def _city_words(sheet: Sheet, pair: Pair) -> list[str]:
    """The cities of a value: its elements, each on a button or link of its own, or its words between commas."""
    texts = [sheet.dom.texts[k] for k in range(pair.start, pair.stop)] if pair.start != pair.label_k else []
    apart = [text.strip(" ,;|·•") for text in texts if _LETTER.search(text)]
    some = apart if len(apart) > 1 else re.split(r"\s*[,;/|•·\n]\s*", pair.value)
    return [city for city in some if fold_label(city) not in labels().buttons]
