"""Names nobody listed that follow the naming pattern of a class."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from config import vocabulary

_BEFORE, _AFTER = r"(?<![\w'’-])", r"(?![\w'’])"
_LOCANT = r"(?:[nNαβ1-9]'?(?:,[nN1-9]'?){0,3}-)"
_LONGEST = 48


@dataclass(frozen=True, kw_only=True, slots=True)
class Coined:
    """A coined name as written, the class whose pattern it follows, and where in the text it stands."""

    name: str
    substance_class: str
    start: int
    end: int


@dataclass(frozen=True, kw_only=True, slots=True)
class _Pattern:
    substance_class: str
    body: str
    flags: int


def find(text: str) -> Iterator[Coined]:
    """Every name in the text that follows a pattern, listed ones included; the caller leaves those out."""
    if not _hint().search(text) or not any(every.search(text) for every in _together()):
        return
    for pattern in _patterns():
        for match in _compiled(pattern.body, pattern.flags).finditer(text):
            if match.end() - match.start() <= _LONGEST:
                yield Coined(
                    name=match[0], substance_class=pattern.substance_class, start=match.start(), end=match.end()
                )


@cache
def _hint() -> re.Pattern[str]:
    """A quick look for what every pattern needs: a stem, or a digit or hyphen beside capital letters."""
    stems = (
        "nitaz|zolam|zepam|fentan|hinone|drone|ylone|piperazine|phenidate|naphthidate|aminorex|metrazine|"
        "ketamine|fetamine|phetamine|qualone|orphine|indan|нитаз|золам|зепам|фентан|катинон|дрон|фетамин|кетамин|тилон|ксилон"
    )
    return re.compile(rf"{stems}|[0-9][a-zA-Z'’,-]*-?[A-Za-z]|[A-Z]{{2}}|-[A-Za-z]*(?:inaca|ica)\b", re.IGNORECASE)


@lru_cache(maxsize=8192)
def is_coined(word: str) -> bool:
    """Whether a word follows a pattern, listed ones included."""
    return any(find(word))


@cache
def _together() -> tuple[re.Pattern[str], ...]:
    """All patterns at once, those that regard case apart: one look tells that none fits."""
    bodies: dict[int, list[str]] = {}
    for pattern in _patterns():
        bodies.setdefault(pattern.flags, []).append(pattern.body)
    return tuple(_compiled("|".join(every), flags) for flags, every in bodies.items())


@cache
def _patterns() -> tuple[_Pattern, ...]:
    tree = vocabulary.tree("emergent")
    return tuple(
        _Pattern(
            substance_class=row["class"], body=_body(name, tree), flags=0 if row.get("cased", False) else re.IGNORECASE
        )
        for row in tree["pattern"]
        for name in row["names"]
    )


def _body(name: str, tree: dict[str, Any]) -> str:
    residue = "|".join(re.escape(one) for one in sorted(tree["residues"], key=len, reverse=True))
    code = "|".join(re.escape(one) for one in sorted(tree["codes"], key=len, reverse=True))
    chain = rf"(?:(?:{_LOCANT}|(?:ortho|meta|para|alpha|beta|alfa|[omp])-)?(?:{residue})[- ]?){{1,4}}(?:{_LOCANT})?"
    return (
        name.replace("{chain}", chain)
        .replace("{residue}", f"(?:{residue})-?")
        .replace("{code}", f"(?:{code})")
        .replace("{locant}", _LOCANT)
    )


@cache
def _compiled(body: str, flags: int) -> re.Pattern[str]:
    """A pattern of whole words, compiled when it is first needed: few titles need any."""
    return re.compile(f"{_BEFORE}(?:{body}){_AFTER}", flags)
