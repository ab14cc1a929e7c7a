"""The last step: documents into the outbox, from there to the index in batches."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured

from config.profiles import read_profiles
from crawler.model.sighting import Document, Sighting
from index.outbox import Outbox
from pipelines.delivery import Delivery
from pipelines.documents import documents_of
from pipelines.lifecycle import LifeRegister
from pipelines.review_queue import add_waiting, waiting_of
from pipelines.run_record import run_document
from pipelines.vocabulary import extend_from


class IndexPipeline:
    """Posts each sighting's documents to the outbox before the page counts as read; delivers behind the crawl's back.

    An index that is down costs nothing: documents wait in the outbox and leave with this run's end or the next run.
    Settings: ``STATE`` (folder), ``STORE``.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._state = Path(crawler.settings["STATE"])
        self._home = Path(crawler.settings["HOME"]) if crawler.settings.get("HOME") else None
        self._address: str = crawler.settings["STORE"]
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
        self._register = LifeRegister(self._state / "seen.db")

    def process_item(self, item: Sighting) -> Sighting:
        """The sighting, its documents safe on disk."""
        documents = documents_of(item, self._register)
        if (emergent := waiting_of(item)) and self._home is not None:
            add_waiting(self._home, emergent)
        self._outbox.post(documents)
        self._count(item, documents)
        self._delivery.posted(len(documents))
        return item

    async def _spider_closed(self, reason: str) -> None:
        """Delivers what is left, the run's own record last; what the index does not take now waits for the next run."""
        await self._delivery.finish()
        counts = self._outbox.counts()
        self._set("outbox/waiting", counts.waiting)
        self._set("outbox/rejected", counts.rejected)
        self._post_run(reason)
        await self._delivery.attempt()
        self._outbox.close()
        self._register.close()
        self._delivery.close()

    def _post_run(self, reason: str) -> None:
        settings, stats = self._crawler.settings, self._crawler.stats
        market = settings["MARKET"]
        figures = {"finish_time": datetime.now(UTC)} | (stats.get_stats() if stats is not None else {})
        profile = read_profiles().get(market)
        document = run_document(figures, market=market, run=settings["RUN"], why=reason, profile=profile)
        self._outbox.post([document])
        if stats is not None:
            stats.set_value("run/document", document.body)

    def _count(self, item: Sighting, documents: tuple[Document, ...]) -> None:
        stats: Any = self._crawler.stats
        stats.inc_value("pages/read")
        stats.inc_value(f"pages/type/{item.page.page_type.value}")
        if item.page.gate is not None:
            stats.inc_value(f"pages/gate/{item.page.gate.value}")
        for document in documents:
            stats.inc_value(f"documents/{document.kind}")
            if document.kind == "listing":
                stats.inc_value(f"listings/{document.body['state']}")

    def _set(self, name: str, value: int) -> None:
        if self._crawler.stats is not None:
            self._crawler.stats.set_value(name, value)
