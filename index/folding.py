"""Words as the index keeps them: one folding for both stores, for what is indexed and for what is asked.

``fold("Мефедрон α-PVP")`` and ``fold("мефедрона alpha-pvp")`` are the same. Output is tokens of a-z and 0-9, separated
by single blanks; folding folded text changes nothing. The letters, look-alikes and endings stand in
``config/index/folding.toml``.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

_TABLES = Path(__file__).parent.parent / "config" / "index" / "folding.toml"
LONGEST_TEXT = 100_000
"""Characters of one value that are indexed; the rest of a hostile page stays in the body alone."""
LONGEST_TOKEN = 64
_SHORTEST_STEM = 4
_CYRILLIC = re.compile(r"[\u0400-\u052f]")
_LATIN = re.compile(r"[a-z]")
_APOSTROPHES = "ʻʼ’‘`'"
_RUN = re.compile(rf"[^\W\d_]+(?:[{_APOSTROPHES}][^\W\d_]+)*[{_APOSTROPHES}]?|\d+")
_PIECE = re.compile(r"[a-z]+|[0-9]+")
_BARE_CODE = re.compile(r"[bcdfghijklmnpqrstvwxyz]{1,5}")


@dataclass(frozen=True, kw_only=True, slots=True)
class FoldingTables:
    """What ``folding.toml`` says, ready for use."""

    version: int
    letters: dict[int, str]
    to_latin: dict[str, str]
    to_cyrillic: dict[str, str]
    spellings: tuple[tuple[str, str], ...]
    words: dict[str, str]
    prefixed: dict[str, str]
    cyrillic_endings: tuple[str, ...]
    latin_endings: tuple[str, ...]
    latin_vowels: str


@cache
def folding_tables() -> FoldingTables:
    """The tables, read once."""
    data = tomllib.loads(_TABLES.read_text(encoding="utf-8"))
    return FoldingTables(
        version=data["version"],
        letters=str.maketrans(data["letters"]),
        to_latin=data["lookalikes"],
        to_cyrillic={latin: cyrillic for cyrillic, latin in data["lookalikes"].items() if _CYRILLIC.match(cyrillic)},
        spellings=tuple(data["spellings"].items()),
        words=data["words"],
        prefixed=data["prefixed"],
        cyrillic_endings=tuple(sorted(data["endings"]["cyrillic"], key=len, reverse=True)),
        latin_endings=tuple(sorted(data["endings"]["latin"], key=len, reverse=True)),
        latin_vowels=data["endings"]["latin_vowels"],
    )


def fold(text: str, *, keep_last: bool = False) -> str:
    """The text as tokens of a-z and 0-9, separated by blanks; empty where it holds no letter or digit.

    ``keep_last`` leaves the endings of the last word alone, for the query ``word*``.
    """
    return " ".join(fold_tokens(text, keep_last=keep_last))


def fold_tokens(text: str, *, keep_last: bool = False) -> list[str]:
    """The tokens of ``fold`` as a list."""
    runs = _RUN.findall(_plain_letters(text[:LONGEST_TEXT]))
    tokens: list[str] = []
    for number, run in enumerate(runs):
        if keep_last and number == len(runs) - 1:
            tokens.extend(_transliterated(_one_script(run)))
        else:
            tokens.extend(_fold_run(run) if len(run) <= LONGEST_TOKEN else _fold_long(run))
    return _bare_letters(tokens)


def _plain_letters(text: str) -> str:
    """Compatibility forms and case folded, invisible characters taken out."""
    if text.isascii():
        return text.lower()
    shown = "".join(letter for letter in text if unicodedata.category(letter) != "Cf")
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", shown).casefold())
    return "".join(letter for letter in folded if unicodedata.category(letter) not in ("Cf", "Mn"))


@lru_cache(maxsize=65_536)
def _fold_run(run: str) -> tuple[str, ...]:
    return tuple(_fold_long(run))


def _fold_long(run: str) -> Iterator[str]:
    for token in _transliterated(_without_cyrillic_ending(_one_script(run))):
        yield from folding_tables().words.get(_without_latin_ending(token), _without_latin_ending(token)).split()


def _one_script(run: str) -> str:
    """A word that mixes Latin and Cyrillic look-alikes, in the script it belongs to."""
    if not (_CYRILLIC.search(run) and _LATIN.search(run)):
        return run
    tables = folding_tables()
    if all(letter in tables.to_latin for letter in run if _CYRILLIC.match(letter)):
        return "".join(tables.to_latin.get(letter, letter) for letter in run)
    if all(letter in tables.to_cyrillic for letter in run if _LATIN.match(letter)):
        return "".join(tables.to_cyrillic.get(letter, letter) for letter in run)
    return run


def _transliterated(run: str) -> list[str]:
    from anyascii import anyascii

    latin = anyascii(run.translate(folding_tables().letters)).lower().replace("'", "")
    for spelling, kept in folding_tables().spellings:
        latin = latin.replace(spelling, kept)
    return [piece[:LONGEST_TOKEN] for piece in _PIECE.findall(latin)]


def _without_cyrillic_ending(run: str) -> str:
    if not _CYRILLIC.match(run):
        return run
    for ending in folding_tables().cyrillic_endings:
        if len(run) - len(ending) >= _SHORTEST_STEM and run.endswith(ending):
            return run[: -len(ending)]
    return run


def _without_latin_ending(token: str) -> str:
    shorter = _one_ending_less(token)
    while shorter != token:
        token, shorter = shorter, _one_ending_less(shorter)
    return token


def _one_ending_less(token: str) -> str:
    for ending in folding_tables().latin_endings:
        if len(token) - len(ending) >= _SHORTEST_STEM and token.endswith(ending):
            return token[: -len(ending)]
    if len(token) > _SHORTEST_STEM and token.endswith("ies"):
        return token[:-3] + "y"
    if len(token) >= _SHORTEST_STEM and token.endswith("s") and token[-2] not in "siu":
        return token[:-1]
    if len(token) > _SHORTEST_STEM and token[-1] in folding_tables().latin_vowels:
        return token[:-1]
    return token


def _bare_letters(tokens: list[str]) -> list[str]:
    """Alpha-PVP as a-PVP: from the right, so that what is replaced is seen by the word before it."""
    prefixed = folding_tables().prefixed
    for place in range(len(tokens) - 2, -1, -1):
        if tokens[place] in prefixed and _BARE_CODE.fullmatch(tokens[place + 1]):
            tokens[place] = prefixed[tokens[place]]
    return tokens
