"""The words of exported cases, a file a language."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from crawler.model.errors import BadInput

LANGUAGES = ("en", "ru")


@dataclass(frozen=True, kw_only=True, slots=True)
class WordList:
    """Names of tables and columns, closed values, and the phrases of the report, in one language."""

    language: str
    table: dict[str, str]
    column: dict[str, str]
    value: dict[str, str]
    report: dict[str, Any]


@cache
def words_in(language: str) -> WordList:
    """The words in that language. Raises BadInput for one there is no file of."""
    if language not in LANGUAGES:
        raise BadInput(f"reports are written in {' or '.join(LANGUAGES)}, not {language!r}")
    table = tomllib.loads(Path(__file__).with_name(f"words_{language}.toml").read_text(encoding="utf-8"))
    return WordList(language=language, **table)
