"""A market that is held stands still, loses nothing and goes on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from scrapy import Request
from scrapy.utils.test import get_crawler
from twisted.python.failure import Failure

from crawler.frontier.holds import Holds, Postponed, hold, lift
from crawler.frontier.scheduler import LedgerScheduler
from spiders.market import MarketSpider


@pytest.fixture
def scheduler(tmp_path: Path) -> LedgerScheduler:
    crawler = get_crawler(MarketSpider, {"FRONTIER": str(tmp_path / "ledger.db")})
    scheduler = LedgerScheduler.from_crawler(crawler)
    scheduler.open(MarketSpider())
    scheduler.enqueue_request(Request("http://shop.example/listing/1", meta={"kind": "listing"}))
    scheduler.signals = crawler.signals  # type: ignore[attr-defined]
    return scheduler


def send(scheduler: Any, signal: object, **words: str) -> None:
    scheduler.signals.send_catch_log(signal, **words)


def test_each_reason_must_be_lifted_by_who_gave_it() -> None:
    holds = Holds()
    assert holds.put("tor", "Tor is down")
    assert not holds.put("tor", "Tor is still down")
    assert holds.put("desk", "a login waits for a person")
    holds.lift("tor")
    holds.lift("nobody")
    assert holds
    assert holds.reasons() == ("a login waits for a person",)
    holds.lift("desk")
    assert not holds


def test_while_a_market_is_held_nothing_is_handed_out_and_the_run_does_not_end(scheduler: LedgerScheduler) -> None:
    send(scheduler, hold, who="tor", why="Tor is down")
    assert scheduler.next_request() is None
    assert scheduler.has_pending_requests()
    send(scheduler, lift, who="tor")
    request = scheduler.next_request()
    assert request is not None
    assert request.url.endswith("/listing/1")


def test_a_postponed_page_waits_again_and_counts_as_no_failure(scheduler: LedgerScheduler) -> None:
    request = scheduler.next_request()
    assert request is not None
    assert scheduler.next_request() is None
    failure = Failure(Postponed("Tor is down"))  # type: ignore[no-untyped-call]
    failure.request = request  # type: ignore[attr-defined]
    assert request.errback is not None
    request.errback(failure)
    assert scheduler.frontier.counts().failed == 0
    again = scheduler.next_request()
    assert again is not None
    assert again.url == request.url
