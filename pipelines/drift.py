"""The watch over a run: pages that lost what a market used to show wait, and stay out of the index if it changed."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from crawler.model.identity import stable_id
from crawler.model.plain import iso
from crawler.model.sighting import Document, Sighting
from pipelines.health import (
    CORE,
    FALL,
    FEWEST,
    PROMISED,
    SAME,
    SAME_SHARE,
    WATCHED,
    FillRates,
    Health,
    fallen,
    linked,
    masks,
    missing,
    same_alarm,
    shape_of,
    turned,
)
from pipelines.health_book import LESSON, HealthBook, RunHealth
from pipelines.run_record import DEGRADED, GOOD

_USUAL = 0.8
_WINDOW = 20
_MOST_WAITING = 2_000
_OWN_PAGES = 30
_SAY_THE_SAME = 2


@dataclass(slots=True)
class _Waiting:
    item: Sighting
    doubts: frozenset[str]


class DriftWatch:
    """Counts the pages of a run and holds back those that lost what the market's pages used to show.

    A page that lacks a field which nearly all pages had, says what others say, or is not what its link or address used
    to lead to, waits. If the run shows that the market has changed (an alarm), such pages go into quarantine; if not,
    they go on to the index.
    ``least`` are the shares a profile expects.
    """

    def __init__(self, folder: Path, market: str, least: Mapping[str, float]) -> None:
        self._book = HealthBook(folder, market)
        self._market = market
        self._least = dict(least)
        self._before = self._book.expected()
        self._health = Health()
        self._waiting: list[_Waiting] = []
        self._promises: defaultdict[str, deque[bool]] = defaultdict(lambda: deque(maxlen=_WINDOW))
        self._windows: defaultdict[str, deque[frozenset[str]]] = defaultdict(lambda: deque(maxlen=_WINDOW))
        self._alarms: dict[str, str] = {}
        self._held = 0
        self._noted: set[str] = set()
        self._usual: set[str] = set()

    def defer(self, item: Sighting) -> None:
        """Notes a page that waits for its market's first lesson, so that a run that is killed loses nothing of it."""
        if item.capture is not None:
            self._book.hold(item, {LESSON})
            self._noted.add(item.capture.record_id)

    def take(self, item: Sighting) -> list[Sighting]:
        """Which pages may go on to the index now: this one, unless it waits, and those that waited long enough."""
        kind, lost = item.page.page_type.value, missing(item)
        doubts = frozenset(name for name in lost if self._is_usual(name))
        if self._health.alike(item) >= _SAY_THE_SAME:
            doubts |= {SAME}
        doubts |= self._broken_promises(item)
        self._health.count(item)
        self._windows[kind].append(lost)
        self._look(kind)
        if not doubts or item.capture is None:
            return [item]
        self._book.hold(item, doubts)
        self._noted.add(item.capture.record_id)
        self._waiting.append(_Waiting(item, doubts))
        if doubts & self._alarms.keys():
            self._sentence()
        return self._judged() if len(self._waiting) > _MOST_WAITING else []

    def settle(self) -> list[Sighting]:
        """The run has ended: which of the waiting pages may go on to the index; the others stay in quarantine."""
        rates = self._health.rates()
        for name, alarm in (*fallen(self._before, rates, self._least), *turned(self._before, rates)):
            self._alarms.setdefault(name, alarm)
        return self._judged()

    def indexed(self, items: list[Sighting]) -> None:
        """These pages' documents are safe: they wait no more."""
        known = {item.capture.record_id for item in items if item.capture is not None} & self._noted
        self._book.release(known)
        self._noted -= known

    def close(self, run: Document, ended: datetime) -> list[Document]:
        """The run's document with its health, and an alert for each alarm; the home remembers both."""
        rates = self._health.rates()
        alarms = tuple((dict(masks(self._before, rates)) | self._alarms).values())
        body = _with_health(run.body, rates, alarms, self._held)
        self._book.enter(
            RunHealth(
                run=str(body["run"]),
                ended=iso(ended),
                verdict=str(body["verdict"]),
                pages=int(body["read"]),
                held=self._held,
                rates=rates,
                alarms=alarms,
                reasons=tuple(body["reasons"]),
            )
        )
        self._book.close()
        return [Document(kind="run", id=run.id, body=body), *(self._alert(alarm, body, ended) for alarm in alarms)]

    def _broken_promises(self, item: Sighting) -> frozenset[str]:
        """The kinds that the page should be, by the link that led to it or its address, and is not."""
        if item.page.gate is not None:
            return frozenset()
        kind = item.page.page_type.value
        promised = {name for name in WATCHED if self._is_promised(name, item)}
        for name in promised:
            last = self._promises[name]
            last.append(name != kind)
            if len(last) >= FEWEST and sum(last) >= _USUAL * len(last):
                self._alarms.setdefault(
                    linked(name), f"{sum(last)} of the last {len(last)} pages that should be a {name} are none"
                )
        return frozenset(linked(name) for name in promised - {kind})

    def _is_promised(self, kind: str, item: Sighting) -> bool:
        """Whether nearly all pages led to in this way were of the kind, in earlier runs or in this one so far."""
        at_shape = self._before.share_of(kind, shape_of(item.url))
        if item.expected == kind:
            was = self._before.kept_promise(kind)
            kept = was if was is not None else self._health.kept_promise(kind, _OWN_PAGES)
            if kept is not None and kept >= PROMISED:
                self._usual.add(linked(kind))
        return (item.expected == kind and linked(kind) in self._usual) or (at_shape or 0.0) >= PROMISED

    def _is_usual(self, name: str) -> bool:
        """Whether nearly all pages have the field: in earlier runs, as the profile expects, or in this run so far."""
        if name in self._usual or self._least.get(name, 0.0) > FALL:
            return True
        was = self._before.rate(name)
        if was is None:
            was = self._health.rate(name, _OWN_PAGES)
        if was is not None and was >= _USUAL:
            self._usual.add(name)  # and stays so, however many pages lack it from now on
        return name in self._usual

    def _look(self, kind: str) -> None:
        """Raises an alarm while the run goes on where a core field is gone from the last pages."""
        window = self._windows[kind]
        if len(window) < FEWEST:
            return
        for name in CORE - self._alarms.keys():
            if name.partition(".")[0] != kind or not self._is_usual(name):
                continue
            gone = sum(name in lost for lost in window) / len(window)
            if gone >= _USUAL:
                self._alarms[name] = f"{name} is gone from {gone:.0%} of the last {len(window)} pages"
                self._sentence()
        if SAME not in self._alarms and self._health.same >= SAME_SHARE:
            self._alarms[SAME] = same_alarm(self._health.same)
            self._sentence()

    def _judged(self) -> list[Sighting]:
        self._sentence()
        going = [each.item for each in self._waiting]
        self._waiting.clear()
        return going

    def _sentence(self) -> None:
        """Moves the waiting pages that an alarm speaks of into quarantine."""
        guilty = [each for each in self._waiting if each.doubts & self._alarms.keys()]
        for each in guilty:
            why = "; ".join(self._alarms[name] for name in sorted(each.doubts & self._alarms.keys()))
            self._book.sentence([each.item], why)
        self._held += len(guilty)
        self._waiting = [each for each in self._waiting if not each.doubts & self._alarms.keys()]

    def _alert(self, alarm: str, body: Mapping[str, Any], ended: datetime) -> Document:
        run = str(body["run"])
        held = f" {self._held} pages are held back: npswatch market quarantine {self._market}." if self._held else ""
        return Document(
            kind="alert",
            id=stable_id("alert", self._market, run, alarm),
            body={
                "market": self._market,
                "run": run,
                "time": iso(ended),
                "title": f"{self._market} is read differently than before",
                "about": "drift",
                "text": f"{alarm}.{held}",
            },
        )


def _with_health(body: dict[str, Any], rates: FillRates, alarms: tuple[str, ...], held: int) -> dict[str, Any]:
    """The run's body with its fill rates; alarms and held pages make a good run degraded."""
    reasons = [*body["reasons"], *alarms, *([f"{held} pages are held in quarantine"] if held else [])]
    verdict = DEGRADED if reasons and body["verdict"] == GOOD else body["verdict"]
    return body | {"verdict": verdict, "reasons": reasons, "fill": rates.shares(), "alarms": list(alarms), "held": held}
