"""Sessions of accounts the authority allows: encrypted at rest, for the market's own hosts, and for a time."""

from __future__ import annotations

import json
import re
import socket
import sqlite3
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta

from crawler.desk.book import DeskFile
from crawler.desk.cookies import Cookie, read_cookies
from crawler.desk.key import DeskKey
from crawler.model.desk import USABLE, Pasted, SessionRecord, SessionState
from crawler.model.errors import BadInput
from crawler.model.plain import iso
from crawler.schedule.timing import read_span

USUAL_SPAN = timedelta(days=14)
_LINE = re.compile(r"[^\x00-\x1f\x7f-\x9f\u2028\u2029]{1,200}")
# A condition of our own words: none of what is put into statements with it comes from outside.
_IN_USE = f"state IN ({', '.join(repr(state.value) for state in USABLE)})"


@dataclass(frozen=True, kw_only=True, slots=True)
class Session:
    """A session opened for use."""

    record: SessionRecord
    cookies: tuple[Cookie, ...] = field(repr=False)


class Sessions:
    """The sessions of a home. A session that may no longer be used keeps its record, its cookies are wiped."""

    def __init__(self, file: DeskFile) -> None:
        self._file = file
        self._key: DeskKey | None = None

    def bring(self, pasted: Pasted, hosts: Sequence[str]) -> SessionRecord:
        """The session kept; earlier ones of the same account are replaced. Raises BadInput, which says why not."""
        now = datetime.now(UTC)
        account = _line(pasted.account, "the account's number")
        officer = _line(pasted.officer, "the officer's name")
        authority = _line(pasted.authority, "the authority's reference") if pasted.authority else ""
        expires = _until(pasted.expires, now)
        read = read_cookies(pasted.cookies, hosts, now.timestamp(), everywhere=pasted.every_address)
        added = iso(now)
        sealed = self._sealed(read.cookies, pasted.market, account, added)
        why = f"{read.left_out} cookies for other hosts or past their time were left out" if read.left_out else ""
        bound = tuple(host for host in hosts if any(cookie.is_for(host) for cookie in read.cookies))
        values = (
            self._file.number("sessions"),
            pasted.market,
            account,
            authority,
            officer,
            json.dumps(bound),
            len(read.cookies),
            added,
            iso(expires),
        )
        with self._file.together():
            self._end("replaced by a newer one", "market = ? AND account = ?", (pasted.market, account))
            made = self._file.write(
                "INSERT INTO sessions (id, market, account, authority, officer, hosts, cookies, added, expires, state,"
                " why, sealed) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'new', ?, ?)",
                (*values, why, sealed),
            )
        return self.record(int(made.lastrowid or 0))

    def record(self, id_: int) -> SessionRecord:
        """What is known of one session."""
        return _record(self._file.all("SELECT * FROM sessions WHERE id = ?", (id_,))[0])

    def list(self, market: str | None = None) -> Sequence[SessionRecord]:
        """All sessions, the newest first; of one market or of all. Those past their time are marked so."""
        self._expire()
        rows = self._file.all("SELECT * FROM sessions WHERE ?1 IS NULL OR market = ?1 ORDER BY id DESC", (market,))
        return [_record(row) for row in rows]

    def usable(self, market: str, host: str | None = None) -> Session | None:
        """The newest session of a market that may be used, opened, at this host if named; None where there is none.

        One that cannot be opened is marked refused, with the reason; in a desk that machines share another of them may
        open it, so it only says so.
        """
        self._expire()
        statement = f"SELECT * FROM sessions WHERE market = ? AND {_IN_USE} ORDER BY id DESC"  # noqa: S608  # our words
        for row in self._file.all(statement, (market,)):
            record = _record(row)
            if host is not None and host not in record.hosts:
                continue
            try:
                return Session(record=record, cookies=self._opened(row))
            except BadInput as error:
                if self._file.rows is None:
                    self.mark(record.id, SessionState.REFUSED, str(error))
                else:
                    why = f"not opened on {socket.gethostname()}: {error}"
                    self._file.write("UPDATE sessions SET why = ?1 WHERE id = ?2 AND why <> ?1", (why, record.id))
        return None

    def mark(self, id_: int, state: SessionState, why: str = "") -> None:
        """Keeps what became of a session; one that may no longer be used is wiped."""
        tested = iso(datetime.now(UTC)) if state in (SessionState.WORKS, SessionState.REFUSED) else None
        self._file.write(
            f"UPDATE sessions SET state = ?, why = ?, tested = COALESCE(?, tested) WHERE id = ? AND {_IN_USE}",  # noqa: S608
            (state.value, why, tested, id_),
        )
        if state not in USABLE:
            self._file.write("UPDATE sessions SET sealed = NULL WHERE id = ?", (id_,))

    def keep(self, record: SessionRecord, cookies: tuple[Cookie, ...]) -> None:
        """The session's cookies as the market has changed them meanwhile."""
        sealed = self._sealed(cookies, record.market, record.account, iso(record.added))
        self._file.write(
            f"UPDATE sessions SET sealed = ?, cookies = ? WHERE id = ? AND {_IN_USE}",  # noqa: S608
            (sealed, len(cookies), record.id),
        )

    def forget(self, market: str, account: str, officer: str) -> int:
        """How many sessions of the account were forgotten."""
        return self._end(f"forgotten by {officer}", "market = ? AND account = ?", (market, account))

    def _end(self, why: str, where: str, values: tuple[str, ...]) -> int:
        done = self._file.write(
            f"UPDATE sessions SET state = 'forgotten', why = ?, sealed = NULL WHERE {where} AND {_IN_USE}",  # noqa: S608
            (why, *values),
        )
        return done.rowcount

    def _expire(self) -> None:
        self._file.write(
            "UPDATE sessions SET state = 'expired', why = 'its time is over', sealed = NULL"  # noqa: S608
            f" WHERE expires <= ? AND {_IN_USE}",
            (iso(datetime.now(UTC)),),
        )

    def _sealed(self, cookies: tuple[Cookie, ...], market: str, account: str, added: str) -> bytes:
        plain = json.dumps([asdict(cookie) for cookie in cookies]).encode()
        return self._desk_key().seal(plain, _bound(market, account, added))

    def _opened(self, row: sqlite3.Row) -> tuple[Cookie, ...]:
        plain = self._desk_key().open(row["sealed"] or b"", _bound(row["market"], row["account"], row["added"]))
        return tuple(Cookie(**each) for each in json.loads(plain))

    def _desk_key(self) -> DeskKey:
        if self._key is None:
            rows = self._file.rows
            self._key = DeskKey.of(self._file.folder) if rows is None else DeskKey.shared(rows.salt())
        return self._key


def _bound(market: str, account: str, added: str) -> str:
    return f"{market}\x1f{account}\x1f{added}"


def _line(text: str, what: str) -> str:
    line = text.strip()
    if not _LINE.fullmatch(line):
        raise BadInput(f"{what} must be one line of 1 to 200 characters")
    return line


def _until(text: str, now: datetime) -> datetime:
    """When a session's time is over: a span from now, or a moment. Raises BadInput."""
    if not text.strip():
        return now + USUAL_SPAN
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return now + timedelta(seconds=read_span(text, "the session's time"))
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    if moment <= now:
        raise BadInput(f"the session's time, {text.strip()}, is over already")
    return moment


def _record(row: sqlite3.Row) -> SessionRecord:
    return SessionRecord(
        id=row["id"],
        market=row["market"],
        account=row["account"],
        authority=row["authority"],
        officer=row["officer"],
        hosts=tuple(json.loads(row["hosts"])),
        cookies=row["cookies"],
        added=datetime.fromisoformat(row["added"]),
        expires=datetime.fromisoformat(row["expires"]),
        state=SessionState(row["state"]),
        tested=datetime.fromisoformat(row["tested"]) if row["tested"] else None,
        why=row["why"],
    )
