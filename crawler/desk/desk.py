"""The desk of a home: its tasks and its sessions."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from types import TracebackType
from urllib.parse import urlsplit

from config.profiles import read_profiles
from crawler.desk.book import DeskFile
from crawler.desk.cookies import Cookie
from crawler.desk.sessions import Session, Sessions
from crawler.desk.tasks import Tasks
from crawler.home import SHARED_VARIABLE, Home
from crawler.model.desk import Pasted, SessionRecord, SessionState, Task, TaskKind, TaskState
from crawler.model.errors import BadInput

_A_SESSION_HELPS = (TaskKind.LOGIN, TaskKind.CAPTCHA, TaskKind.QUEUE, TaskKind.BLOCKED)


class Desk:
    """Tasks and sessions of a home; several processes may have it open.

    With ``shared``, the address of the state many machines share, those of all machines.
    """

    def __init__(self, home_folder: Path, shared: str | None = None) -> None:
        self._home = Home(folder=home_folder)
        self._shared = shared
        self._file = DeskFile(home_folder, shared)
        self._tasks = Tasks(self._file)
        self._sessions = Sessions(self._file)

    def __enter__(self) -> Desk:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def tasks(self, state: TaskState | None = None) -> Sequence[Task]:
        """All tasks, those met last first; of one state or of all."""
        return self._tasks.list(state)

    def task(self, id_: int) -> Task:
        """One task with its history. Raises BadInput where there is none."""
        return self._tasks.get(id_)

    def put(self, market: str, kind: TaskKind, *, shows: str, url: str = "", capture: str = "") -> int:
        """The number of the task that waits for a person from now on; the same one as long as it is not closed.

        ``shows`` is what they are told or would see there, as plain text; ``capture`` the index's id of the page.
        """
        return self._tasks.put(market, kind, shows=shows, url=url, capture=capture)

    def close_task(self, id_: int, officer: str) -> Task:
        """The task closed by an officer. Raises BadInput for one that is closed already."""
        if self._tasks.get(id_).state is TaskState.CLOSED:
            raise BadInput(f"task {id_} is closed already")
        self._tasks.note(id_, "closed by an officer", officer, TaskState.CLOSED)
        return self._tasks.get(id_)

    def waiting(self, market: str) -> Sequence[Task]:
        """The tasks of a market that are not closed."""
        return self._tasks.waiting(market)

    def dismissed(self, market: str) -> frozenset[TaskKind]:
        """The kinds of which an officer closed the market's newest task: the crawl goes on without such pages."""
        return self._tasks.dismissed(market)

    def note(self, id_: int, what: str, state: TaskState | None = None) -> None:
        """Writes what the crawl did into a task's history, with the state it brings about."""
        self._tasks.note(id_, what, state=state)

    def sessions(self, market: str | None = None) -> Sequence[SessionRecord]:
        """All sessions, the newest first; of one market or of all."""
        return self._sessions.list(market)

    def bring(self, pasted: Pasted) -> SessionRecord:
        """The session kept, encrypted, and the market's tasks answered; the crawl that uses it tests it first.

        Raises BadInput, which says why not: an unknown market, no cookie for its hosts, a time that is over.
        """
        record = self._sessions.bring(pasted, self._hosts(pasted.market))
        for task in self.waiting(record.market):
            if task.kind in _A_SESSION_HELPS:
                what = f"a session of account {record.account} was brought"
                self._tasks.note(task.id, what, record.officer, TaskState.ANSWERED)
        return record

    def forget(self, market: str, account: str, officer: str) -> int:
        """How many sessions of the account were forgotten, their cookies wiped."""
        return self._sessions.forget(market, account, officer)

    def usable_session(self, market: str, host: str | None = None) -> Session | None:
        """The newest session of the market that may be used, at this host where one is named; None without one."""
        return self._sessions.usable(market, host)

    def mark_session(self, id_: int, state: SessionState, why: str = "") -> None:
        """Keeps what became of a session; one that may no longer be used is wiped."""
        self._sessions.mark(id_, state, why)

    def keep_cookies(self, record: SessionRecord, cookies: tuple[Cookie, ...]) -> None:
        """The session's cookies as the market has changed them meanwhile."""
        self._sessions.keep(record, cookies)

    def close(self) -> None:
        """Closes the file."""
        self._file.close()

    def _hosts(self, market: str) -> tuple[str, ...]:
        profile = read_profiles().get(market)
        addresses = self._home.addresses(market) or (addresses_at(self._shared, market) if self._shared else ())
        known = [urlsplit(address).hostname or "" for address in addresses]
        hosts = tuple(dict.fromkeys(host.lower() for host in (*known, *(profile.clear_net if profile else ())) if host))
        if not hosts:
            raise BadInput(
                f"no address of {market} is known in {self._home.folder}, so no cookie can be its own; "
                f"crawl it once: npswatch crawl {market} --start-url URL"
            )
        return hosts


def open_desk(home_folder: Path) -> Desk:
    """The desk as this machine's people see it. Raises SharedStateUnavailable where it is shared and out of reach."""
    shared = os.environ.get(SHARED_VARIABLE)
    if shared:
        from crawler.shared.server import SharedServer

        with closing(SharedServer(shared)) as server:
            server.check()
    return Desk(home_folder, shared)


def addresses_at(shared: str, market: str) -> tuple[str, ...]:
    """The addresses of a market as the machines that share a state know them."""
    from crawler.shared.register import MarketRegister
    from crawler.shared.server import SharedServer

    with closing(SharedServer(shared)) as server:
        return MarketRegister(server).addresses(market)
