from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from casework.kibana.objects import SavedObject, as_ndjson, saved_objects

_OBJECTS = saved_objects()
_NAMES = [f"{each['type']}/{each['id']}" for each in _OBJECTS]
_MAKE = "import sys; from casework.kibana.objects import *; sys.stdout.buffer.write(as_ndjson(saved_objects()))"


def test_there_are_five_views_the_saved_searches_and_three_dashboards() -> None:
    titles = {each["attributes"]["title"] for each in _OBJECTS}
    assert {f"npswatch-{kind}" for kind in ("listing", "observation", "vendor", "capture", "run")} <= titles
    assert {"npswatch: substances", "npswatch: vendors and routes", "npswatch: crawl health"} <= titles
    assert {"npswatch: Nitazenes", "npswatch: Gates met", "npswatch: Emergent names, for a chemist"} <= titles


@pytest.mark.parametrize("each", _OBJECTS, ids=_NAMES)
def test_every_reference_resolves_to_an_object_that_comes_before(each: SavedObject) -> None:
    before = _OBJECTS[: _OBJECTS.index(each)]
    known = {(other["type"], other["id"]) for other in before}
    assert {(to["type"], to["id"]) for to in each["references"]} <= known
    names = [to["name"] for to in each["references"]]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("board", [each for each in _OBJECTS if each["type"] == "dashboard"], ids=lambda b: b["id"])
def test_every_panel_and_control_finds_its_reference_under_the_name_kibana_looks_for(board: SavedObject) -> None:
    attributes = board["attributes"]
    wanted = {f"controlGroup_{id_}:optionsListDataView" for id_ in json.loads(
        attributes["controlGroupInput"]["panelsJSON"])}  # fmt: skip
    for panel in json.loads(attributes["panelsJSON"]):
        wanted |= _references_of(panel)
    assert wanted == {to["name"] for to in board["references"]}


def _references_of(panel: dict[str, Any]) -> set[str]:
    index = panel["panelIndex"]
    assert panel["gridData"]["i"] == index
    if panel["type"] == "search":
        return {f"{index}:{panel['panelRefName']}"}
    attributes = panel["embeddableConfig"]["attributes"]
    layers = attributes["state"]["datasourceStates"]["formBased"]["layers"]
    names = {f"indexpattern-datasource-layer-{layer}" for layer in layers}
    assert {to["name"] for to in attributes["references"]} == names
    return {f"{index}:{name}" for name in names}


@pytest.mark.parametrize("board", [each for each in _OBJECTS if each["type"] == "dashboard"], ids=lambda b: b["id"])
def test_every_chart_shows_columns_its_layer_has_and_leaves_none_out(board: SavedObject) -> None:
    for panel in json.loads(board["attributes"]["panelsJSON"]):
        if panel["type"] == "lens":
            state = panel["embeddableConfig"]["attributes"]["state"]
            (layer,) = state["datasourceStates"]["formBased"]["layers"].values()
            assert layer["columnOrder"] == list(layer["columns"])
            assert _shown(state["visualization"]) == set(layer["columns"]), panel["panelIndex"]


def _shown(visualization: dict[str, Any]) -> set[str]:
    found: set[str] = set()
    for name, value in visualization.items():
        if name == "layers":
            found |= {id_ for layer in value for id_ in _shown(layer)}
        elif name == "columns":
            found |= {column["columnId"] for column in value}
        elif name in ("accessors", "metrics", "primaryGroups"):
            found |= set(value)
        elif name.endswith("Accessor"):
            found.add(value)
    return found


def test_ids_are_the_same_in_every_process_and_differ_by_prefix() -> None:
    again = subprocess.run(
        [sys.executable, "-c", _MAKE], capture_output=True, check=True, cwd=Path(__file__).parents[3]
    ).stdout
    assert again == as_ndjson(_OBJECTS)
    ours, theirs = ({each["id"] for each in saved_objects(prefix)} for prefix in ("npswatch", "agency"))
    assert len(ours) == len(_OBJECTS)
    assert not ours & theirs


def test_the_export_is_one_json_object_a_line_and_says_what_it_is_for() -> None:
    lines = as_ndjson(_OBJECTS).decode().split("\n")
    assert lines.pop() == ""
    assert [json.loads(line) for line in lines] == _OBJECTS
    assert all(each["attributes"].get("description") for each in _OBJECTS if each["type"] != "index-pattern")


def test_no_view_makes_a_market_address_into_a_link() -> None:
    for each in _OBJECTS:
        if each["type"] == "index-pattern":
            assert json.loads(each["attributes"]["fieldFormatMap"]) == {}
            assert json.loads(each["attributes"]["sourceFilters"]) == [{"value": "find.*"}]
