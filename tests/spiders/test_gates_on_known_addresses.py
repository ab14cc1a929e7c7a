"""A gate that stands where the site is known to show listings is still a gate; what the site shows is none."""

from __future__ import annotations

import pytest

from crawler.model.reading import Received
from spiders.reader import SiteReader
from tests.crawler.desk.gated import SHUT
from tests.sites import Answer
from tests.small_market import small_market

ADDRESS = "http://small.onion"


@pytest.fixture(scope="module")
def learnt() -> SiteReader:
    """A reader that knows the site's addresses."""
    reader = SiteReader()
    for path, page in small_market(40).items():
        assert isinstance(page, Answer)
        reader.learn(Received(body=page.body, url=ADDRESS + path, content_type="text/html; charset=utf-8", status=200))
    return reader


@pytest.mark.parametrize("kind", SHUT)
@pytest.mark.parametrize("path", ["/listing/7", "/vendor/northlight", "/category?name=stimulants&page=2"])
def test_a_gate_at_a_known_address_is_a_gate(learnt: SiteReader, path: str, kind: str) -> None:
    raw = learnt.read(
        Received(body=SHUT[kind], url=ADDRESS + path, content_type="text/html; charset=utf-8", status=200)
    )
    assert (raw.page_type, raw.gate) == ("gate", kind)


def test_no_page_of_the_site_is_one(learnt: SiteReader) -> None:
    for path, page in small_market(40).items():
        assert isinstance(page, Answer)
        box = b"<form action=/login><input name=u><input type=password name=p></form>"
        for body in (page.body, page.body.replace(b"<main>", box + b"<main>")):
            raw = learnt.read(Received(body=body, url=ADDRESS + path, content_type="text/html", status=200))
            assert raw.gate is None, path
