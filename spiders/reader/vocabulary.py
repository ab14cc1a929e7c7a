"""The reader's word tables: labels, link words, class hints and gate signs, read once from ``config/vocabulary``."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "config" / "vocabulary"
_SAME_LETTER = str.maketrans(
    {
        "ё": "е",
        "ي": "ی",
        "ك": "ک",
        "ى": "ی",
        "ʻ": "'",
        "ʼ": "'",
        "‘": "'",
        "’": "'",
        "`": "'",
        "´": "'",
        "\u200b": "",
        "\u200c": "",
        "\u200d": "",
        "\u200e": "",
        "\u200f": "",
        "\ufeff": "",
        "\u00ad": "",
        "\u202a": "",
        "\u202b": "",
        "\u202c": "",
        "\u202d": "",
        "\u202e": "",
        "\u2066": "",
        "\u2067": "",
        "\u2069": "",
    }
)
_SHORT = 120
_LONGEST_FRONT = 60
_MOST_FRONT_WORDS = 5
_PATH = re.compile(r"\s[→»›>/|]\s")
_EDGES = " \t\n…_:：-–—•·*|.,!?»«›‹→←>=\u061b\u060c\u061f"


def fold(text: str) -> str:
    """Text with case, compatibility forms, invisible characters, apostrophes and white space evened out."""
    return _fold_short(text) if len(text) <= _SHORT else _fold(text)


def _fold(text: str) -> str:
    if text.isascii():
        return " ".join(text.lower().replace("`", "'").split())
    return " ".join(
        unicodedata.normalize("NFKC", text).translate(_SAME_LETTER).casefold().translate(_SAME_LETTER).split()
    )


_fold_short = lru_cache(maxsize=32_768)(_fold)


@lru_cache(maxsize=16_384)
def _fold_short_label(text: str) -> str:
    return _fold_short(text).strip(_EDGES)


def fold_label(text: str) -> str:
    """A label folded, without the colons and dashes around it."""
    return _fold_short_label(text) if len(text) <= _SHORT else _fold(text).strip(_EDGES)


@dataclass(frozen=True, kw_only=True, slots=True)
class Labels:
    """Label words by what they announce. ``exact`` holds each folded word's fields, the first the likeliest;
    ``front`` the first words of headings over what a site shows on its front page; ``generic`` the words in links
    about a vendor that are no part of a name.
    """

    exact: dict[str, tuple[str, ...]]
    prefixes: dict[str, str]
    suffixes: dict[str, str]
    buttons: frozenset[str]
    home: frozenset[str]
    sold_out: frozenset[str]
    front: frozenset[str]
    generic: frozenset[str]


@dataclass(frozen=True, kw_only=True, slots=True)
class LinkWords:
    """Link words by kind, as sets; ``url``, ``query`` and ``text`` as in the table."""

    url: dict[str, frozenset[str]]
    query: dict[str, frozenset[str]]
    text: dict[str, frozenset[str]]


@dataclass(frozen=True, kw_only=True, slots=True)
class GateSigns:
    """Folded phrases of one gate: a strong one settles it, weak ones need company."""

    strong: tuple[str, ...]
    weak: tuple[str, ...]


_OWN_TABLE = frozenset({"listing_button", "home", "sold_out", "front", "generic"})
# A label of these fields may be followed by its value without a colon: "Ships from Germany".
_PREFIX_FIELDS = frozenset({"ships_from", "ships_to", "joined", "last_seen"})


@cache
def labels() -> Labels:
    """The label table."""
    exact: dict[str, tuple[str, ...]] = {}
    prefixes: dict[str, str] = {}
    suffixes: dict[str, str] = {}
    own: dict[str, set[str]] = {name: set() for name in _OWN_TABLE}
    for field, words in _label_rows():
        for word in words:
            if field in _OWN_TABLE:
                own[field].add(word)
            elif field.startswith("stem:"):
                continue
            elif field.startswith("prefix:"):
                prefixes.setdefault(word, field.removeprefix("prefix:"))
            elif field.startswith("suffix:"):
                suffixes.setdefault(word, field.removeprefix("suffix:"))
            elif field not in exact.get(word, ()):
                exact[word] = (*exact.get(word, ()), field)
    for word, fields in exact.items():
        if fields[0] in _PREFIX_FIELDS and (" " in word or len(word) > 5):
            prefixes.setdefault(word, fields[0])
    return Labels(
        exact=exact,
        prefixes=prefixes,
        suffixes=suffixes,
        buttons=frozenset(own["listing_button"]),
        home=frozenset(own["home"]),
        sold_out=frozenset(own["sold_out"]),
        front=frozenset(own["front"]),
        generic=frozenset(own["generic"]),
    )


@cache
def label_stems() -> dict[str, tuple[str, ...]]:
    """What words of a label no table lists may speak of, by field; a stem that ends in ``+`` is a part of a word."""
    stems: dict[str, tuple[str, ...]] = {}
    for row in _rows("page_labels.tsv"):
        if row[0].startswith("stem:"):
            field = row[0].removeprefix("stem:")
            stems[field] = (*stems.get(field, ()), *(fold(word) for word in row[2].split(";")))
    return stems


@lru_cache(maxsize=8192)
def announces_choice(text: str) -> bool:
    """Whether a short text heads a choice of the site's own: "Latest offers", "New: "; a path of steps is none."""
    words = fold_label(text).split() if len(text) <= _LONGEST_FRONT and not _PATH.search(text) else []
    return 0 < len(words) <= _MOST_FRONT_WORDS and words[0] in labels().front


@lru_cache(maxsize=8192)
def is_all_generic(text: str) -> bool:
    """Whether all words of a text are such as name no one and nothing: "View all listings"."""
    words = [fold_label(word) for word in fold_label(text).split()]
    return all(word in labels().generic or word.isdigit() for word in words if word)


def _label_rows() -> Iterator[tuple[str, list[str]]]:
    for row in _rows("page_labels.tsv"):
        yield row[0], [fold_label(word) for word in row[2].split(";")]


def _rows(name: str) -> Iterator[list[str]]:
    lines = (FOLDER / name).read_text(encoding="utf-8").splitlines()
    rows = (line.split("\t") for line in lines if line and not line.startswith("#"))
    next(rows)
    yield from rows


@cache
def link_words() -> LinkWords:
    """The link table."""
    tables: dict[str, dict[str, frozenset[str]]] = {"url": {}, "query": {}, "text": {}}
    for kind, where, words in _rows("page_links.tsv"):
        members = words.split(";")
        folded = (
            [fold_label(word) or word for word in members] + [fold(word) for word in members]
            if where == "text"
            else members
        )
        tables[where][kind] = tables[where].get(kind, frozenset()) | frozenset(folded)
    return LinkWords(url=tables["url"], query=tables["query"], text=tables["text"])


@cache
def class_hints() -> dict[str, tuple[str, ...]]:
    """Pieces of class and id names, each with the fields it hints at."""
    hints: dict[str, tuple[str, ...]] = {}
    for field, _, words in _rows("page_hints.tsv"):
        for word in words.split(";"):
            hints[word] = (*hints.get(word, ()), field)
    return hints


@cache
def gate_signs() -> dict[str, GateSigns]:
    """The signs of each gate, by gate."""
    table = tomllib.loads((FOLDER / "page_gates.toml").read_text(encoding="utf-8"))
    return {
        gate: GateSigns(strong=tuple(map(fold, signs["strong"])), weak=tuple(map(fold, signs["weak"])))
        for gate, signs in table.items()
    }
