"""The desk: what a market asks of a person, and the sessions an officer brings for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class TaskKind(StrEnum):
    """What stands before a market: its gates, and a block that only a person may judge."""

    LOGIN = "login"
    CAPTCHA = "captcha"
    QUEUE = "queue"
    SEIZED = "seized"
    MAINTENANCE = "maintenance"
    BLOCKED = "blocked"


class TaskState(StrEnum):
    """Open until somebody brings a session; answered until it is tested; closed when the market lets us in again."""

    OPEN = "open"
    ANSWERED = "answered"
    CLOSED = "closed"


class SessionState(StrEnum):
    """New until tested; then it works, or was refused; later lost or past its time; or taken back by an officer."""

    NEW = "new"
    WORKS = "works"
    REFUSED = "refused"
    EXPIRED = "expired"
    FORGOTTEN = "forgotten"


USABLE = (SessionState.NEW, SessionState.WORKS)
"""States of a session that may be used."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TaskAct:
    """What happened to a task, when and by whom; ``officer`` is empty where the crawl did it."""

    time: datetime
    what: str
    officer: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Task:
    """A gate that waits for a person. ``shows`` is what it says as plain text, hostile and at most 4,000 characters.

    ``since`` is when it was first met, ``last_seen`` when last; ``times`` counts the pages it stood before. ``url`` and
    ``capture`` (an id of the index) are of the page that showed it first.
    """

    id: int
    market: str
    kind: TaskKind
    state: TaskState
    since: datetime
    last_seen: datetime
    times: int
    url: str = ""
    capture: str = ""
    shows: str = ""
    history: tuple[TaskAct, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class SessionRecord:
    """What is known of a session without opening it: whose account, for which hosts, until when; never its cookies."""

    id: int
    market: str
    account: str
    authority: str = ""
    officer: str
    hosts: tuple[str, ...]
    cookies: int
    added: datetime
    expires: datetime
    state: SessionState
    tested: datetime | None = None
    why: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Pasted:
    """A session as an officer brings it: ``cookies`` is a browser's cookie file or a Cookie header.

    ``every_address`` is the officer's word that the session is good at each of the market's accepted addresses.
    """

    market: str
    account: str
    officer: str
    cookies: str = field(repr=False)
    authority: str = ""
    expires: str = ""
    every_address: bool = False


class DeskBook(Protocol):
    """The desk as the page and the command line work with it."""

    def tasks(self, state: TaskState | None = None) -> Sequence[Task]:
        """All tasks, those met last first; of one state or of all."""

    def task(self, id_: int) -> Task:
        """One task with its history. Raises BadInput where there is none."""

    def close_task(self, id_: int, officer: str) -> Task:
        """The task closed by an officer: the crawl goes on without the pages it stood before. Raises BadInput."""

    def sessions(self, market: str | None = None) -> Sequence[SessionRecord]:
        """All sessions, the newest first; of one market or of all."""

    def bring(self, pasted: Pasted) -> SessionRecord:
        """The session kept, encrypted; it is tested by the crawl that uses it. Raises BadInput, which says why not."""

    def forget(self, market: str, account: str, officer: str) -> int:
        """How many sessions of the account were forgotten, their cookies wiped."""
