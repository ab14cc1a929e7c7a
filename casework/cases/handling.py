"""Handling codes: who a case may be shown to, by the Traffic Light Protocol 2.0."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from crawler.model.errors import BadInput

DEFAULT_HANDLING = "TLP:AMBER"
_TABLE = Path(__file__).with_name("handling.tsv")


@dataclass(frozen=True, kw_only=True, slots=True)
class Handling:
    """A handling code, its level in STIX, the published marking's id and its colour on black."""

    code: str
    level: str
    marking: str
    colour: str


@cache
def handlings() -> dict[str, Handling]:
    """All handling codes, from the widest circle to the narrowest."""
    lines = (line for line in _TABLE.read_text(encoding="utf-8").splitlines() if not line.startswith("#"))
    return {row["code"]: Handling(**row) for row in csv.DictReader(lines, delimiter="\t")}


def handling_named(code: str) -> Handling:
    """The handling code as written, in any case, with or without ``TLP:``. Raises BadInput naming all there are."""
    wanted = code.strip().upper()
    found = handlings().get(wanted) or handlings().get(f"TLP:{wanted}")
    if found is None:
        raise BadInput(f"no handling code {code!r}; there are {', '.join(handlings())}")
    return found
