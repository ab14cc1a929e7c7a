from __future__ import annotations

from pathlib import Path

import pytest

from config.profiles import Profile
from crawler.model.errors import BadInput
from spiders.reader import SiteReader, TemplateShelf
from spiders.reader.template import Template
from tests.small_market import small_market
from tests.spiders.market_pages import received_pages


def _taught() -> SiteReader:
    reader = SiteReader()
    for page in received_pages(small_market(20)):
        reader.learn(page)
    return reader


def test_the_same_bytes_read_with_a_version_from_the_shelf_give_the_same_page(tmp_path: Path) -> None:
    reader, shelf = _taught(), TemplateShelf(tmp_path)
    shelf.keep(reader.template)
    again = SiteReader(template=shelf.load(reader.template.version))
    for page in received_pages(small_market(20)):
        assert again.read(page) == reader.read(page)


def test_a_lesson_kept_later_is_the_current_one_and_the_earlier_stays(tmp_path: Path) -> None:
    shelf, first, second = TemplateShelf(tmp_path), Template(pages=4), Template(pages=9)
    assert shelf.current() is None
    shelf.keep(first)
    shelf.keep(second)
    assert shelf.current() == second
    assert shelf.load(first.version) == first
    assert set(shelf.versions()) == {first.version, second.version}


def test_words_of_every_plane_and_control_characters_survive_the_shelf(tmp_path: Path) -> None:
    odd = frozenset({"1f \U0001f344 mushroom", "2a \x7f\x01\u2028\\\"'", "3b قیمت"})
    template = Template(frame=odd, selectors={"listing.title": "h1::text"}, trims={"vendor.name": ("about", "")})
    shelf = TemplateShelf(tmp_path)
    shelf.keep(template)
    assert shelf.load(template.version) == template


def test_a_template_that_somebody_changed_is_refused(tmp_path: Path) -> None:
    path = TemplateShelf(tmp_path).keep(Template(pages=4))
    path.write_text(path.read_text().replace("pages = 4", "pages = 5"))
    with pytest.raises(BadInput, match="was changed"):
        TemplateShelf(tmp_path).current()


def test_a_version_nobody_kept_is_refused_and_the_kept_ones_are_named(tmp_path: Path) -> None:
    template = Template(pages=4)
    TemplateShelf(tmp_path).keep(template)
    with pytest.raises(BadInput, match=f"there are: {template.version}"):
        TemplateShelf(tmp_path).load("../../etc/passwd")


def test_what_a_profile_states_is_part_of_the_version(tmp_path: Path) -> None:
    learnt = _taught().template
    profile = Profile(name="small", addresses={"/lot/#": "listing"}, selectors={"listing.vendor": "h2"})
    corrected = SiteReader(profile=profile, template=learnt)
    assert corrected.template.version != learnt.version
    shelf = TemplateShelf(tmp_path)
    shelf.keep(corrected.template)
    alone = SiteReader(template=shelf.load(corrected.template.version))
    for page in received_pages(small_market(3)):
        assert alone.read(page) == corrected.read(page)


def test_what_an_earlier_run_taught_is_used_until_this_one_has_seen_as_much() -> None:
    earlier = _taught().template
    reader = SiteReader(earlier=earlier)
    pages = received_pages(small_market(40))
    versions = []
    for page in pages:
        reader.learn(page)
        versions.append(reader.read(page).template)
    assert set(versions[:29]) == {earlier.version}
    assert versions[-1] != earlier.version


def test_a_value_that_all_listings_of_a_site_share_is_no_furniture() -> None:
    pages = received_pages(small_market(16))
    reader = SiteReader()
    for page in pages:
        reader.learn(page)
    listings = [page.listing for page in map(reader.read, pages) if page.listing]
    assert len(listings) == 16
    assert {each.ships_from.text for each in listings if each.ships_from} == {"Netherlands"}
    assert all(each.ships_from and each.ships_to for each in listings)
