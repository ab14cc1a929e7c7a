"""Acts of a case: who did what when, each chained by its hash to the one before."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from crawler.model.errors import BadResult

CREATED, ADDED, NOTED, EXPORTED = "created", "added", "noted", "exported"
CONTENT_ACTS = frozenset((CREATED, ADDED, NOTED))
"""The acts that change what a case says; handing it out does not."""
BEFORE_THE_FIRST = "0" * 64


@dataclass(frozen=True, kw_only=True, slots=True)
class Act:
    """One act: its number in the case (from 1), time in UTC, officer, kind, what was done, and the chain.

    ``hash`` is the SHA-256 over the canonical JSON of all else, ``previous`` the hash of the act before.
    """

    case: str
    sequence: int
    time: str
    officer: str
    act: str
    detail: dict[str, Any]
    previous: str
    hash: str

    def plain(self) -> dict[str, Any]:
        """The act as JSON-ready values."""
        return {name: getattr(self, name) for name in self.__slots__}


def canonical(value: Any) -> bytes:
    """The one JSON spelling of a value: keys sorted, no blanks, UTF-8."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode("utf-8")


def digest_of(value: Any) -> str:
    """SHA-256 of the value's canonical JSON, in hex."""
    return hashlib.sha256(canonical(value)).hexdigest()


def next_act(before: Act | None, *, case: str, time: str, officer: str, act: str, detail: dict[str, Any]) -> Act:
    """The act that follows, chained to the one before."""
    said: dict[str, Any] = {
        "case": case,
        "sequence": before.sequence + 1 if before else 1,
        "time": time,
        "officer": officer,
        "act": act,
        "detail": detail,
        "previous": before.hash if before else BEFORE_THE_FIRST,
    }
    return Act(**said, hash=digest_of(said))


def check_chain(case: str, acts: Iterable[Act]) -> str:
    """The hash of the last act. Raises BadResult naming the first act that is not what its chain says."""
    previous, expected = BEFORE_THE_FIRST, 1
    for act in acts:
        said = {name: value for name, value in act.plain().items() if name != "hash"}
        if act.case != case or act.sequence != expected or act.previous != previous or digest_of(said) != act.hash:
            raise BadResult(f"case {case}: act {expected} is not what was written, or one was taken out before it")
        previous, expected = act.hash, expected + 1
    if expected == 1:
        raise BadResult(f"case {case}: no act is left")
    return previous
