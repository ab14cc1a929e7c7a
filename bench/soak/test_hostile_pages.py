"""The long count of hostile pages: every kind in a process of its own, and many broken copies of made pages.

`make soak`, or `python -m pytest bench/soak/test_hostile_pages.py`; `NPSWATCH_SOAK_COPIES` sets how many copies a site.
"""

from __future__ import annotations

import os
import random
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bench.sites.registry import all_sites
from config.profiles import Profile
from crawler.model.reading import Received
from pipelines.understanding import start_sighting, understand
from spiders.reader import SiteReader, read_page
from tests.spiders.hostile_pages import HOSTILE
from tests.spiders.test_reader_hostile import LONGEST_READING, MARKUP, MOST_MEMORY, read_in_a_child

COPIES = int(os.environ.get("NPSWATCH_SOAK_COPIES", "400"))
SELECTORS = {
    "listing.title": "h1, h2",
    "card": "div, li, tr",
    "card.title": "a => \\w+ .*",
    "review": "p",
    "review.text": ":scope",
}
PROFILE = Profile(name="soak", selectors=SELECTORS)


@pytest.mark.parametrize("selectors", [{}, SELECTORS], ids=["no profile", "profile"])
@pytest.mark.parametrize("name", HOSTILE)
def test_every_kind_of_hostile_page_keeps_to_two_seconds_and_200_megabytes(
    name: str, selectors: dict[str, str]
) -> None:
    grown, spent = read_in_a_child(name, selectors)
    print(f"{name}{' with a profile' if selectors else ''}: {spent:.2f} s, {grown / 1_000_000:.0f} MB")
    assert grown < MOST_MEMORY
    assert spent < LONGEST_READING


def _broken(body: bytes, chance: random.Random) -> bytes:
    """A copy with parts cut out, doubled, moved or overwritten."""
    copy = bytearray(body)
    for _ in range(chance.randint(1, 12)):
        at, size = chance.randrange(len(copy) + 1), chance.choice((1, 3, 30, 300, 3000))
        part = bytes(copy[at : at + size])
        what = chance.randrange(4)
        if what == 0:
            del copy[at : at + size]
        elif what == 1:
            copy[at:at] = part
        elif what == 2:
            copy[at : at + size] = bytes(chance.randrange(256) for _ in part)
        else:
            to = chance.randrange(len(copy) + 1)
            copy[to:to] = part
    return bytes(copy)


@pytest.mark.parametrize("name", all_sites())
def test_broken_copies_of_a_sites_pages_are_read_and_understood(name: str) -> None:
    chance = random.Random(name)
    pages = [page.body for page in all_sites()[name](20, 3).pages()]
    reader, corrected = SiteReader(), SiteReader(profile=PROFILE)
    for _ in range(COPIES):
        received = Received(body=_broken(chance.choice(pages), chance), url="http://m.example/x/1")
        started = time.process_time()
        for each in (reader, corrected):
            each.learn(received)
            understand(start_sighting(each.read(received), market="soak", url="http://m.example/x/1"))
        assert time.process_time() - started < LONGEST_READING * 2


@settings(max_examples=20_000, deadline=None, suppress_health_check=list(HealthCheck))
@given(markup=MARKUP, profiled=st.booleans())
def test_no_markup_makes_reader_or_pipelines_raise(markup: str, profiled: bool) -> None:
    received = Received(body=markup.encode("utf-8", "surrogatepass"), url="http://m.example/a")
    raw = read_page(received, profile=PROFILE if profiled else None)
    understand(start_sighting(raw, market="soak", url="http://m.example/a"))
