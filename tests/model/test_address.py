"""The same page has the same key on every mirror and in every session."""

from __future__ import annotations

import pytest

from crawler.model.address import on_same_host, page_key, session_of

SID = "a81f5e7bb2c94d0fa81f5e7b"


@pytest.mark.parametrize(
    "url",
    [
        f"http://a.onion/item?id=7&PHPSESSID={SID}",
        f"http://b.onion/item?sid={SID}&id=7#top",
        f"http://a.onion/item;jsessionid={SID.upper()}.node1?id=7",
        f"http://a.onion/(S({SID}))/item?id=7",
        f"http://a.onion/item?id=7&s={SID}",
    ],
)
def test_a_session_is_no_part_of_a_page(url: str) -> None:
    assert page_key(url) == "/item?id=7"
    assert session_of(url) is not None


@pytest.mark.parametrize(
    "url", ["/shop?sid=12", f"/item?id={SID}", f"/item/{SID}", "/list?s=newest", "/list?session=morningandevening"]
)
def test_what_only_looks_like_a_session_stays(url: str) -> None:
    assert page_key(f"http://a.onion{url}") == url
    assert session_of(f"http://a.onion{url}") is None


@pytest.mark.parametrize(
    ("link", "followed"),
    [
        ("http://a.onion/item?id=7", "http://a.onion/item?id=7"),
        ("https://b.onion/item?id=7#top", "http://a.onion/item?id=7#top"),
        ("http://clone.onion/item?id=7", None),
    ],
)
def test_a_link_to_another_accepted_address_is_one_to_the_same_market(link: str, followed: str | None) -> None:
    assert on_same_host(link, "http://a.onion/list", ["http://a.onion/", "https://b.onion/"]) == followed
