from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from casework.kibana.reading import FOLDER, read_sources, sources
from crawler.model.errors import BadInput


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return shutil.copytree(FOLDER, tmp_path / "kibana")


def _changed(folder: Path, file: str, *changes: tuple[str, str]) -> None:
    text = (folder / file).read_text()
    for before, after in changes:
        assert before in text
        text = text.replace(before, after, 1)
    (folder / file).write_text(text)


def test_the_sources_that_ship_are_without_fault() -> None:
    found = sources()
    assert list(found.views) == ["listings", "observations", "vendors", "captures", "runs"]
    assert set(found.dashboards) == {"substances", "routes", "health"}
    assert all(len(board.panels) >= 10 for board in found.dashboards.values())


def test_every_fault_is_told_at_once_and_where_it_is(folder: Path) -> None:
    _changed(folder, "views.toml", ('time = "started"', 'time = "verdict"'))
    _changed(
        folder, "searches.toml",
        ('filter = "gate : *"', 'filter = "gates"'), ('sort = "first_seen"', 'sort = "title"'),
        ('"offer.quantity_g", ', '"offer.quantity", '), ('view = "vendors"', 'view = "sellers"'),
    )  # fmt: skip
    _changed(
        folder, "dashboards/health.toml",
        ('from = "now-30d"', 'from = "yesterday"'), ("at = [12, 0, 12, 6]", "at = [11, 0, 12, 6]"),
        ('sum = "spooled"', 'sum = "reasons"'), ('time = "time", every = "1d"', 'time = "gate", every = "1d"'),
        ('search = "gates"', 'search = "walls"'), ("at = [24, 6, 24, 12]", "at = [30, 6, 24, 12]"),
        ('terms = "why_ended", size = 10', 'terms = "why_it_ended", size = 10'),
    )  # fmt: skip
    with pytest.raises(BadInput) as told:
        read_sources(folder)
    for fault in (
        "view runs: verdict is no date of a run",
        "search gates: KQL: : or a comparison should stand at character 6",
        "search new-listings: title is no date to sort by",
        "search nitazenes: offer.quantity is not in the index",
        "search vendors-with-keys: there is no view sellers",
        "dashboard health: from yesterday is no time",
        "dashboard health: runs and bad-runs lie over each other",
        "panel waiting: no sum of reasons",
        "panel pages-by-type: gate cannot be divided by 1d",
        "panel pages-by-type: stands outside of the 48 columns",
        "panel gates-met: there is no search walls",
        "panel ends: why_it_ended is not in the index",
    ):
        assert fault in str(told.value)


def test_a_table_that_is_no_panel_says_what_it_lacks(folder: Path) -> None:
    (folder / "dashboards" / "odd.toml").write_text("""
title = "odd"
about = 7
from = "now-1d"
colour = "red"
control = [{ view = "listings", field = "price.amount", title = "Price" }, 3]
[[panel]]
id = "a"
title = "A"
chart = "pyramid"
view = "listings"
at = [0, 0, 12]
value = [{ count = true, median = "stock", label = "Two" }]
[[panel]]
id = "a"
title = "B"
chart = "heatmap"
view = "listings"
at = [0, 6, 12, 6]
by = [{ terms = "market", size = 5000, order = "name", label = "Market" }]
value = [{ percentile = "stock", at = 100, label = "All" }, { median = "vendor", filter = "x : y", label = "V" }]
""")
    with pytest.raises(BadInput) as told:
        read_sources(folder)
    for fault in (
        "odd: about is no str",
        "odd: colour means nothing here",
        "odd.control[1]: view is missing",
        "odd.panel[0]: at needs x, y, width and height",
        "odd.panel[0].value[0]: one operation is needed",
        "odd.panel[1].by[0]: order can only be count",
    ):
        assert fault in str(told.value)


def test_faults_of_meaning_are_told_once_the_form_is_right(folder: Path) -> None:
    (folder / "dashboards" / "odd.toml").write_text("""
title = "odd"
about = "odd"
from = "now-1d"
control = [{ view = "listings", field = "price.amount", title = "Price" }]
[[panel]]
id = "a"
title = "A"
chart = "pyramid"
view = "listings"
at = [0, 0, 12, 6]
value = [{ count = true, label = "One" }]
[[panel]]
id = "a"
title = "B"
chart = "heatmap"
view = "listings"
at = [0, 6, 12, 6]
by = [{ terms = "market", size = 5000, label = "Market" }]
value = [{ percentile = "stock", at = 100, label = "All" }, { median = "vendor", filter = "x : y", label = "V" }]
""")
    with pytest.raises(BadInput) as told:
        read_sources(folder)
    for fault in (
        "no list can be made of price.amount in listings",
        "2 panels are called a",
        "no chart is called pyramid",
        "a heatmap divides by 2 to 2, not 1",
        "a heatmap shows one value",
        "5000 values of market are not from 1 to 1000",
        "no percentile 100",
        "no median of vendor",
        "x is not in the index",
    ):
        assert fault in str(told.value)


def test_a_file_that_is_missing_or_no_toml_is_named(folder: Path) -> None:
    (folder / "views.toml").unlink()
    (folder / "searches.toml").write_text("[search")
    with pytest.raises(BadInput, match=r"views.toml: .*searches.toml: "):
        read_sources(folder)
