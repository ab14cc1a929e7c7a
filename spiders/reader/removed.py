"""Whether an error page says that what stood at its address is gone, rather than that something broke."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path

from spiders.reader.sheet import Sheet
from spiders.reader.vocabulary import fold

_TABLE = Path(__file__).parents[2] / "config" / "vocabulary" / "page_gone.toml"
_LONGEST = 3_000


def says_gone(sheet: Sheet) -> bool:
    """Whether title or text of an error page say it."""
    dom = sheet.dom
    return _signs().search(fold(f"{dom.title} . {dom.span(0, len(dom.texts))[:_LONGEST]}")) is not None


@cache
def _signs() -> re.Pattern[str]:
    signs = tomllib.loads(_TABLE.read_text(encoding="utf-8"))["signs"]
    return re.compile("|".join(rf"(?<!\w){re.escape(fold(sign))}(?!\w)" for sign in signs))
