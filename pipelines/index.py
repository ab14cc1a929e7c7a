"""The last step: documents into the outbox, from there to the index in batches."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.utils.misc import load_object

from config.profiles import read_profiles
from crawler.model.errors import NoSpace, NpswatchError
from crawler.model.plain import iso
from crawler.model.sighting import Capture, Document, Sighting
from crawler.model.signals import capture_unread
from index.outbox import Outbox
from pipelines.census import Census
from pipelines.delivery import Delivery
from pipelines.documents import captures_of, documents_of, unread_document
from pipelines.drift import DriftWatch
from pipelines.first_pages import FirstPages
from pipelines.lifecycle import LifeRegister
from pipelines.reconcile import Account, reconcile
from pipelines.review_queue import add_waiting, waiting_of
from pipelines.run_record import cut_off_document, run_document
from pipelines.survey import Survey
from pipelines.vocabulary import extend_from

_LOG = logging.getLogger(__name__)


class IndexPipeline:
    """Posts each sighting's documents to the outbox before the page counts as read; delivers behind the crawl's back.

    An index that is down costs nothing: documents wait in the outbox and leave with this run's end or the next run.
    At its end the run gives account of every response its archive holds (`pipelines.reconcile`).
    Settings: ``STATE`` (folder), ``STORE``, ``MARKET``, ``RUN``, ``CAPTURES``, ``RESPONSES_KEPT`` (what counts them).
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._state = Path(crawler.settings["STATE"])
        self._home = Path(crawler.settings["HOME"]) if crawler.settings.get("HOME") else None
        self._address: str = crawler.settings["STORE"]
        self._market: str = crawler.settings["MARKET"]
        self._run: str = crawler.settings["RUN"]
        crawler.signals.connect(self._unread, capture_unread)
        crawler.signals.connect(self._spider_closed, signals.spider_closed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> IndexPipeline:
        """The pipeline as Scrapy makes it. Raises NotConfigured where no market is crawled."""
        if not crawler.settings.get("STATE"):
            raise NotConfigured("no market: nothing is indexed")
        return cls(crawler)

    def open_spider(self) -> None:
        """Opens outbox and register; the operator's own vocabulary is read from here on."""
        if self._home is not None:
            extend_from(self._home)
        self._outbox = Outbox(self._state / "outbox.db")
        self._delivery = Delivery(self._outbox, self._address)
        self._register = LifeRegister(self._state / "lives.db")
        self._census = Census(self._state / "census.db")
        self._census.begin(resumed=bool(self._stat("frontier/resumed", 0)))
        self._survey = Survey(self._market, self._census, self._register)
        self._first = FirstPages(self._crawler.spider)
        profile = read_profiles().get(self._market)
        self._watch = DriftWatch(self._state, self._market, profile.fill if profile else {})

    def process_item(self, item: Sighting) -> Sighting:
        """The sighting, its documents safe on disk. Raises NoSpace when they cannot be: the run stops in order."""
        due = self._first.take(item)
        if not due:
            self._watch.defer(item)
        self._survey.note(item)
        ready = self._judged(due, item)
        documents = self._documents(ready)
        if not any(each.capture is item.capture for each in ready):
            documents += captures_of(item)  # the page stays evidence; what it says waits
        self._outbox.post(documents)
        self._watch.indexed(ready)
        self._count_arrival(item)
        self._count_types(due)
        self._count_documents(documents)
        self._delivery.posted(len(documents))
        return item

    def _judged(self, due: list[Sighting], noted: Sighting | None = None) -> list[Sighting]:
        """Which of the pages, and of those that waited, may go to the index."""
        ready = []
        for item in due:
            ready += self._watch.take(item)
            if item is not noted:
                self._survey.note(item)  # again: it was read anew
        return ready

    def _documents(self, ready: list[Sighting]) -> tuple[Document, ...]:
        """The documents of pages that may go to the index."""
        for item in ready:
            if (emergent := waiting_of(item)) and self._home is not None:
                add_waiting(self._home, emergent)
        return tuple(document for item in ready for document in documents_of(item, self._register))

    def _settle(self) -> None:
        """The pages that waited for the run's judgement and may go to the index now."""
        try:
            first = self._first.settle()
            ready = self._judged(first) + self._watch.settle()
            documents = self._documents(ready)
            self._outbox.post(documents)
        except NoSpace as error:
            _LOG.error("pages that waited could not be kept, the next run indexes them: %s", error)
            return
        self._watch.indexed(ready)
        self._count_types(first)
        self._count_documents(documents)

    def _unread(self, capture: Capture, why: str) -> None:
        self._outbox.post([unread_document(capture, why)])
        self._delivery.posted(1)

    async def _spider_closed(self, reason: str) -> None:
        """Delivers what is left, the run's own record last; what the index does not take now waits for the next run."""
        self._settle()
        figures = self._conclude(reason)
        await self._delivery.finish()
        counts = self._outbox.counts()
        self._set("outbox/waiting", counts.waiting)
        self._set("outbox/rejected", counts.rejected)
        accounts = await asyncio.to_thread(self._accounts)
        self._post_runs(reason, figures, accounts)
        await self._delivery.attempt()
        self._outbox.close()
        self._register.close()
        self._census.close()
        self._delivery.close()

    def _accounts(self) -> dict[str, Account]:
        """The accounts of this run and of those before it that were cut off."""
        left = self._stat("captures/left", ())
        return {run: self._account(run, left) for run in (self._run, *self._stat("captures/runs_cut_off", ()))}

    def _account(self, run: str, left: Sequence[str]) -> Account:
        settings = self._crawler.settings
        response_ids = load_object(settings["RESPONSES_KEPT"])
        try:
            kept = response_ids(Path(settings["CAPTURES"]), self._market, run)
        except NpswatchError as error:
            return Account(fault=f"the archive of the run cannot be counted: {error}")
        return reconcile(kept, self._market, self._outbox, self._delivery.store, left)

    def _conclude(self, reason: str) -> dict[str, Any]:
        """The figures of the survey; the documents of listings whose state turned are in the outbox."""
        failed = self._stat("pages/failed/category", 0) + self._stat("pages/failed/entry", 0)
        finished = reason == "finished" and not self._stat("frontier/waiting", 0) and not failed
        gates = sum(value for name, value in self._stats().items() if name.startswith("pages/gate/"))
        blind = self._stat("pages/read", 0) <= gates
        try:
            with self._register.changing():
                findings = self._survey.conclude(time=iso(datetime.now(UTC)), finished=finished, blind=blind)
                self._outbox.post(findings.documents)
        except NoSpace as error:
            _LOG.error("what the run says of its market as a whole could not be kept: %s", error)
            return {}
        return findings.figures

    def _post_runs(self, reason: str, survey: dict[str, Any], accounts: dict[str, Account]) -> None:
        stats = self._crawler.stats
        figures = {"finish_time": datetime.now(UTC)} | self._stats() | survey
        profile = read_profiles().get(self._market)
        account = accounts.pop(self._run)
        document = run_document(figures, account, market=self._market, run=self._run, why=reason, profile=profile)
        cut_off = [cut_off_document(each, market=self._market, run=run) for run, each in accounts.items()]
        run = document
        try:
            run, *alerts = self._watch.close(document, figures["finish_time"])
            self._outbox.post([*cut_off, run, *alerts])
        except NoSpace as error:
            _LOG.error("the run's own record could not be kept: %s", error)
        if stats is not None:
            stats.set_value("run/document", run.body)

    def _count_arrival(self, item: Sighting) -> None:
        """Counts a page at once: what waits at the desk asks whether anything but gates was read."""
        stats: Any = self._crawler.stats
        stats.inc_value("pages/read")
        if item.page.gate is not None:
            stats.inc_value(f"pages/gate/{item.page.gate.value}")

    def _count_types(self, items: list[Sighting]) -> None:
        stats: Any = self._crawler.stats
        for item in items:
            stats.inc_value(f"pages/type/{item.page.page_type.value}")

    def _count_documents(self, documents: tuple[Document, ...]) -> None:
        stats: Any = self._crawler.stats
        for document in documents:
            stats.inc_value(f"documents/{document.kind}")
            if document.kind == "listing":
                stats.inc_value(f"listings/{document.body['state']}")

    def _set(self, name: str, value: int) -> None:
        if self._crawler.stats is not None:
            self._crawler.stats.set_value(name, value)

    def _stat(self, name: str, otherwise: Any) -> Any:
        return otherwise if self._crawler.stats is None else self._crawler.stats.get_value(name, otherwise)

    def _stats(self) -> dict[str, Any]:
        return dict(self._crawler.stats.get_stats()) if self._crawler.stats is not None else {}
