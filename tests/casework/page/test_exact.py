from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from casework.page.exact import alone, exactly, longer_than, values_of
from crawler.model.sighting import Document
from index.opening import open_store
from index.store import Store
from tests.casework.page.served import ask, served

_NAMES: tuple[tuple[str, ...], ...] = (
    ("LSD",),
    ("1P-LSD",),
    ("LSD", "1P-LSD"),
    ("lsd",),
    ("1V-LSD", "1P-LSD"),
    ("LSD", "MDMA"),
)


def _listing(number: int, names: tuple[str, ...], vendor: str, market: str = "m") -> Document:
    substances: list[dict[str, Any]] = [{"name": name, "class": "tryptamines", "nps": name != "MDMA"} for name in names]
    offer = {"substances": substances, "price_per_gram": {"amount": 10.0 + number, "currency": "EUR"}}
    body = {"title": f"t{number}", "market": market, "vendor": vendor, "offer": offer}
    return Document(kind="listing", id=f"{number:032x}", body=body)


@pytest.fixture
def lysergic(tmp_path: Path) -> Iterator[Store]:
    store = open_store(f"sqlite:///{tmp_path}/index.db")
    vendors = ("Nord", "Nord Star", "nord", "★★★", "★★", "Nord")
    documents = [_listing(n, names, vendor) for n, (names, vendor) in enumerate(zip(_NAMES, vendors, strict=True))]
    documents += [
        Document(kind="observation", id=f"a{each.id[1:]}", body=each.body | {"listing": each.id, "seen": "2026-10-01"})
        for each in documents
    ]
    documents += [
        Document(kind="vendor", id=f"b{n:031x}", body={"name": name, "market": "m"})
        for n, name in enumerate(("Nord", "★★★"))
    ]
    assert store.put([*documents, _listing(9, ("LSD",), "Nord", "m two")]) == ()
    yield store
    store.close()


def _found(store: Store, query: str, kind: str = "listing") -> list[int]:
    return sorted(int(body["id"][1:], 16) for body in store.search(query, kind=kind, limit=100).bodies)


def test_a_value_is_found_and_no_longer_one(lysergic: Store) -> None:
    assert _found(lysergic, exactly(lysergic, "substance", "LSD")) == [0, 2, 3, 5, 9]
    assert _found(lysergic, exactly(lysergic, "substance", "LSD", kind="observation"), "observation") == [0, 2, 3, 5]
    assert _found(lysergic, exactly(lysergic, "substance", "1P-LSD")) == [1, 2, 4]
    assert exactly(lysergic, "substance", "1P-LSD") == 'substance:"1P-LSD"'
    assert _found(lysergic, exactly(lysergic, "vendor", "Nord")) == [0, 2, 5, 9]
    assert _found(lysergic, alone("market", "m", ["m", "m two"])) == [0, 1, 2, 3, 4, 5]


def test_longer_names_are_told_from_other_ones() -> None:
    assert longer_than("3-MMC", ["3-MMC", "3mmc", "3-MMC HCl", "4-MMC", "α-3-MMC"]) == ["3-MMC HCl", "α-3-MMC"]


def test_the_values_of_a_field_are_those_of_its_facet(lysergic: Store) -> None:
    body = lysergic.get("listing", f"{2:032x}")
    assert body is not None
    assert list(values_of(body, "substance", "listing")) == ["LSD", "1P-LSD"]
    assert list(values_of(body, "ships_from", "listing")) == []


def test_a_substance_page_holds_no_substance_with_a_longer_name(lysergic: Store, tmp_path: Path) -> None:
    with served(lysergic, tmp_path) as address:
        page = ask(address + "/substance/LSD")
        links = {int(piece[:32], 16) for piece in page.text.split('href="/listing/')[1:]}
        assert links == {0, 2, 3, 5, 9}
        assert "5 listings" in page.words
        search = page.text.split('<p class="summary">')[1].split('href="')[1].split('"')[0].replace("&amp;", "&")
        assert "5 listings" in ask(address + search).words


def test_a_vendor_page_holds_no_listing_of_a_longer_name_or_another_market(lysergic: Store, tmp_path: Path) -> None:
    with served(lysergic, tmp_path) as address:
        page = ask(f"{address}/vendor/b{0:031x}")
        assert "Listings 3" in page.words
        assert {int(piece[:32], 16) for piece in page.text.split('href="/listing/')[1:]} == {0, 2, 5}


def test_a_vendor_whose_name_has_no_letter_has_its_listings(lysergic: Store, tmp_path: Path) -> None:
    with served(lysergic, tmp_path) as address:
        page = ask(f"{address}/vendor/b{1:031x}")
        assert {int(piece[:32], 16) for piece in page.text.split('href="/listing/')[1:]} == {3}
        assert "★★" in ask(f"{address}/listing/{4:032x}").words
