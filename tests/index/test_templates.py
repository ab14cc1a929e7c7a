from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from index.fields import ValueType, kinds

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
