"""The language of a listing over title and description: a BCP 47 tag, ``mixed`` or ``und``."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache, lru_cache

from config import vocabulary
from crawler.model.sighting import Sighting
from crawler.model.values import Source
from pipelines import emergent
from pipelines.folding import squeeze
from pipelines.language_model import load_model_aside, model
from pipelines.vocabulary import load_vocabulary

UNKNOWN, MIXED = "und", "mixed"
_LONGEST_TEXT = 3000
_KNOWN_TO_DETECTOR = frozenset(("en", "ru", "uk", "de", "nl", "fr", "es", "it", "tr"))
_LEAST_SHARE = 0.25
_WORD_WEIGHT, _NAME_WEIGHT = 0.45, 0.45
_DOUBT = 0.1
_DETECTOR_WEIGHT = 0.5
_LEAST_LETTERS = 3
_SPELT = 8
_LONGEST_CODE, _LONGEST_CODE_PART = 16, 3
_LONG_ENOUGH = 18
_ENOUGH_FOR_COMPANION = 22
_FEW_LETTERS = 36
_CERTAIN = 0.9
_LONG_ENOUGH_TO_BE_CERTAIN = 14
_UNTOLD = 0.25  # what a language loses of which a short title shows no telling word
_PRIOR = {"en": 0.3, "ru": 0.3}  # what a title of few words is most often written in
_TOKEN = re.compile(r"[^\s/|,;:!?()\[\]{}«»\"“”*+=<>~–—]+")
_TRIM = ".-_'’`…•"
_UNIT = re.compile(
    r"(?:m?[kg]?g|gr|ml|oz|lb|pcs|mcg|ug|x|hcl|г|гр|мг|кг|мл|шт|мкг|л|l|eur|usd|btc|xmr|uk|us|eu|nl|de|ww|vhq|mq|hq|aaa|md|ex)",
    re.IGNORECASE,
)
_ACRONYM = re.compile(r"[A-Z]{2,6}s?|[A-Z0-9-]+")


@dataclass(frozen=True, kw_only=True, slots=True)
class _Tables:
    words: Mapping[str, frozenset[str]]
    sole: Mapping[str, str]
    beyond: Mapping[str, frozenset[str]]
    names: frozenset[str]
    english: frozenset[str]
    local: Mapping[str, frozenset[str]]


def read_language(sighting: Sighting) -> Sighting:
    """The sighting with the language of its listing."""
    listing = sighting.page.listing
    if listing is None or not (listing.title or listing.description):
        return sighting
    tag = find_language(listing.title or "", listing.description)
    source = Source(
        words=(listing.title or listing.description or "")[:200], rule="language:title+description", confidence=0.8
    )
    changed = replace(listing, language=tag, sources={**listing.sources, "language": source})
    return replace(sighting, page=replace(sighting.page, listing=changed))


def find_language(title: str, description: str | None = None) -> str:
    """The language of title and description together: a tag, ``mixed`` for two at once, ``und`` where nothing tells."""
    text = f"{title}\n{description}"[:_LONGEST_TEXT] if description else title
    words = _words(text)
    letters = Counter(script for word in words if (script := _script(word)) in _BY_SCRIPT for _ in word)
    total = letters.total()
    if total < _LEAST_LETTERS:
        return _of_spelt_name(title)
    scripts = [script for script, count in letters.most_common() if count >= _LEAST_SHARE * total]
    own = [script for script in scripts if not _is_brand(words, script)] if len(scripts) > 1 else scripts
    return MIXED if len(own) > 1 else _of_script((own or scripts)[0], words)


def _without_names(tokens: list[str]) -> list[str]:
    """The tokens without those that together write a substance's code: "5 meo dmt", "ab fubinaca"."""
    short = [token.isascii() and (len(token) <= _LONGEST_CODE_PART or any(map(str.isdigit, token))) for token in tokens]
    kept, start = [], 0
    while start < len(tokens):
        sizes = (size for size in (4, 3, 2) if any(short[start : start + size]))
        length = next((size for size in sizes if _is_code(tokens[start : start + size], size)), 0)
        kept += [] if length else tokens[start : start + 1]
        start += length or 1
    return kept


def _is_code(tokens: list[str], size: int) -> bool:
    joined = "".join(tokens)
    if len(tokens) < size or len(joined) > _LONGEST_CODE or not joined.isascii():
        return False
    key = squeeze(joined)
    return key in _tables().names and (any(map(str.isdigit, key)) or load_vocabulary().aliases[key][0].entry.nps)


def _of_spelt_name(text: str) -> str:
    """English or Russian where a chemical name is all there is, spelt out in its letters: "3-метилметкатинон"."""
    for token in _TOKEN.findall(text):
        spelt = Counter(_script_of(letter) for letter in token if letter.isalpha())
        if spelt["latin"] >= _SPELT and (squeeze(token) in _tables().english or emergent.is_coined(token)):
            return "en"
        if spelt["cyrillic"] >= _SPELT:
            return "ru"
    return UNKNOWN


def _is_brand(words: list[str], script: str) -> bool:
    """Whether all that stands in Latin script beside another is capitalised names without a telling word."""
    foreign = [word for word in words if _script(word) == script]
    if script != "latin" or not all(word != word.lower() for word in foreign):
        return False
    if squeeze(" ".join(foreign)) in load_vocabulary().aliases:
        return True  # «шишки White Widow»
    told = any(_hits(map(str.lower, foreign), _BY_SCRIPT["latin"]).values())
    return len(foreign) == 1 or not (told or any(_is_name(word, squeeze(word), script) for word in foreign))


def _words(text: str) -> list[str]:
    """The words that can tell a language: no codes, units, acronyms, nor tokens with digits."""
    tokens = (token.strip(_TRIM) for token in _without_names(_TOKEN.findall(text)))
    kept = [
        token
        for token in tokens
        if token
        and not any(map(str.isdigit, token))
        and "@" not in token
        and not _UNIT.fullmatch(token)
        and _script(token)
        and (len(token) > 1 or not token.isascii())
    ]
    shouted = sum(map(str.isupper, kept)) > len(kept) / 2
    return [token for token in kept if shouted or not _ACRONYM.fullmatch(token) or len(token) == 1]


@lru_cache(maxsize=4096)
def _script(word: str) -> str | None:
    """The one script a word is written in; Cyrillic for a word of it in which Latin look-alikes stand."""
    scripts = Counter(_script_of(letter) for letter in word if letter.isalpha())
    if scripts.keys() == {"cyrillic", "latin"} and scripts["cyrillic"] >= scripts["latin"]:
        return "cyrillic"
    return next(iter(scripts)) if len(scripts) == 1 else None


def _script_of(letter: str) -> str:
    if "Ѐ" <= letter <= "ԯ":
        return "cyrillic"
    if "؀" <= letter <= "ۿ":
        return "arabic"
    return "latin" if letter < "ɐ" else "other"


_BY_SCRIPT = {
    "latin": ("en", "de", "nl", "fr", "es", "it", "tr", "uz-Latn"),
    "cyrillic": ("ru", "uk", "kk", "ky", "tg", "uz-Cyrl"),
    "arabic": ("fa-AF", "ps"),
}


def _of_script(script: str, words: list[str]) -> str:
    if script not in _BY_SCRIPT:
        return UNKNOWN
    chosen = [word for word in words if _script(word) == script]
    lowered = [re.sub("[’ʻʼ‘`]", "'", word.lower()) for word in chosen]
    sole = _sole_letter(lowered)
    if sole in _BY_SCRIPT[script]:
        return sole
    if script == "arabic":
        hits = _hits(lowered, _BY_SCRIPT[script])
        return "ps" if hits["ps"] > hits["fa-AF"] else "fa-AF"
    possible = _possible(script, lowered)
    return possible[0] if len(possible) == 1 else _judged(possible, chosen, lowered, script)


def _sole_letter(words: Iterable[str]) -> str:
    letters = Counter(tag for word in words for letter in word if (tag := _tables().sole.get(letter)))
    return letters.most_common(1)[0][0] if letters else ""


def _possible(script: str, words: list[str]) -> tuple[str, ...]:
    """The languages of a script whose alphabet has all the letters seen."""
    if script != "cyrillic":
        return _BY_SCRIPT[script]
    tables = _tables()
    every = frozenset().union(*tables.beyond.values())
    seen = {letter for word in words for letter in word} & every
    fits = tuple(tag for tag in _BY_SCRIPT[script] if seen <= tables.beyond[tag])
    return fits or _BY_SCRIPT[script]


def _judged(possible: tuple[str, ...], words: list[str], lowered: list[str], script: str) -> str:
    """The most likely of the possible languages by telling words and the companion; langdetect where unsure."""
    keys = [squeeze(word) for word in words]
    telling = [word for word, key in zip(words, keys, strict=True) if not _is_name(word, key, script)]
    if not telling:
        return _of_names(keys, words)
    letters = sum(map(len, telling))
    shares = _model_shares(" ".join(telling), possible, script)
    trust = min(1.0, letters / _ENOUGH_FOR_COMPANION)
    weights = {tag: trust * share for tag, share in shares.items()}
    untold = 0.0 if letters > _FEW_LETTERS else _UNTOLD
    for tag, hits in _hits(lowered, possible).items():
        local = sum(tag in _tables().local.get(key, ()) for key in keys) if tag != "ru" else 0
        weights[tag] += _WORD_WEIGHT * hits + _NAME_WEIGHT * local + _PRIOR.get(tag, 0.0)
        if not (hits or local or tag in _PRIOR or (shares[tag] > _CERTAIN and letters >= _LONG_ENOUGH_TO_BE_CERTAIN)):
            weights[tag] -= untold
    (first, most), *others = sorted(weights.items(), key=lambda one: -one[1])
    unsure = not others or most - others[0][1] < _DOUBT
    if unsure and letters >= _LONG_ENOUGH and first in _KNOWN_TO_DETECTOR:
        weights = _with_detector(weights, " ".join(words))
        first = max(weights, key=lambda tag: weights[tag])
    return first


def _is_name(word: str, key: str, script: str) -> bool:
    """Whether a Latin word is the name of a substance, which is alike in many languages."""
    return script == "latin" and ((word.isascii() and key in _tables().names) or emergent.is_coined(word))


def _of_names(keys: list[str], words: list[str]) -> str:
    """The language of a title that only names substances: that of a spelling of one language, or English."""
    tables = _tables()
    spelt = [tables.local[key] for key in keys if key in tables.local]
    if spelt and len(spelt[0]) == 1:
        return next(iter(spelt[0]))
    english = any(key in tables.english for key in keys) or any(
        word.isascii() and emergent.is_coined(word) for word in words
    )
    return "en" if english else UNKNOWN


def _hits(words: Iterable[str], tags: Iterable[str]) -> dict[str, int]:
    tables = _tables()
    known = list(words)
    parts = [*known, *(part for word in known if "'" in word for part in word.split("'", 1))]
    return {tag: sum(word in tables.words[tag] for word in parts) for tag in tags}


def _model_shares(text: str, possible: tuple[str, ...], script: str) -> dict[str, float]:
    ranked = model().rank(text)
    weights: dict[str, float] = dict.fromkeys(possible, 0.0)
    for label, share in ranked:
        tag = f"uz-{'Latn' if script == 'latin' else 'Cyrl'}" if label == "uz" else label
        if tag in weights:
            weights[tag] += float(share)
    total = sum(weights.values()) or 1.0
    return {tag: weight / total for tag, weight in weights.items()}


def _with_detector(weights: dict[str, float], text: str) -> dict[str, float]:
    from langdetect import DetectorFactory, detect_langs
    from langdetect.lang_detect_exception import LangDetectException

    DetectorFactory.seed = 0
    try:
        said = {one.lang: one.prob for one in detect_langs(text)}
    except LangDetectException:
        return weights
    return {tag: weight + _DETECTOR_WEIGHT * said.get(tag, 0.0) for tag, weight in weights.items()}


@cache
def _tables() -> _Tables:
    tree, known = vocabulary.tree("languages"), load_vocabulary()
    return _Tables(
        words={tag: frozenset(words.split()) for tag, words in tree["words"].items()},
        sole={letter: tag for tag, letters in tree["letters"].items() for letter in letters},
        beyond={tag: frozenset(letters) for tag, letters in tree["alphabets"].items()},
        names=frozenset(key for key, found in known.aliases.items() if not found[0].weak),
        english=known.international | _english_names(),
        local={key: tags for key, tags in _local_names().items() if key not in known.international},
    )


def _english_names() -> frozenset[str]:
    """Names of substances that English, or every language, spells so."""
    rows = ((row["alias"], row["languages"].split(), row["strength"]) for row in vocabulary.table("aliases"))
    return frozenset(
        squeeze(alias) for alias, tags, how in rows if how not in ("weak", "pill", "form") and {"en", "mul"} & {*tags}
    )


def _local_names() -> dict[str, frozenset[str]]:
    """Names of substances that only some languages spell so."""
    rows = (
        (row["alias"], row["languages"].split())
        for row in vocabulary.table("aliases")
        if row["strength"] not in ("weak", "pill", "form")
    )
    tags = {"uz": "uz-Latn"}
    return {
        squeeze(alias): frozenset(tags.get(one, one) for one in languages)
        for alias, languages in rows
        if not {"en", "mul", "ru"}.intersection(languages)
    }


class LanguagePipeline:
    """Scrapy's form of `read_language`; its model is read while the first page is on its way."""

    def __init__(self) -> None:
        load_model_aside()

    def process_item(self, item: Sighting) -> Sighting:
        """The sighting with its language."""
        return read_language(item)
