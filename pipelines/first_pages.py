"""The first pages of a market never seen before: they wait for its first lesson and are read again with it."""

from __future__ import annotations

import dataclasses
from typing import Protocol, runtime_checkable

from crawler.model.page import Page
from crawler.model.sighting import Sighting
from crawler.model.words import RawPage
from pipelines.understanding import understand


@runtime_checkable
class Rereads(Protocol):
    """A spider that can read pages again once their market taught a lesson."""

    def waits(self, item: Sighting) -> bool:
        """Whether the page was read before there was a lesson, and there is none yet."""

    def again(self, item: Sighting) -> RawPage | None:
        """What such a page says by the lesson; None for a page that was read with one."""


class FirstPages:
    """Holds back what pages say that were read before their market taught a lesson, and has the spider read them again.

    A spider that does not read again holds nothing back.
    """

    def __init__(self, spider: object) -> None:
        self._spider = spider if isinstance(spider, Rereads) else None
        self._waiting: list[Sighting] = []

    def take(self, item: Sighting) -> list[Sighting]:
        """Which pages may go on: none while there is no lesson, then all that waited and this one."""
        self._waiting.append(item)
        return [] if self._spider is not None and self._spider.waits(item) else self.settle()

    def settle(self) -> list[Sighting]:
        """All that waited, read again."""
        ready = [self._read(item) for item in self._waiting]
        self._waiting.clear()
        return ready

    def _read(self, item: Sighting) -> Sighting:
        raw = self._spider.again(item) if self._spider is not None else None
        return item if raw is None else understand(dataclasses.replace(item, raw=raw, page=Page.of(raw)))
