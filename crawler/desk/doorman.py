"""What a crawl does at a gate: holds its market, waits or asks a person, tests sessions, goes on or ends in order."""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import replace

from scrapy.crawler import Crawler

from crawler.desk.cookies import Cookie
from crawler.desk.desk import Desk
from crawler.desk.door import Answer, Door, DoorUnreachable
from crawler.desk.sessions import Session
from crawler.desk.shown import place_in_queue
from crawler.desk.waiting import Patience, RunEnds, Waiting
from crawler.middlewares.account import AccountCookies
from crawler.model.desk import SessionState, TaskKind, TaskState
from crawler.model.errors import BadInput
from crawler.model.identity import stable_id
from crawler.model.page import Gate

_LOG = logging.getLogger(__name__)
WALLS = frozenset({Gate.LOGIN, Gate.CAPTCHA, Gate.QUEUE, Gate.SEIZED, Gate.MAINTENANCE})
"""Gates that stand before the market, not before a page alone."""
_FOR_A_PERSON = (Gate.LOGIN, Gate.CAPTCHA)
_LEAST_OPEN_PAGES = 3
_QUEUE_STEP, _LEAST_STEP, _LONGEST_STEP = 15.0, 1.0, 120.0
_MAINTENANCE_STEP, _LONGEST_BACK_OFF = 60.0, 900.0
_NETWORK_STEP, _LONGEST_NETWORK_STEP = 5.0, 60.0


class Doorman:
    """Stands at one market's gate for one run."""

    def __init__(self, crawler: Crawler, desk: Desk, cookies: AccountCookies, patience: Patience) -> None:
        self._crawler = crawler
        self._market: str = crawler.settings["MARKET"]
        self._desk = desk
        self._cookies = cookies
        self._patience = patience
        self.door = Door(crawler)
        self._waiting = Waiting(crawler, "desk")
        self.dismissed = {Gate(kind.value) for kind in desk.dismissed(self._market) if kind.value in _FOR_A_PERSON}
        self._open_pages = 0
        self._had_session = False
        self.marks_deceive = False
        self._met = False
        cookies.keep = self._keep

    @property
    def waits(self) -> bool:
        """Whether the market is held now, or shut for the rest of the run."""
        return self._waiting.goes_on

    @property
    def session(self) -> Session | None:
        """The session in use where the market is read now; after a failover there may be none for that address."""
        session = self._cookies.session
        return session if session is not None and self.door.host in session.record.hosts else None

    def begin(self) -> None:
        """Before anything is asked for: a session there is is tested, a market that was shut is looked at once."""
        session = self._brought()
        shut = [task for task in self._desk.waiting(self._market) if task.kind is not TaskKind.BLOCKED]
        if session is not None:
            self._waiting.begin(f"the session of account {session.record.account} is tested", self._begin_with_session)
        elif shut:
            kinds = {task.kind for task in shut}
            why = ", ".join(sorted(kind.value for kind in kinds))
            self._waiting.begin(f"{why} stood before it: its entry page is asked for once", lambda: self._look(kinds))

    def met(self, answer: Answer, url: str) -> None:
        """A gate stands before a page of the market: it is held until somebody or time opens it."""
        gate = _gate(answer)
        self._met = True
        if gate in _FOR_A_PERSON:
            self._lose(gate)
            self._put(answer, url)
        if not self.waits:
            self._waiting.begin(f"{gate.value} stands before it", lambda: self._open(answer, url))

    def doubts(self, answer: Answer, url: str) -> None:
        """A page of the account shows what a visitor sees: the session is lost, unless the door says otherwise."""
        if not self.waits:
            self._waiting.begin(
                "a page of the account shows what a visitor sees", lambda: self._look_again(answer, url)
            )

    def is_dismissed(self, gate: Gate) -> bool:
        """Whether visitors go on without pages that show this gate: an officer said so, or nobody came to open it."""
        return self.session is None and gate in self.dismissed

    def passed(self, *, again: bool) -> None:
        """A page was read; ``again`` where a gate had stood before it: what waited at the desk for it is done."""
        self._open_pages += self.session is None
        if again:
            self._close_tasks("the market shows its pages again")

    def end(self, *, finished: bool) -> None:
        """The run ends: what the market changed in the session is kept; a run without gates leaves no task open."""
        self._waiting.cancel()
        if (session := self._cookies.session) is not None:
            self._keep(session, self._cookies.cookies_of(session))
        if finished and not self._met:
            self._close_tasks("a whole run met no gate")
        self._desk.close()

    # --- standing at the gate ----------------------------------------------------------------------------------------

    async def _begin_with_session(self) -> None:
        """Tests the session; where nothing comes back the crawl goes on without, until a gate asks for it."""
        for pause in (_NETWORK_STEP, 2 * _NETWORK_STEP, 0.0):
            try:
                answer = await self._tested(self._brought())
            except DoorUnreachable as error:
                _LOG.warning("%s: the session could not be tested: %s", self._market, error)
                await asyncio.sleep(pause)
            else:
                await self._open(answer, self.door.entries[0])
                return

    async def _look_again(self, answer: Answer, url: str) -> None:
        try:
            at_door = await self.door.ask(self.session)
        except DoorUnreachable:
            at_door = answer
        if at_door.gate is None and at_door.signed_in:
            self.marks_deceive = True
            return
        self._met = True
        self._lose(Gate.LOGIN)
        await self._open(answer, url)

    async def _look(self, kinds: set[TaskKind]) -> None:
        """Asks for the entry page once; a market that was seized and does not answer stays so."""
        try:
            answer = await self.door.ask()
        except DoorUnreachable as error:
            if TaskKind.SEIZED in kinds:
                raise RunEnds("seized") from error
            return
        if answer.gate in WALLS:
            await self._open(answer, self.door.entries[0])
            return
        still = {TaskKind(gate.value) for gate in _FOR_A_PERSON}  # a home page may be open where listings are not
        self._close_tasks("the market lets in again", kinds - still)

    async def _open(self, answer: Answer | None, url: str) -> None:
        """Returns when the market may be asked again. Raises RunEnds when this run has waited long enough."""
        while answer is not None and answer.gate in WALLS:
            gate = _gate(answer)
            if gate in _FOR_A_PERSON:
                answer = await self._at_desk(answer, url)
            elif gate is Gate.QUEUE:
                answer = await self._in_queue(answer, url)
            elif gate is Gate.MAINTENANCE:
                answer = await self._back_off(answer, url)
            else:
                answer = await self._seized(answer, url)
            url = self.door.entries[0] if self.door.entries else url

    # --- each gate ---------------------------------------------------------------------------------------------------

    async def _at_desk(self, answer: Answer, url: str) -> Answer | None:
        """Waits for a session an officer brings, tests it; None when it works, or the officer closed the task."""
        gate = _gate(answer)
        task = self._put(answer, url, again=False)
        self._say_which_are_elsewhere(task)
        until, step = time.monotonic() + self._patience.for_a_person(self._crawler), _NETWORK_STEP
        while True:
            if task is not None and self._desk.task(task).state is TaskState.CLOSED:
                self.dismissed.add(gate)
                return None
            pause = self._patience.look
            session = self._brought()
            if session is not None:
                try:
                    found = await self._tested(session)
                except DoorUnreachable as error:
                    _LOG.warning("%s: the session could not be tested: %s", self._market, error)
                    pause, step = step, min(step * 2, _LONGEST_NETWORK_STEP)
                else:
                    if found is None or found.gate is Gate.SEIZED:
                        return found
                    if found.gate in WALLS and found.gate not in _FOR_A_PERSON:
                        pause = _bounded(found.wait, _QUEUE_STEP)
            if time.monotonic() + pause > until:
                if not await self._is_open_to_visitors():
                    raise RunEnds(f"waits at the desk: {gate.value}")
                self.dismissed.add(gate)
                return None
            await asyncio.sleep(pause)

    def _say_which_are_elsewhere(self, task: int | None) -> None:
        """Tells the officer of a session that is good at another of the market's addresses alone."""
        other = self._desk.usable_session(self._market) if self._brought() is None else None
        if other is not None and task is not None:
            account, hosts = other.record.account, ", ".join(other.record.hosts)
            what = f"the session of account {account} is for {hosts} alone, the market is read at {self.door.host}"
            self._desk.note(task, what)

    async def _is_open_to_visitors(self) -> bool:
        """Whether the rest of the market can be read without a session: pages were, and the door is open."""
        if self._had_session or self._open_pages < _LEAST_OPEN_PAGES:
            return False
        try:
            return (await self.door.ask()).gate is None
        except DoorUnreachable:
            return False

    async def _in_queue(self, answer: Answer, url: str) -> Answer | None:
        """Waits in the queue as it asks to, with the same cookies; beyond patience it is a task for a person."""
        until, leads_to = time.monotonic() + self._patience.queue, answer.leads_to
        while True:
            place, pause = place_in_queue(answer.shows), _bounded(answer.wait, _QUEUE_STEP)
            why = "in its waiting queue" + (f" ({place!r})" if place else "")
            self._waiting.say(why)
            _LOG.info("%s: %s, asks again in %.0f s", self._market, why, pause)
            if time.monotonic() + pause > until:
                return await self._at_desk(answer, url)
            await asyncio.sleep(pause)
            try:
                answer = await self.door.ask(url=leads_to)
            except DoorUnreachable as error:
                _LOG.warning("%s: nothing came back from its queue: %s", self._market, error)
                continue
            if answer.gate is not Gate.QUEUE:
                self._close_tasks("the queue let us in", {TaskKind.QUEUE})
                return answer
            leads_to = answer.leads_to

    async def _back_off(self, answer: Answer, url: str) -> Answer | None:
        """Looks at the door ever more seldom; a market that stays shut ends the run with a task."""
        until, step = time.monotonic() + self._patience.queue, _MAINTENANCE_STEP
        while True:
            pause = min(answer.wait or step, _LONGEST_BACK_OFF)
            if time.monotonic() + pause > until:
                self._put(answer, url)
                raise RunEnds("under maintenance")
            await asyncio.sleep(pause)
            step = min(step * 2, _LONGEST_BACK_OFF)
            try:
                answer = await self.door.ask()
            except DoorUnreachable:
                continue
            if answer.gate is not Gate.MAINTENANCE:
                self._close_tasks("maintenance is over", {TaskKind.MAINTENANCE})
                return answer

    async def _seized(self, answer: Answer, url: str) -> Answer | None:
        """Ends the run with a task; a page within the market that says so is checked at the door once."""
        if not self.door.is_at(url):
            try:
                at_door = await self.door.ask()
            except DoorUnreachable:
                at_door = answer
            if at_door.gate is not Gate.SEIZED:
                return at_door
            answer = at_door
        self._put(answer, url)
        raise RunEnds("seized")

    async def _tested(self, session: Session | None) -> Answer | None:
        """Asks for the entry page with a session; None when it works, else what stood there. Raises DoorUnreachable."""
        if session is None:
            return None
        account = session.record.account
        answer = await self.door.ask(session)
        if answer.gate in _FOR_A_PERSON:
            self._refuse(session, f"the market shows {answer.gate.value} to it")
            return answer
        if answer.gate in WALLS:
            return answer
        if self.door.marker is not None and not answer.signed_in:
            self._refuse(session, f"the market shows it what a visitor sees: nothing matches {self.door.marker!r}")
            return _as_login(answer)
        self._desk.mark_session(session.record.id, SessionState.WORKS)
        self._cookies.use(session)
        self._had_session = True
        self._close_tasks(f"the session of account {account} works", {TaskKind(each.value) for each in WALLS})
        _LOG.info("%s: the session of account %s works", self._market, account)
        return None

    # --- desk and sessions -------------------------------------------------------------------------------------------

    def _brought(self) -> Session | None:
        """The session for the host the market is read at now; one for other hosts waits until they are used again."""
        return self._desk.usable_session(self._market, self.door.host) if self.door.host else None

    def _put(self, answer: Answer, url: str, *, again: bool = True) -> int | None:
        """The number of the task that waits; None where the desk's file cannot be written now."""
        capture = answer.sighting.capture
        id_ = stable_id("capture", capture.market, capture.record_id) if capture else ""
        kind = TaskKind(_gate(answer).value)
        try:
            waiting = [task.id for task in self._desk.waiting(self._market) if task.kind is kind]
            if waiting and not again:
                return waiting[0]
            return self._desk.put(self._market, kind, shows=answer.shows, url=url, capture=id_)
        except BadInput:
            _LOG.exception("no task could be put on the desk")
            return None

    def _close_tasks(self, what: str, kinds: set[TaskKind] | None = None) -> None:
        for task in self._desk.waiting(self._market):
            if task.kind is not TaskKind.BLOCKED and (kinds is None or task.kind in kinds):
                self._desk.note(task.id, what, TaskState.CLOSED)

    def _lose(self, gate: Gate) -> None:
        if self.session is not None:
            why = f"lost: the market shows {gate.value} to it"
            self._desk.mark_session(self.session.record.id, SessionState.EXPIRED, why)
            _LOG.warning("%s: the session of account %s is %s", self._market, self.session.record.account, why)
            self._cookies.use(None)

    def _refuse(self, session: Session, why: str) -> None:
        self._desk.mark_session(session.record.id, SessionState.REFUSED, why)
        for task in self._desk.waiting(self._market):
            if task.state is TaskState.ANSWERED:
                self._desk.note(
                    task.id, f"the session of account {session.record.account} was refused: {why}", TaskState.OPEN
                )

    def _keep(self, session: Session, cookies: tuple[Cookie, ...]) -> None:
        try:
            self._desk.keep_cookies(session.record, cookies)
        except BadInput:
            _LOG.exception("what the market changed in the session is not kept")


def _gate(answer: Answer) -> Gate:
    if answer.gate is None:
        raise ValueError("no gate stands there")
    return answer.gate


def _as_login(answer: Answer) -> Answer:
    return replace(answer, gate=Gate.LOGIN)


def _bounded(asked: float | None, usual: float) -> float:
    return min(max(asked if asked is not None else usual, _LEAST_STEP), _LONGEST_STEP)
