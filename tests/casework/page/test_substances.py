from __future__ import annotations

from pathlib import Path
from statistics import median
from urllib.parse import quote

import pytest

from casework.page.substances import SubstanceLists
from crawler.model.errors import BadInput
from crawler.model.sighting import Document
from index.opening import open_store
from index.store import Store
from tests.casework.page.served import ask, served


def test_each_substance_has_its_offers_and_median_gram_by_currency(page_address: str, made_store: Store) -> None:
    page = ask(page_address + "/substances").words
    amounts = [
        body["offer"]["price_per_gram"]["amount"]
        for body in made_store.scan("substance:Mephedrone price_per_gram_currency:EUR")
    ]
    count = made_store.count("substance:Mephedrone")
    assert f"Mephedrone NPS synthetic cathinones {count}" in page
    row = page.split("Mephedrone NPS")[1].split("NPS")[0]
    assert f"{median(amounts):,.2f} EUR ({min(amounts):,.2f} to {max(amounts):,.2f}, {len(amounts)} offers)" in row
    assert "11 substances in 200 listings" in page


def test_the_list_is_narrowed_by_kind_and_class(page_address: str) -> None:
    emergent = ask(page_address + "/substances?kind=emergent").words
    assert "1 substance in" in emergent
    assert "N-propionitril etonitazene emergent" in emergent
    both = ask(f"{page_address}/substances?kind=nps&class=nitazenes")
    assert "2 substances in" in both.words
    assert '"/substances?kind=nps"' in both.text
    assert "3-MMC" not in ask(page_address + "/substances?kind=other").words
    assert "None of this kind and class." in ask(f"{page_address}/substances?class={quote('<b>')}").words
    assert ask(page_address + "/substances?kind=x").status == 400


def test_one_substance_in_two_spellings_is_one_row(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path}/index.db")
    lists = SubstanceLists()
    assert lists.of(store).rows == ()
    names = ("4-PRO-DiBT", "4-PrO-DiBT", "4-PrO-DiBT", "★")
    store.put(
        [
            Document(kind="listing", id=str(n), body={"market": "m", "offer": {"substances": [{"name": name}]}})
            for n, name in enumerate(names)
        ]
    )
    rows = lists.of(store).rows
    assert [(row.name, row.offers, row.kind, row.prices) for row in rows] == [
        ("4-PrO-DiBT", 3, "other", ()),
        ("★", 1, "other", ()),
    ]
    with pytest.raises(BadInput, match="no kind of substance"):
        lists.of(store).of("x", "")
    store.close()


def test_a_mixture_counts_for_each_part_and_prices_none(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path}/index.db")
    offer = {"substances": [{"name": "A1"}, {"name": "B2"}], "price_per_gram": {"amount": 5.0, "currency": "EUR"}}
    store.put([Document(kind="listing", id="1", body={"market": "m", "offer": offer})])
    assert [(row.name, row.offers, row.prices) for row in SubstanceLists().of(store).rows] == [
        ("A1", 1, ()),
        ("B2", 1, ()),
    ]
    store.close()


def test_an_index_without_substances_says_so(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path}/index.db")
    with served(store, tmp_path) as address:
        assert "No substance yet" in ask(address + "/substances").words
    store.close()
