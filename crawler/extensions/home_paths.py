"""Gives a market's run its places in the operator's home, also under plain `scrapy crawl`."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from scrapy.settings import BaseSettings

from crawler.home import Home, default_home
from crawler.model.identity import run_name

_PRIORITY = "cmdline"  # only what nobody set is filled in


class HomePaths:
    """Fills the places of the market being crawled, each into the setting of its name.

    ``STATE``, ``FRONTIER``, ``CAPTURES``, ``TEMPLATES``, ``STORE``, ``RUN`` and ``ADDRESSES``.
    Without a market (`scrapy shell`, `fetch`, `view`) nothing is kept and nothing is filled in.
    """

    def update_settings(self, settings: BaseSettings) -> None:
        """Called by Scrapy before anything else is made."""
        market = settings.get("MARKET")
        if not market:
            return
        home = Home.at(Path(settings.get("HOME") or default_home()))
        state = home.shared_copy(market) if settings.get("SHARED") else home.state(market)
        values = {
            "STATE": str(state),
            "FRONTIER": str(state / "ledger.db"),
            "CAPTURES": str(home.captures),
            "TEMPLATES": str(home.templates(market)),
            "STORE": home.store,
            "RUN": run_name(datetime.now(UTC)),
            "ADDRESSES": list(home.addresses(market)),
        }
        for name, value in values.items():
            if not settings.get(name):
                settings.set(name, value, priority=_PRIORITY)
