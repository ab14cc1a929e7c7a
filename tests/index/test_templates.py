from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from crawler.model.page import Gate
from index.fields import ValueType, kinds
from pipelines.reconcile import Account
from pipelines.run_record import run_document

_FOLDER = Path(__file__).parents[2] / "config" / "index"
_TYPES = {
    ValueType.TEXT: "keyword",
    ValueType.EXACT: "keyword",
    ValueType.NUMBER: "double",
    ValueType.DATE: "date",
    ValueType.BOOLEAN: "boolean",
}


def _mapped(properties: dict[str, Any], path: str) -> dict[str, Any]:
    step, _, rest = path.partition(".")
    found: dict[str, Any] = properties[step]
    return _mapped(found["properties"], rest) if rest else found


@pytest.mark.parametrize("kind", kinds())
def test_every_field_of_the_table_is_mapped_as_what_it_is(kind: str) -> None:
    mapping = json.loads((_FOLDER / f"{kind}.json").read_text())["template"]["mappings"]
    for field in kinds()[kind].fields.values():
        for path in field.paths:
            if path != "id":
                assert _mapped(mapping["properties"], path)["type"] == _TYPES[field.value], path
        if field.value in (ValueType.TEXT, ValueType.EXACT):
            assert _mapped(mapping["properties"], f"find.order.{field.name}")["type"] == "keyword"
        if field.value is ValueType.TEXT:
            assert _mapped(mapping["properties"], f"find.text.{field.name}")["analyzer"] == "whitespace"


def test_every_template_belongs_to_a_kind_and_takes_in_nothing_unasked() -> None:
    names = {path.stem for path in _FOLDER.glob("*.json")}
    assert names == set(kinds())
    for name in names:
        made = json.loads((_FOLDER / f"{name}.json").read_text())
        assert made["index_patterns"] == [f"npswatch-{name}-*"]
        assert made["template"]["mappings"]["dynamic"] is False


@pytest.mark.parametrize("kind", kinds().values(), ids=lambda kind: kind.name)
def test_every_kind_has_a_date_to_come_by_and_words_to_be_found_by(kind: Any) -> None:
    assert kind.fields[kind.newest].value is ValueType.DATE
    assert kind.bare_fields()
    assert all(field.value is ValueType.TEXT for field in kind.bare_fields())
    assert all(field.meaning for field in kind.fields.values())


def _leaves(value: dict[str, Any], before: str = "") -> list[str]:
    return [
        leaf
        for name, inner in value.items()
        for leaf in (_leaves(inner, f"{before}{name}.") if isinstance(inner, dict) else [before + name])
    ]


def test_everything_a_run_tells_can_be_counted() -> None:
    now = datetime.now(UTC)
    stats = {"start_time": now, "finish_time": now, "frontier/planned": 9} | {f"pages/gate/{gate}": 1 for gate in Gate}
    stats |= {"tor/version": "0.4.9.11", "tor/outages": 1, "tor/outage_seconds": 30.5, "tor/circuit_age": 12.0}
    stats |= {"mirrors/failovers": 1, "mirrors/accepted": 2, "mirrors/refused": "wrong key"}
    body = run_document(stats, Account(), market="birch", run="r1", why="finished", profile=None).body
    mapping = json.loads((_FOLDER / "run.json").read_text())["template"]["mappings"]
    for path in _leaves(body):
        assert _mapped(mapping["properties"], path)["type"] in _TYPES.values(), path
