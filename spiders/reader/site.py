"""A site's reader: it learns from the first pages of a host and reads all of them."""

from __future__ import annotations

from config.profiles import Profile
from crawler.model.reading import Received
from crawler.model.words import RawPage
from spiders.reader.learn import learn_site
from spiders.reader.read import read_generic, read_parsed
from spiders.reader.template import Template

MOST_TO_LEARN_FROM = 200
_LONGEST_TO_LEARN_FROM = 400_000


class SiteReader:
    """Reads the pages of one site (one host). Give it up to 200 pages to learn from, then let it read."""

    def __init__(self, *, profile: Profile | None = None, template: Template | None = None) -> None:
        self._profile = profile
        self._template = template
        self._pages: list[Received] = []

    @property
    def template(self) -> Template:
        """What the site taught, frozen at the first look; the same for every page read after it."""
        if self._template is None:
            self._template = learn_site(self._pages, read_parsed)
            self._pages.clear()
        return self._template

    def learn(self, received: Received) -> None:
        """Takes note of a page, as long as nothing was read, no template was given and there is room for it."""
        if (
            self._template is None
            and len(self._pages) < MOST_TO_LEARN_FROM
            and len(received.body) <= _LONGEST_TO_LEARN_FROM
        ):
            self._pages.append(received)

    def read(self, received: Received) -> RawPage:
        """What the page shows, with the help of what was learnt. Never raises for what the body holds."""
        return read_generic(received, self.template)
