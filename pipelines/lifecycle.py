"""The lives of listings and vendors: first and last seen, how often, and the state each is in.

States of a listing: *new* at its first sighting, then *seen* or *changed*; *hidden*: its own page answers, but no list
of the market shows it; *gone*: its page says so, or no list showed it in several complete passes; *back*: seen again
after it was gone. A pass that did not reach a page, or met a market that was down, says nothing about it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crawler.model.database import open_state

_SCHEMA = """
CREATE TABLE IF NOT EXISTS lives (
    kind TEXT NOT NULL, id TEXT NOT NULL, first_seen TEXT NOT NULL, last_seen TEXT NOT NULL,
    times_seen INTEGER NOT NULL, digest TEXT NOT NULL, payload TEXT NOT NULL, capture TEXT NOT NULL,
    told TEXT NOT NULL, state TEXT NOT NULL,
    absent INTEGER NOT NULL DEFAULT 0, says_gone TEXT, body TEXT NOT NULL, PRIMARY KEY (kind, id)
) WITHOUT ROWID;
"""
GONE_AFTER = 3
"""Complete passes in a row whose lists do not show a listing, after which it counts as gone."""
GONE, HIDDEN, BACK, SEEN = "gone", "hidden", "back", "seen"


@dataclass(frozen=True, kw_only=True, slots=True)
class Life:
    """The life of a listing or vendor so far; ``state`` is that as of this sighting."""

    first_seen: str
    last_seen: str
    times_seen: int
    state: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Known:
    """A listing that is not known to be gone: its state, and the capture whose page said that it is, if one did."""

    id: str
    state: str
    says_gone: str | None


class LifeRegister:
    """What a home has seen on one market, kept beside its frontier. Raises NoSpace where it cannot be written.

    ``capture`` tells sightings apart: the same capture counts once and tells the same, however often it is read.
    """

    def __init__(self, path: Path | None) -> None:
        self._db = open_state(path, _SCHEMA)

    def sighted(self, kind: str, id_: str, body: dict[str, Any], time: str, capture: str, payload: str = "") -> Life:
        """The life after this sighting. ``body`` is what the page itself says; another body is a change.

        Not so when ``payload``, the digest of the page's bytes, is the same: then it is our reading that changed.
        """
        digest = hashlib.sha256(json.dumps(body, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:32]
        row = self._db.execute(
            "SELECT first_seen, last_seen, times_seen, digest, payload, capture, told, state FROM lives"
            " WHERE kind = ? AND id = ?",
            (kind, id_),
        ).fetchone()
        if row is None:
            life = Life(first_seen=time, last_seen=time, times_seen=1, state="new")
        else:
            first, last, times, before, bytes_before, seen_in, told, state = row
            changed = before != digest and not (payload and payload == bytes_before)
            again = int(not capture or seen_in != capture)
            state = _next_state(state, changed=changed) if again else told
            life = Life(first_seen=min(first, time), last_seen=max(last, time), times_seen=times + again, state=state)
        self._db.execute(
            "INSERT INTO lives (kind, id, first_seen, last_seen, times_seen, digest, payload, capture, told, state,"
            " body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '') ON CONFLICT (kind, id) DO UPDATE SET"
            " first_seen = excluded.first_seen, last_seen = excluded.last_seen, times_seen = excluded.times_seen,"
            " digest = excluded.digest, payload = excluded.payload, capture = excluded.capture,"
            " told = excluded.told, state = excluded.state,"
            " absent = 0, says_gone = NULL",
            (
                *(kind, id_, life.first_seen, life.last_seen, life.times_seen),
                *(digest, payload, capture, life.state, life.state),
            ),
        )
        return life

    def keep_body(self, kind: str, id_: str, body: dict[str, Any]) -> None:
        """Keeps the last document of a listing, for the day its state changes without a page to read."""
        text = json.dumps(body, ensure_ascii=False)
        self._db.execute("UPDATE lives SET body = ? WHERE kind = ? AND id = ?", (text, kind, id_))

    def said_gone(self, id_: str, capture: str | None) -> None:
        """Notes the capture in which a listing's own address says it is gone; None takes it back."""
        self._db.execute("UPDATE lives SET says_gone = ? WHERE kind = 'listing' AND id = ?", (capture, id_))

    def living(self) -> Iterator[Known]:
        """The listings not known to be gone."""
        rows = self._db.execute("SELECT id, state, says_gone FROM lives WHERE kind = 'listing' AND state != ?", (GONE,))
        for id_, state, says_gone in rows.fetchall():
            yield Known(id=id_, state=state, says_gone=says_gone)

    def missed(self, id_: str) -> int:
        """In how many complete passes in a row no list has shown the listing, this one with them."""
        row = self._db.execute(
            "UPDATE lives SET absent = absent + 1 WHERE kind = 'listing' AND id = ? RETURNING absent", (id_,)
        ).fetchone()
        return int(row[0])

    def shown(self, id_: str) -> None:
        """A list shows the listing: it is not on its way to be gone."""
        self._db.execute("UPDATE lives SET absent = 0 WHERE kind = 'listing' AND id = ? AND absent > 0", (id_,))

    def turned(self, id_: str, state: str) -> dict[str, Any]:
        """The last document of a listing whose state is another from now on."""
        row = self._db.execute(
            "UPDATE lives SET state = ?, absent = 0, says_gone = NULL WHERE kind = 'listing' AND id = ? RETURNING body",
            (state, id_),
        ).fetchone()
        body: dict[str, Any] = json.loads(row[0] or "{}")
        return body | {"state": state}

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Everything changed within lasts once it ends, or nothing of it."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._db.execute("COMMIT")
        finally:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")

    def count(self, state: str) -> int:
        """How many listings are in that state."""
        query = "SELECT COUNT(*) FROM lives WHERE kind = 'listing' AND state = ?"
        return int(self._db.execute(query, (state,)).fetchone()[0])

    def close(self) -> None:
        """Closes the file."""
        self._db.close()


def _next_state(before: str, *, changed: bool) -> str:
    """The state after another sighting of the page; a hidden listing stays hidden until a list shows it."""
    if before == GONE:
        return BACK
    if changed:
        return "changed"
    return HIDDEN if before == HIDDEN else SEEN
