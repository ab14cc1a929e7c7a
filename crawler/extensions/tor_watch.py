"""Watches the Tor of a run: pauses the crawl while it is down, measures its circuits, keeps its health with the run."""

from __future__ import annotations

import asyncio
import logging
import os
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured

from crawler.frontier.holds import hold, lift
from crawler.home import Home, default_home
from crawler.model.errors import BadInput
from crawler.model.plain import iso
from crawler.passage import identity_of
from crawler.schedule.timing import read_span
from crawler.tor.endpoint import Endpoint
from crawler.tor.health import write_health
from crawler.tor.keeper import is_kept, kept_ports
from crawler.tor.measure import Measure
from crawler.tor.pool import place_of
from crawler.tor.watch import Circuits, Standing, Watch

_LOG = logging.getLogger(__name__)
_WHO = "tor"
_LOOK_SECONDS = 1.0
_LOOK_TAKES_AT_MOST = 10.0
_NOTE_SECONDS = 5.0
_KEEPER_SECONDS = 10.0  # in which a crawl that begins may have started another keeper


class TorWatch:
    """Holds the market while its Tor does not work, and lets it go on when Tor has found its way again.

    Settings: ``MARKET``, ``TOR_SOCKS``, ``TOR_CONTROL``, ``HOME``, ``STATE`` (folder for the file ``tor.json``) and
    ``TOR_PATIENCE`` (a span; a Tor that is down for longer ends the run, what waits is kept).
    """

    def __init__(self, crawler: Crawler) -> None:
        settings = crawler.settings
        self._crawler = crawler
        self._market: str = settings["MARKET"]
        self._folder = Path(settings["STATE"]) if settings.get("STATE") else None
        self._patience = float(read_span(settings["TOR_PATIENCE"], "TOR_PATIENCE"))
        self.socks = Endpoint.parse(settings["TOR_SOCKS"], "TOR_SOCKS")
        control = settings.get("TOR_CONTROL")
        home = Home.at(Path(settings.get("HOME") or default_home()))
        keys = home.client_keys(self._market)
        if keys and not control:
            raise BadInput(f"the client keys of {self._market} need Tor's control port: --tor-control HOST:PORT")
        control_port = Endpoint.parse(control, "TOR_CONTROL") if control else None
        pool = home.tor / str(place_of(self._market))
        self._kept_in = pool if kept_ports(pool) == (self.socks, control_port) else None
        self._watch = Watch(self.socks, control_port, keys)
        self.standing = self._watch.look()
        self._measures: dict[str, Measure] = {}
        self._circuits: Circuits | None = None
        self._looking: asyncio.Task[Standing] | None = None
        self._watching: asyncio.Task[None] | None = None
        self._down_since: float | None = None
        self._outages, self._seconds_down = 0, 0.0
        self._noted = 0.0
        crawler.signals.connect(self._opened, signals.spider_opened)
        crawler.signals.connect(self._closed, signals.spider_closed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> TorWatch:
        """The extension as Scrapy makes it. Raises NotConfigured where no market is crawled."""
        if not crawler.settings.get("MARKET"):
            raise NotConfigured("no market: Tor is used, not watched")
        return cls(crawler)

    @property
    def down(self) -> bool:
        """Whether the market is held because its Tor does not work."""
        return self._down_since is not None

    async def was_down(self, life: int | None) -> bool:
        """Whether Tor does not work now, or is another than the one of ``life`` that a request was made with."""
        if self.down:
            return True
        standing = await self._look()
        return not standing.works or (life is not None and life != standing.life)

    def page(self, request: Request, seconds: float, size: int) -> None:
        """A page came."""
        self._measure(request).page(seconds, size)

    async def failed(self, request: Request, *, in_time: bool) -> None:
        """A request came to nothing though Tor works; circuits that stall or are too slow are changed for new ones."""
        self._measure(request).failed(in_time=in_time)
        await self._renew_where_wanted()

    # --- looking at Tor ----------------------------------------------------------------------------------------------

    def _opened(self) -> None:
        self._watching = asyncio.ensure_future(self._keep_watching())

    def _closed(self) -> None:
        if self._watching is not None:
            self._watching.cancel()
        self._end_outage()
        self._note(running=False)
        self._watch.close()

    async def _keep_watching(self) -> None:
        while True:
            await self._look()
            if why := self._hopeless():
                await self._give_up(why)
                return
            if time.monotonic() - self._noted > _NOTE_SECONDS:
                self._circuits = await asyncio.to_thread(self._watch.circuits, frozenset(self._measures))
                await self._renew_where_wanted()
                self._note(running=True)
            await asyncio.sleep(_LOOK_SECONDS)

    async def _look(self) -> Standing:
        """How Tor stands; the market is held or let go on accordingly. Who asks during a look shares it."""
        if self._looking is None or self._looking.done():
            self._looking = asyncio.ensure_future(asyncio.to_thread(self._watch.look))
        try:
            standing = await asyncio.wait_for(asyncio.shield(self._looking), _LOOK_TAKES_AT_MOST)
        except TimeoutError:
            standing = Standing(works=False, words="Tor's control port does not answer", life=self.standing.life)
        self.standing = standing
        if not standing.works and self._down_since is None:
            self._down_since = time.monotonic()
            self._outages += 1
            self._crawler.signals.send_catch_log(hold, who=_WHO, why=f"Tor is down: {standing.words}")
            self._note(running=True)
        elif standing.works and self._down_since is not None:
            self._end_outage()
            _LOG.info("%s goes on: Tor is there again", self._market)
            self._crawler.signals.send_catch_log(lift, who=_WHO)
            self._note(running=True)
        return standing

    def _end_outage(self) -> None:
        if self._down_since is not None:
            self._seconds_down += time.monotonic() - self._down_since
            self._down_since = None

    def _hopeless(self) -> str | None:
        """Why a Tor that is down will not be waited for any longer; None while it may come back, or works."""
        down = time.monotonic() - self._down_since if self._down_since is not None else 0.0
        if down > self._patience:
            return "Tor did not come back"
        if self._kept_in is not None and down > _KEEPER_SECONDS and not is_kept(self._kept_in):
            return "Tor ended with its keeper, which was killed; the next run starts both"
        return None

    async def _give_up(self, why: str) -> None:
        if self._crawler.engine is not None:
            self._watching = None  # closing the run must not cancel what closes it
            await self._crawler.engine.close_spider_async(reason=why)

    # --- circuits ----------------------------------------------------------------------------------------------------

    def _measure(self, request: Request) -> Measure:
        return self._measures.setdefault(identity_of(request.meta.get("proxy", "")), Measure())

    async def _renew_where_wanted(self) -> None:
        for user, measure in list(self._measures.items()):
            if not self.down and (why := measure.wants_new_circuits(time.monotonic())):
                closed = await asyncio.to_thread(self._watch.renew, user)
                _LOG.warning("%s gets new circuits (%d closed): %s", self._market, closed, why)

    # --- what is kept ------------------------------------------------------------------------------------------------

    def _note(self, *, running: bool) -> None:
        self._noted = time.monotonic()
        figures = self._figures()
        if self._crawler.stats is not None:
            for name, value in figures.items():
                self._crawler.stats.set_value(f"tor/{name}", value)
        if self._folder is None:
            return
        facts: dict[str, Any] = {
            "market": self._market,
            "process": os.getpid(),
            "running": running,
            "time": iso(datetime.now(UTC)),
            "socks": str(self.socks),
            "works": self.standing.works,
            "words": self.standing.words,
            "bootstrap": self.standing.bootstrap,
        }
        try:
            write_health(self._folder, facts | figures)
        except OSError as error:
            _LOG.warning("%s: the health of Tor could not be noted: %s", self._market, error)

    def _figures(self) -> dict[str, Any]:
        """What the run's record keeps of Tor."""
        measures = self._measures.values()
        down = time.monotonic() - self._down_since if self._down_since is not None else 0.0
        figures: dict[str, Any] = {
            "version": self.standing.version,
            "outages": self._outages,
            "outage_seconds": round(self._seconds_down + down, 1),
            "failures": sum(each.failures for each in measures),
            "renewals": sum(each.renewals for each in measures),
            "circuits": self._circuits.seen if self._circuits else None,
            "circuit_age": self._circuits.oldest if self._circuits else None,
            "seconds_a_page": max((each.seconds_a_page or 0.0 for each in measures), default=None),
            "bytes_a_second": min((each.bytes_a_second or 0.0 for each in measures), default=None),
        }
        return {name: value for name, value in figures.items() if value is not None}
