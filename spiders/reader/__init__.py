"""The generic reader: any market-like site in any of our languages, from the markup alone."""

from __future__ import annotations

from config.profiles import Profile
from crawler.model.reading import Received
from crawler.model.words import RawPage
from spiders.reader.leads import links_to_follow
from spiders.reader.read import READER_VERSION
from spiders.reader.shelf import TemplateShelf
from spiders.reader.site import SiteReader
from spiders.reader.template import Template

__all__ = ["READER_VERSION", "SiteReader", "Template", "TemplateShelf", "links_to_follow", "read_page"]


def read_page(received: Received, *, template: Template | None = None, profile: Profile | None = None) -> RawPage:
    """What a page shows, in its own words with their source. Never raises for what the body holds.

    ``template`` is what its site taught before; ``profile`` corrects single fields.
    """
    return SiteReader(profile=profile, template=template or Template()).read(received)
