"""When a listing or vendor was first and last seen, how often, and whether this sighting differs from the last."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_SCHEMA = """
CREATE TABLE IF NOT EXISTS seen (
    kind TEXT, id TEXT, first_seen TEXT, last_seen TEXT, times_seen INTEGER, digest TEXT, capture TEXT,
    PRIMARY KEY (kind, id)
) WITHOUT ROWID;
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Life:
    """The life of a listing or vendor so far; ``state`` is new, seen or changed as of this sighting."""

    first_seen: str
    last_seen: str
    times_seen: int
    state: str


class LifeRegister:
    """What a home has seen on one market, kept beside its frontier."""

    def __init__(self, path: Path | None) -> None:
        self._db = sqlite3.connect(path or ":memory:", isolation_level=None)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.executescript(_SCHEMA)

    def sighted(self, kind: str, id_: str, body: dict[str, Any], time: str, capture: str) -> Life:
        """The life after this sighting; the same capture counts once, however often it is read."""
        digest = hashlib.sha256(json.dumps(body, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:32]
        row = self._db.execute(
            "SELECT first_seen, last_seen, times_seen, digest, capture FROM seen WHERE kind = ? AND id = ?", (kind, id_)
        ).fetchone()
        if row is None:
            life = Life(first_seen=time, last_seen=time, times_seen=1, state="new")
        else:
            first, last, times, before, seen_in = row
            again = int(seen_in != capture)
            state = "seen" if before == digest else "changed"
            life = Life(first_seen=min(first, time), last_seen=max(last, time), times_seen=times + again, state=state)
        self._db.execute(
            "INSERT OR REPLACE INTO seen VALUES (?, ?, ?, ?, ?, ?, ?)",
            (kind, id_, life.first_seen, life.last_seen, life.times_seen, digest, capture),
        )
        return life

    def close(self) -> None:
        """Closes the file."""
        self._db.close()
