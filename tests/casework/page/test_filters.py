from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

import pytest

from casework.page.filters import Filter, Search
from crawler.model.errors import BadInput
from index.query import parse

NORDIC = Filter("vendor", 'Nordic "Lab"')
BIRCH = Filter("market", "birchwood")
QUARTZ = Filter("market", "quartz")


def test_values_of_one_field_are_alternatives_and_fields_must_all_hold() -> None:
    search = Search(words="a OR b", filters=(BIRCH, NORDIC, QUARTZ))
    assert search.query() == '(a OR b) (market:"birchwood" OR market:"quartz") vendor:"Nordic  Lab "'
    parse(search.query())
    assert search.query(without="market") == '(a OR b) vendor:"Nordic  Lab "'


def test_a_search_without_anything_asks_for_all() -> None:
    assert Search().query() == "*"
    assert Search(words="  ", filters=(BIRCH,)).query() == 'market:"birchwood"'
    assert Search().address() == "/"


def test_picking_a_value_twice_drops_it_and_starts_at_the_first_page() -> None:
    search = Search(words="x", page=4).toggled(BIRCH)
    assert search == Search(words="x", filters=(BIRCH,))
    assert search.toggled(BIRCH) == Search(words="x")


def test_the_address_of_a_search_says_all_of_it() -> None:
    search = Search(words="a&b=c ü", filters=(NORDIC,), sort="-price", page=2)
    parts = dict(parse_qsl(urlsplit(search.address()).query))
    assert parts == {"q": "a&b=c ü", "f": str(NORDIC), "sort": "-price", "page": "2"}
    assert Filter.read(parts["f"]) == NORDIC


@pytest.mark.parametrize("text", ["", "vendor", "vendor:", "vendor:★★★", "price:3", "a:b", 'market:"'])
def test_a_filter_that_cannot_be_searched_for_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="no filter"):
        Filter.read(text)
