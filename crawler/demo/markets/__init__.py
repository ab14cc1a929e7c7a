"""The demo markets, one structure a file: which pages exist and what each of them shows."""

from __future__ import annotations

from crawler.demo.markets.dvor import dvor
from crawler.demo.markets.harbour import harbour
from crawler.demo.markets.quartz import quartz
from crawler.demo.site import DemoSite
from crawler.model.errors import BadInput

_MARKETS = {"quartz": quartz, "harbour": harbour, "dvor": dvor}
MARKETS = tuple(_MARKETS)


def open_site(name: str) -> DemoSite:
    """A demo market by its name. Raises BadInput for a name there is none of."""
    if name not in _MARKETS:
        raise BadInput(f"no demo market {name!r}; there are {', '.join(MARKETS)}")
    return _MARKETS[name]()
