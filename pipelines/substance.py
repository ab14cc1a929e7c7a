"""Which substances a text names: exact names through disguises and endings, then sound, then misspelling."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from itertools import islice
from typing import NamedTuple

from config import vocabulary as tables
from crawler.model.page import Offer, Substance
from crawler.model.sighting import Sighting
from crawler.model.values import Source
from pipelines import emergent
from pipelines.folding import HARD, JOINED, Folded, by_sound, fold, is_cyrillic, squeeze, undisguised
from pipelines.vocabulary import Alias, Entry, Vocabulary, deletions_of, load_vocabulary, sound_of

_LONGEST_TEXT = 6000
_SURE, _ENDED, _SOUNDED, _DISGUISED, _MISSPELT, _WEAK = 0.99, 0.95, 0.85, 0.85, 0.75, 0.6
_EMERGENT = 0.6
_SHORTEST_ENDED = 3
_LONGEST_PLAIN_WEAK = 5
_SHORTEST_BEFORE_DIGITS = 4
_LONGEST_ENDING = 7
_SHORTEST_SPACED = 3
_SHORTEST_LEET = 4
_SHORTEST_MISSPELT = 8
_SHORTEST_SOUND = 5
_LEET = str.maketrans("013457@$", "oieastas")
_LEET_OTHER = str.maketrans("013457@$", "oleastas")
_LIST = re.compile(r"\s*(?:#\s?\d)?\s*(?:[/+&,|]|and|und|et|и|y|va|ва|және|жана|ve|или|or)\s*", re.IGNORECASE)


class Span(NamedTuple):
    """A name found: letters ``start`` to ``end`` of the text, the substance, how sure, whether an everyday word."""

    start: int
    end: int
    entry: Entry
    confidence: float
    weak: bool
    emergent: bool = False
    name: str | None = None
    stamp: bool = False
    form: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class _Context:
    trade: frozenset[str]
    elsewhere: tuple[str, ...]
    unless_weighed: tuple[str, ...]
    gives_way: dict[str, tuple[str, ...]]
    never_misspelt: frozenset[str]
    beside: dict[str, tuple[str, ...]]


def read_substance(sighting: Sighting) -> Sighting:
    """The sighting with the substances its listing's title names, or else its description."""
    listing = sighting.page.listing
    if listing is None or not (listing.title or listing.description):
        return sighting
    found, field = find_in_listing(listing.title or "", listing.description)
    if not found:
        return sighting
    offer = replace(listing.offer or Offer(), substances=found)
    words = "; ".join(one.matched_text for one in found)
    source = Source(words=words, rule=f"vocabulary:{field}", confidence=min(one.confidence for one in found))
    sources = {**listing.sources, "offer.substances": source}
    return replace(sighting, page=replace(sighting.page, listing=replace(listing, offer=offer, sources=sources)))


def find_in_listing(title: str, description: str | None) -> tuple[tuple[Substance, ...], str]:
    """The substances of a listing and the field that names them.

    Where the title is silent the first certain name of the description counts: what follows are mostly comparisons.
    """
    found = find_substances(title)
    if found or not description:
        return found, "title"
    certain = (one for one in find_substances(description[:_LONGEST_TEXT]) if one.confidence > _WEAK)
    return tuple(islice(certain, 1)), "description"


def find_substances(text: str) -> tuple[Substance, ...]:
    """The substances a text names, in reading order, each once, with the words they were read from."""
    folded = fold(text)
    if not folded.letters:
        return ()
    lowered = text.lower()
    if _speaks_of_something_else(lowered):
        return ()
    known = load_vocabulary()
    spans = [span for view in (folded, *undisguised(folded)) for span in _spans(view, known)]
    chosen = _believed(text, lowered, _longest(spans))
    return _without_wider(_once(_substance(text, span) for span in _without_likeness(lowered, chosen)))


_LIKENESS = re.compile(r"\s?-?(?:analogu?e?s?|аналог\w*|alternative|substitute|replacement|ersatz)(?!\w)")


def _without_likeness(lowered: str, spans: list[Span]) -> list[Span]:
    """Without the names a title only likens another to: "3F-α-PVP (α-PVP analog)"."""
    own = [span for span in spans if not _LIKENESS.match(lowered, span.end)]
    return own or spans


def _without_wider(found: Iterable[Substance]) -> tuple[Substance, ...]:
    """Without the name of a group, or of a strength, where the title names the thing itself: "K2 paper, JWH-018"."""
    every = tuple(found)
    said = {one.name for one in every} | {one.substance_class for one in every if one.nps}
    return tuple(
        one
        for one in every
        if said.isdisjoint({*_context().gives_way.get(one.name, ())} - {one.name})
        or all(other.name == one.name for other in every)
    )


def _spans(folded: Folded, known: Vocabulary) -> list[Span]:
    exact = [_placed(folded, span) for span in _exact(folded, known)]
    coined = [_coined(one, known) for one in emergent.find(folded.text) if not _is_listed_name(one.name, known)]
    taken = _longest(exact + coined)
    return taken + [_placed(folded, span) for span in _near(folded, known, taken)]


def _coined(one: emergent.Coined, known: Vocabulary) -> Span:
    """A name by a pattern: a listed one that only sounds so ("N-этилпентедрон"), or one nobody listed."""
    listed = known.by_sound.get(sound_of(squeeze(one.name))) if not one.name.isascii() else None
    if listed:
        return Span(one.start, one.end, listed.entry, _SOUNDED, False)
    entry = Entry(name=one.name, substance_class=one.substance_class, nps=True)
    return Span(one.start, one.end, entry, _EMERGENT, False, True, one.name)


def _placed(folded: Folded, span: Span) -> Span:
    return span._replace(start=folded.places[span.start], end=folded.places[span.end - 1] + 1)


def _exact(folded: Folded, known: Vocabulary) -> Iterator[Span]:
    for last, key in known.automaton.iter(folded.letters):
        start = last - len(key) + 1
        if not _may_start(folded, start):
            continue
        for alias in known.aliases[key]:
            span = _checked(folded, known, alias, start)
            if span:
                yield span


def _may_start(folded: Folded, start: int) -> bool:
    if folded.breaks[start]:
        return True
    return folded.letters[start - 1].isdigit() and is_cyrillic(folded.letters[start])


def _checked(folded: Folded, known: Vocabulary, alias: Alias, start: int) -> Span | None:
    end = start + len(alias.key)
    inside = [index - start for index in range(start + 1, end) if folded.breaks[index]]
    spaced = len(inside) == len(alias.key) - 1 >= _SHORTEST_SPACED - 1
    if inside and not spaced:
        hard = any(folded.breaks[start + seam] == HARD for seam in inside)
        if hard or not alias.seams.issuperset(inside):
            return None
    stop = folded.word_end(end) if not folded.breaks[end] else end
    rest = folded.letters[end:stop]
    if not _may_end(rest, alias, known) or (rest and _is_another(folded.letters[start:stop], alias, known)):
        return None
    if alias.capitals and not folded.words_at(start, end).isupper():
        return None
    confidence = _WEAK if alias.weak else _ENDED if rest or spaced else _SURE
    stop = stop if rest.isalpha() and rest else end
    return Span(start, stop, alias.entry, confidence, alias.weak, stamp=alias.stamp, form=alias.form)


def _may_end(rest: str, alias: Alias, known: Vocabulary) -> bool:
    if not rest:
        return not alias.stem
    if rest[0].isdigit() and not alias.stem:
        return alias.key[-1].isalpha() and len(alias.key) >= _SHORTEST_BEFORE_DIGITS
    if alias.brand or (alias.weak and alias.key.isascii() and len(alias.key) <= _LONGEST_PLAIN_WEAK):
        return rest == "s"
    if len(alias.key) < _SHORTEST_ENDED or (alias.key.isascii() and len(alias.key) == _SHORTEST_ENDED):
        return False
    return rest in known.endings[_script(alias.key[-1])]


def _is_another(word: str, alias: Alias, known: Vocabulary) -> bool:
    """Whether the whole word is a name of its own: "heroine" is no case of "heroin"."""
    if word in _context().never_misspelt:
        return True
    return any(one.weak and not one.stem for one in known.aliases.get(word, ())) and not alias.weak


def _script(letter: str) -> str:
    if letter.isascii():
        return "latin"
    return "cyrillic" if is_cyrillic(letter) else "arabic"


def _near(folded: Folded, known: Vocabulary, taken: list[Span]) -> Iterator[Span]:
    for start, end in _words(folded):
        place = folded.places[start]
        if any(span.start <= place < span.end for span in taken):
            continue
        word = folded.letters[start:end]
        near = _near_word(word, known)
        if near:
            yield Span(start, end, near[0].entry, near[1], False)


def _is_listed_name(name: str, known: Vocabulary) -> bool:
    """Whether a coined name is a listed one after all; a code must be so to the letter, a word may sound alike."""
    word = squeeze(name)
    return word in known.aliases or word in known.refused or (name.isalpha() and _near_word(word, known) is not None)


def _words(folded: Folded) -> Iterator[tuple[int, int]]:
    start = 0
    for index in range(1, len(folded.letters) + 1):
        if folded.breaks[index] >= JOINED:
            yield start, index
            start = index


def _near_word(word: str, known: Vocabulary) -> tuple[Alias, float] | None:
    if len(word) < _SHORTEST_LEET or word.isdigit() or word in _context().never_misspelt:
        return None
    if not word.isalpha():
        return _leet(word, known)
    for stem in _stems(word, known):
        alias = known.by_sound.get(sound_of(stem)) if len(stem) > _SHORTEST_SOUND else None
        if alias:
            return alias, _SOUNDED
    return _misspelt(word, known) if len(word) >= _SHORTEST_MISSPELT else None


def _stems(word: str, known: Vocabulary) -> Iterator[str]:
    yield word
    endings = known.endings[_script(word[-1])]
    for cut in range(1, min(_LONGEST_ENDING, len(word) - _SHORTEST_SOUND) + 1):
        if word[-cut:] in endings:
            yield word[:-cut]


def _leet(word: str, known: Vocabulary) -> tuple[Alias, float] | None:
    if not any(letter.isalpha() for letter in word) or (word[0].isdigit() and word[1:2].isdigit()):
        return None
    for table in (_LEET, _LEET_OTHER):
        decoded = word.translate(table)
        alias = next((one for one in known.aliases.get(decoded, ()) if not one.stem and not one.weak), None)
        if alias and decoded.isalpha():
            return alias, _DISGUISED
    return None


def _misspelt(word: str, known: Vocabulary) -> tuple[Alias, float] | None:
    read = by_sound(word)
    candidates = {key for shorter in deletions_of(read) for key in known.deletions.get(shorter, ())}
    if not candidates or not read.isascii():
        return None
    from rapidfuzz.distance import OSA

    near = [known.aliases[key][0] for key in candidates if key[0] == read[0] and OSA.distance(read, key) <= 1]
    return (near[0], _MISSPELT) if near and all(one.entry is near[0].entry for one in near) else None


def _longest(spans: Iterable[Span]) -> list[Span]:
    """The spans that do not overlap, longer and surer ones first, in reading order."""
    chosen: list[Span] = []
    for span in sorted(spans, key=lambda one: (one.start - one.end, -one.confidence, one.start)):
        if all(span.end <= other.start or span.start >= other.end for other in chosen):
            chosen.append(span)
    return sorted(chosen)


def _believed(text: str, lowered: str, spans: list[Span]) -> list[Span]:
    """Without everyday words that have no trade beside them, or only gloss a certain name in the same title."""
    spans = [
        span for span in spans if not (_is_false_friend(lowered, span) or (span.stamp and not _PILL.search(lowered)))
    ]
    if not all(span.form for span in spans):
        spans = [span for span in spans if not span.form]
    certain = [span for span in spans if not span.weak]
    if not certain:
        return spans if any(span.weak for span in spans) and _has_trade(lowered) else []
    return [span for span in spans if not span.weak or _is_listed(text, span, spans)]


def _is_listed(text: str, weak: Span, spans: list[Span]) -> bool:
    for other in spans:
        if other is not weak:
            between = text[min(weak.end, other.end) : max(weak.start, other.start)]
            if between and _LIST.fullmatch(between):
                return True
    return False


def _is_false_friend(lowered: str, span: Span) -> bool:
    name, beside = squeeze(lowered[span.start : span.end]), _context().beside
    words = next((beside[key] for cut in range(4) if (key := name[: len(name) - cut]) in beside), None)
    around = f" {lowered[: span.start]} {lowered[span.end :]} "
    return words is not None and any(_has_word(around, word) for word in words)


def _has_word(text: str, word: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text) is not None


def _speaks_of_something_else(lowered: str) -> bool:
    context = _context()
    return any(word in lowered and _has_word(lowered, word) for word in context.elsewhere) or (
        any(word in lowered and _has_word(lowered, word) for word in context.unless_weighed)
        and not (_WEIGHT.search(lowered) or _PILL.search(lowered))
    )


_WORD = re.compile(r"\w+")
_WEIGHT = re.compile(r"\d\s?(?:k?g|gr|gramm?s?|oz|lb|г|гр|кг|грамм\w{0,2})(?!\w)")
_PILL = re.compile(r"(?<![\d.,])(?:1[2-9]\d|2\d\d|3[0-5]\d)\s?(?:mg|мг)(?!\w)")
_AMOUNT = re.compile(
    r"(?:^|\s)x\s?\d|\d\s*(?:k?g|gr|gms?|gr\.|gramm?[a-z]{0,2}|gramos?|mg|[uµμm]c?g|oz|г|гр|грамм\w*|мг|мкг|кг|گرام|گرم|ګرام\w*|tabs?|pills?|шт|мл|uds|unidades|stk|stück|stuks|adet|dona|дона|даана|дана|pcs|pezzi|pz|cachets?|pastis?|x|х)\b|[½¼]|\b(?:half|quarter|eighth|oz|ounce|kilo)\b|пол(?:кило|грамм)",
    re.IGNORECASE,
)


def _has_trade(lowered: str) -> bool:
    return _AMOUNT.search(lowered) is not None or not _context().trade.isdisjoint(_WORD.findall(lowered))


@cache
def _context() -> _Context:
    tree = tables.tree("context")
    beside = {squeeze(row["name"]): tuple(row["beside"].split("; ")) for row in tables.table("false_friends")}
    return _Context(
        trade=frozenset(tree["trade"]),
        elsewhere=tuple(tree["elsewhere"]),
        unless_weighed=tuple(tree["unless_weighed"]),
        gives_way={name: tuple(others) for name, others in tree["gives_way"].items()},
        never_misspelt=frozenset(map(squeeze, tree["never_misspelt"])),
        beside=beside,
    )


def _substance(text: str, span: Span) -> Substance:
    return Substance(
        name=span.name or span.entry.name,
        substance_class=span.entry.substance_class,
        nps=span.entry.nps,
        emergent=span.emergent,
        matched_text=text[span.start : span.end],
        confidence=span.confidence,
    )


def _once(found: Iterable[Substance]) -> Iterator[Substance]:
    """Each substance once, where it is first named, with the surest of its words."""
    best: dict[str, Substance] = {}
    for one in found:
        known = best.get(one.name)
        if known is None or one.confidence > known.confidence:
            best[one.name] = one
    return iter(best.values())


class SubstancePipeline:
    """Scrapy's form of `read_substance`."""

    def process_item(self, item: Sighting) -> Sighting:
        """The sighting with its substances."""
        return read_substance(item)
