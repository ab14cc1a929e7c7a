"""A site's reader: it learns from the first pages of a host and reads all of them."""

from __future__ import annotations

import dataclasses

from config.profiles import Profile
from crawler.model.page import PageType
from crawler.model.reading import Received
from crawler.model.words import RawPage
from spiders.reader.decode import decode
from spiders.reader.dom import Dom, parse
from spiders.reader.learn import Lesson, Lessons
from spiders.reader.profiled import Corrections, tree_of
from spiders.reader.read import READER_VERSION, Reading, read_parsed
from spiders.reader.template import Template

MOST_TO_LEARN_FROM = 200
_LONGEST_TO_LEARN_FROM = 400_000
_MOST_BYTES = 24_000_000
# After so many pages the lesson is learnt anew, as long as pages to learn from keep coming while the site is read.
_LESSONS = (12, 30, 70, 130, MOST_TO_LEARN_FROM)


class SiteReader:
    """Reads the pages of one site (one host).

    Give it up to 200 pages to learn from, then let it read; or learn from each page before reading it, as a crawl
    does: the lesson is then renewed at a few counts of pages. Each page says the version of the template that read it.
    ``template`` is read with as it is and never renewed; ``earlier`` is what the site taught an earlier run, used
    until this one has seen as many pages. What the profile states becomes part of the template, and of its version.
    Raises BadProfile for a profile whose selectors have faults.
    """

    def __init__(
        self, *, profile: Profile | None = None, template: Template | None = None, earlier: Template | None = None
    ) -> None:
        self._profile = profile or Profile(name="")
        self._learnt = template or earlier
        self._stated: Template | None = None
        self._given = template is not None
        self._least = earlier.pages if earlier else 0
        self._lessons = Lessons(self._read_to_learn)
        self._waiting: list[Lesson] = []
        self._bytes = 0
        self._taken = 0
        self._learnt_from = 0
        self._corrections = Corrections(self._profile.name, self._profile.selectors)

    @property
    def template(self) -> Template:
        """What the site taught so far and what its profile states, frozen."""
        if self._learnt is None or self._is_due():
            self._learnt = self._lessons.learn(self._waiting)
            self._stated = None
            self._learnt_from = self._taken
            self._waiting.clear()
            if self._taken >= MOST_TO_LEARN_FROM:
                self._lessons.end()
        if self._stated is None:
            self._stated = _with_profile(self._learnt, self._profile)
            self._corrections = Corrections(self._profile.name, self._stated.selectors)
        return self._stated

    @property
    def knows_the_site(self) -> bool:
        """Whether the site taught a lesson of enough pages, in this run or an earlier one."""
        known = self._learnt is not None and self._learnt.pages >= _LESSONS[0]
        return self._given or known or self._is_due()

    def conclude(self) -> None:
        """Learns from the pages taken so far where they are too few for a lesson; there may be no more of them."""
        if not self.knows_the_site and self._learnt_from < self._taken and self._taken >= self._least:
            self._learnt = None

    def _is_due(self) -> bool:
        due = (lesson for lesson in _LESSONS if lesson >= self._least)
        return not self._given and any(self._learnt_from < lesson <= self._taken for lesson in due)

    def learn(self, received: Received) -> None:
        """Takes note of a page, as long as no template was given and there is room for it."""
        size = len(received.body)
        room = self._taken < MOST_TO_LEARN_FROM and self._bytes + size <= _MOST_BYTES
        if not self._given and room and size <= _LONGEST_TO_LEARN_FROM:
            self._waiting.append(Lesson(received))
            self._taken += 1
            self._bytes += size

    def _read_to_learn(self, dom: Dom, received: Received, template: Template) -> Reading:
        """A page as it is read while the site is learnt: of the type that the profile states."""
        said = None
        if self._corrections.tells_types:
            said = self._corrections.page_type(tree_of(decode(received.body, received.content_type)))
        return read_parsed(dom, received, template, said=said)

    def read(self, received: Received) -> RawPage:
        """What the page shows, with the help of what was learnt. Never raises for what the body holds."""
        markup = decode(received.body, received.content_type)
        template = self.template
        if not self._corrections:
            return self._read(parse(markup), received, template)
        page = tree_of(markup)
        if gate := self._corrections.gate(page):
            return RawPage(page_type=PageType.GATE.value, gate=gate, reader=READER_VERSION, template=template.version)
        raw = self._read(parse(markup), received, template, self._corrections.page_type(page))
        return self._corrections.correct(raw, page, received.url)

    def _read(self, dom: Dom, received: Received, template: Template, said: str | None = None) -> RawPage:
        """The page's raw words; a page to learn from is noted as it is read, so that it is not read again for it."""
        reading = read_parsed(dom, received, template, said=said)
        if self._waiting and self._waiting[-1].page is received:
            self._waiting[-1].note = self._lessons.note(dom, received, reading)
        return reading.raw


def _with_profile(template: Template, profile: Profile) -> Template:
    """The template with what the profile states, which stands above what was learnt."""
    if not profile.selectors and not profile.addresses:
        return template
    return dataclasses.replace(
        template,
        shapes=template.shapes | profile.addresses,
        selectors=template.selectors | profile.selectors,
    )
