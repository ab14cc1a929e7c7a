from __future__ import annotations

import pytest

from config.profiles import Profile
from crawler.model.errors import BadInput, BadProfile
from crawler.model.reading import Received
from spiders.reader import SiteReader, Template

FRAME = "<div><b>Bazaar</b> | <a href=/rules>Rules</a></div><div><i>{title}</i></div>"
NAMES = ("Copper lamp", "Tin whistle", "Brass bell", "Iron gate", "Silver spoon", "Lead pipe")


def _listing(number: int) -> Received:
    body = (
        f"<title>Bazaar</title>{FRAME.format(title=NAMES[number])}"
        f"<div><span>Price:</span> {number + 3}.00 EUR</div>"
        f"<div><span>Seller:</span> <a href=/user/u{number}>u{number}</a></div>"
        "<div><span>In stock:</span> 5</div><form method=post><button>Buy</button></form>"
    )
    return Received(body=body.encode(), url=f"http://m.example/item/{number}")


def _category() -> Received:
    rows = "".join(
        f"<li><a href=/item/{number}>{name}</a> by <a href=/user/u{number}>u{number}</a> {number + 3}.00 EUR</li>"
        for number, name in enumerate(NAMES)
    )
    body = f"<title>Bazaar</title>{FRAME.format(title='All things')}<ul>{rows}</ul>"
    return Received(body=body.encode(), url="http://m.example/c/all")


def _taught() -> SiteReader:
    reader = SiteReader()
    for page in [_category(), *map(_listing, range(len(NAMES))), _category()]:
        reader.learn(page)
    return reader


def test_cards_teach_where_titles_stand_that_no_heading_marks() -> None:
    page = _taught().read(_listing(2))
    assert page.listing is not None
    assert page.listing.title is not None
    assert (page.listing.title.text, page.listing.title.rule) == ("Brass bell", "template:title")


def test_the_same_bytes_and_template_give_the_same_page_and_the_version_says_which() -> None:
    reader = _taught()
    page = reader.read(_listing(1))
    assert page.template == reader.template.version
    again = SiteReader(template=Template.from_toml(reader.template.to_toml()))
    assert again.template.version == reader.template.version
    assert again.read(_listing(1)) == page


def test_a_given_template_is_never_changed_by_pages() -> None:
    reader = SiteReader(template=Template())
    reader.learn(_category())
    assert reader.read(_category()).template == Template().version


def test_a_crawl_that_learns_while_it_reads_gets_better_lessons() -> None:
    reader = SiteReader()
    versions = []
    for turn in range(16):
        page = _listing(turn % len(NAMES)) if turn % 4 else _category()
        reader.learn(page)
        versions.append(reader.read(page).template)
    assert versions[0] != versions[-1]


def test_what_is_no_template_is_refused() -> None:
    with pytest.raises(BadInput, match="no reader template"):
        Template.from_toml("pages = 1")


def test_a_profile_corrects_single_fields_and_says_so() -> None:
    selectors = {"listing.title": "i::text", "listing.vendor": "form button", "page_type.listing": "form"}
    page = SiteReader(profile=Profile(name="bazaar", selectors=selectors)).read(_listing(3))
    assert page.listing is not None
    assert page.listing.title is not None
    assert page.listing.vendor is not None
    assert (page.listing.title.text, page.listing.title.rule) == ("Iron gate", "profile:title")
    assert page.listing.vendor.text == "Buy"


def test_every_fault_of_a_profiles_selectors_is_told_at_once() -> None:
    profile = Profile(name="bazaar", selectors={"listing.colour": "b", "vendor.name": "b[["})
    with pytest.raises(BadProfile) as caught:
        SiteReader(profile=profile)
    assert len(caught.value.faults) == 2
