"""What the index can count and sort by: the types of a kind's fields, from its index template."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from index.elasticsearch_indices import template

_SHOWN_AS = {"keyword": "string", "double": "number", "boolean": "boolean", "date": "date"}


@cache
def field_types(kind: str) -> dict[str, str]:
    """Each countable field of a kind by its path, as Kibana calls its type: string, number, boolean or date."""
    return dict(_walk(template(kind)["template"]["mappings"]["properties"], ""))


def _walk(properties: dict[str, Any], before: str) -> Iterator[tuple[str, str]]:
    for name, mapped in properties.items():
        if "properties" in mapped:
            yield from _walk(mapped["properties"], f"{before}{name}.")
        elif mapped["type"] in _SHOWN_AS:
            yield before + name, _SHOWN_AS[mapped["type"]]
