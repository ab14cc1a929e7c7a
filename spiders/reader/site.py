"""A site's reader: it learns from the first pages of a host and reads all of them."""

from __future__ import annotations

from config.profiles import Profile
from crawler.model.reading import Received
from crawler.model.words import RawPage
from spiders.reader.read import read_generic
from spiders.reader.template import Template


class SiteReader:
    """Reads the pages of one site (one host). Give it up to 200 pages to learn from, then let it read."""

    def __init__(self, *, profile: Profile | None = None, template: Template | None = None) -> None:
        self._profile = profile
        self._template = template

    @property
    def template(self) -> Template:
        """What the site taught so far, frozen."""
        if self._template is None:
            self._template = Template()
        return self._template

    def learn(self, received: Received) -> None:
        """Takes note of a page."""

    def read(self, received: Received) -> RawPage:
        """What the page shows, with the help of what was learnt. Never raises for what the body holds."""
        return read_generic(received, self.template)
