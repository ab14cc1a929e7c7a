"""One spider a market profile, so that `scrapy list` names every market this checkout knows."""

from __future__ import annotations

from config.profiles import Profile, read_profiles
from spiders.market import MarketSpider


def spider_for(profile: Profile) -> type[MarketSpider]:
    """The market spider under a profile's name."""
    return type(
        f"{profile.name.title().replace('-', '').replace('_', '')}Spider",
        (MarketSpider,),
        {"name": profile.name, "profile": profile, "__module__": __name__, "__doc__": f"The market {profile.name}."},
    )


globals().update({spider.__name__: spider for spider in map(spider_for, read_profiles().values())})
