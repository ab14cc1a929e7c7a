"""Pages of a made market as the reader receives them."""

from __future__ import annotations

from collections.abc import Mapping

from crawler.model.reading import Received
from tests.sites import Answer, Page

HOST = "http://m.example"


def received_pages(market: Mapping[str, Page]) -> list[Received]:
    """All fixed pages of a market, in its order."""
    return [
        Received(body=page.body, url=HOST + path, content_type=page.headers.get("Content-Type"))
        for path, page in market.items()
        if isinstance(page, Answer)
    ]
