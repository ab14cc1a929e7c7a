"""A page that did not come through and should be asked for later."""

from __future__ import annotations

from scrapy.exceptions import IgnoreRequest


class AskAgain(IgnoreRequest):
    """The market answered, but not with the page: it is asked for again later in the run, so often as makes sense.

    Raised by `crawler.middlewares.again`; ``wait`` is what the market asked for, in seconds, 0 when for nothing.
    """

    def __init__(self, why: str, wait: float = 0.0) -> None:
        super().__init__(why)
        self.wait = wait


class Forbidden(IgnoreRequest):
    """A page that robots.txt forbids: not fetched, and no failure. Raised by `crawler.middlewares.robots`."""
