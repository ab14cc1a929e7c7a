"""One crawl of one or several markets in this process."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config.profiles import Profile
from crawler.home import Home
from crawler.model.errors import BadInput
from crawler.passage import check_address
from crawler.tor.client import TorClient


@dataclass(frozen=True, kw_only=True, slots=True)
class CrawlPlan:
    """What to crawl and how: a market, its addresses of today, limits and pace (requests a second, None for none)."""

    market: str
    addresses: tuple[str, ...]
    profile: Profile | None
    pace: float | None
    limit_pages: int | None = None
    fresh: bool = False


def addresses_of(home: Home, market: str, profile: Profile | None, start_url: str | None) -> tuple[str, ...]:
    """The addresses to crawl a market at, each past the guard's check. Raises BadInput or AddressRefused otherwise."""
    known = home.addresses(market)
    addresses = (start_url, *(each for each in known if each != start_url)) if start_url else known
    if not addresses:
        raise BadInput(f"no address of {market} is known in {home.folder}; name one with --start-url URL")
    for address in addresses:
        check_address(address, profile)
    return addresses


def crawl(
    plans: Sequence[CrawlPlan], home: Home, clients: Mapping[str, TorClient], *, store: str
) -> list[dict[str, Any]]:
    """The run documents of the plans, in their order, once all have ended; ``clients`` carries each market.

    Raises what stopped a crawl from starting. The guard of this process is closed from then on.
    """
    from scrapy.crawler import AsyncCrawlerProcess
    from scrapy.utils.project import get_project_settings

    settings = get_project_settings()
    settings.setmodule("config.settings")
    _log_to(home)
    settings.set("LOG_INSTALL_ROOT_HANDLER", False)  # the log goes to the home, nothing to the shell
    process = AsyncCrawlerProcess(settings)
    crawlers = []
    tasks = []
    for plan in plans:
        crawler = process.create_crawler(plan.market if plan.profile is not None else "market")
        crawler.settings.update(_values(plan, home, clients[plan.market], store), priority="cmdline")
        crawlers.append(crawler)
        tasks.append(process.crawl(crawler))
    process.start(stop_after_crawl=True)
    for task in tasks:
        if error := task.exception():
            raise error
    return [crawler.stats.get_value("run/document") for crawler in crawlers]


def _values(plan: CrawlPlan, home: Home, client: TorClient, store: str) -> dict[str, Any]:
    values: dict[str, Any] = {
        "MARKET": plan.market,
        "HOME": str(home.folder),
        "ADDRESSES": list(plan.addresses),
        "DOWNLOAD_DELAY": 1 / plan.pace if plan.pace else 0,
        "FRESH": plan.fresh,
        "LIMIT_PAGES": plan.limit_pages or 0,
        "TOR_SOCKS": str(client.socks),
        "STORE": store,
    }
    return values | ({"TOR_CONTROL": str(client.control)} if client.control else {})


def _log_to(home: Home) -> None:
    folder = Path(home.folder) / "logs"
    folder.mkdir(exist_ok=True, mode=0o700)
    handler = logging.FileHandler(folder / "crawl.log", encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.raiseExceptions = False  # a full disk must not fill the terminal with what could not be logged
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    logging.getLogger("httpx2").setLevel(logging.WARNING)
