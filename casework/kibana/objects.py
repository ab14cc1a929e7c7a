"""The saved objects Kibana imports: data views, saved searches and dashboards, with ids that stay the same.

One object's id depends on the prefix of the indices and its own name only: importing again replaces, never adds.
Versions of the types are the newest that every Kibana 9 knows (docs/kibana.md); Kibana lifts them to its own.
"""

from __future__ import annotations

import json
from typing import Any

from casework.kibana.lens import kql, lens_attributes, reference_name
from casework.kibana.reading import sources
from casework.kibana.sources import SEARCH, Control, Dashboard, Panel, SavedSearch, Sources, View
from index.address import DEFAULT_PREFIX
from index.fields import kind_named

SavedObject = dict[str, Any]
_CORE_VERSION = "8.8.0"
_TYPE_VERSIONS = {"index-pattern": "8.0.0", "search": "10.5.0", "dashboard": "10.2.0"}
_OPTIONS = {
    "useMargins": True,
    "syncColors": True,
    "syncCursor": True,
    "syncTooltips": False,
    "hidePanelTitles": False,
}
_SEARCH_SOURCE_INDEX = "kibanaSavedObjectMeta.searchSourceJSON.index"


def saved_objects(prefix: str = DEFAULT_PREFIX, *, made_from: Sources | None = None) -> list[SavedObject]:
    """All objects over the indices of that prefix: first what others refer to, then what refers to it."""
    found = made_from or sources()
    return [
        *(_view(view, prefix) for view in found.views.values()),
        *(_search(search, found, prefix) for search in found.searches.values()),
        *(_dashboard(board, found, prefix) for board in found.dashboards.values()),
    ]


def as_ndjson(objects: list[SavedObject]) -> bytes:
    """The objects as Kibana imports them: UTF-8, one JSON object a line."""
    return "".join(_json(each) + "\n" for each in objects).encode()


def object_id(prefix: str, kind: str, name: str) -> str:
    """The id of a ``view``, ``search`` or ``dashboard``: the same at every run."""
    return f"{prefix}-{kind}-{name}"


def _saved(type_: str, id_: str, attributes: dict[str, Any], references: list[dict[str, str]]) -> SavedObject:
    return {
        "type": type_,
        "id": id_,
        "attributes": attributes,
        "references": references,
        "coreMigrationVersion": _CORE_VERSION,
        "typeMigrationVersion": _TYPE_VERSIONS[type_],
        "managed": False,
    }


def _view(view: View, prefix: str) -> SavedObject:
    attributes = {
        "title": f"{prefix}-{view.kind}",
        "name": view.title,
        "timeFieldName": view.time,
        "sourceFilters": _json([{"value": "find.*"}]),  # our folded words: for our own search, noise to a reader
        "fieldAttrs": _json(_meanings(view.kind)),
        "fieldFormatMap": "{}",
        "runtimeFieldMap": "{}",
        "fields": "[]",
        "allowHidden": False,
    }
    return _saved("index-pattern", object_id(prefix, "view", view.name), attributes, [])


def _meanings(kind: str) -> dict[str, dict[str, str]]:
    """What each field means, shown by Kibana beside its name."""
    fields = kind_named(kind).fields.values()
    return {field.paths[0]: {"customDescription": field.meaning} for field in fields if field.name != "id"}


def _search(search: SavedSearch, found: Sources, prefix: str) -> SavedObject:
    source = {
        "query": kql(search.filter),
        "filter": [],
        "highlightAll": True,
        "version": True,
        "indexRefName": _SEARCH_SOURCE_INDEX,
    }
    attributes = {
        "title": f"npswatch: {search.title}",
        "description": search.about,
        "columns": list(search.columns),
        "sort": [[search.sort, "desc"]],
        "grid": {},
        "hideChart": False,
        "isTextBasedQuery": False,
        "timeRestore": False,
        "kibanaSavedObjectMeta": {"searchSourceJSON": _json(source)},
    }
    view = _reference(_SEARCH_SOURCE_INDEX, "index-pattern", object_id(prefix, "view", found.views[search.view].name))
    return _saved("search", object_id(prefix, "search", search.name), attributes, [view])


def _dashboard(board: Dashboard, found: Sources, prefix: str) -> SavedObject:
    panels = [_panel(panel, found, prefix) for panel in board.panels]
    references = [_panel_reference(panel, prefix) for panel in board.panels]
    references += [_control_reference(place, control, prefix) for place, control in enumerate(board.controls)]
    attributes = {
        "title": board.title,
        "description": board.about,
        "panelsJSON": _json(panels),
        "optionsJSON": _json(
            {
                "useMargins": True,
                "syncColors": True,
                "syncCursor": True,
                "syncTooltips": False,
                "hidePanelTitles": False,
            }
        ),
        "timeRestore": True,
        "timeFrom": board.since,
        "timeTo": "now",
        "refreshInterval": {"pause": True, "value": 60000},
        "controlGroupInput": _controls(board.controls),
        "kibanaSavedObjectMeta": {"searchSourceJSON": _json({"query": kql(""), "filter": []})},
        "version": 1,
    }
    return _saved("dashboard", object_id(prefix, "dashboard", board.name), attributes, references)


def _panel(panel: Panel, found: Sources, prefix: str) -> dict[str, Any]:
    x, y, width, height = panel.at
    placed: dict[str, Any] = {
        "type": panel.chart if panel.chart == SEARCH else "lens",
        "panelIndex": panel.id,
        "gridData": {"i": panel.id, "x": x, "y": y, "w": width, "h": height},
        "title": panel.title,
    }
    if panel.chart == SEARCH:
        return placed | {"panelRefName": f"panel_{panel.id}", "embeddableConfig": {"enhancements": {}}}
    view = found.views[panel.view]
    attributes = lens_attributes(panel, view, object_id(prefix, "view", view.name))
    return placed | {"embeddableConfig": {"attributes": attributes, "enhancements": {}}}


def _panel_reference(panel: Panel, prefix: str) -> dict[str, str]:
    if panel.chart == SEARCH:
        return _reference(f"{panel.id}:panel_{panel.id}", "search", object_id(prefix, "search", panel.search))
    return _reference(f"{panel.id}:{reference_name()}", "index-pattern", object_id(prefix, "view", panel.view))


def _controls(controls: tuple[Control, ...]) -> dict[str, Any]:
    listed = {_control_id(place): _control(place, control) for place, control in enumerate(controls)}
    ignoring = {"ignoreFilters": False, "ignoreQuery": False, "ignoreTimerange": False, "ignoreValidations": False}
    return {
        "controlStyle": "oneLine",
        "chainingSystem": "HIERARCHICAL",
        "showApplySelections": False,
        "panelsJSON": _json(listed),
        "ignoreParentSettingsJSON": _json(ignoring),
    }


def _control(place: int, control: Control) -> dict[str, Any]:
    return {
        "type": "optionsListControl",
        "order": place,
        "width": "medium",
        "grow": True,
        "explicitInput": {
            "id": _control_id(place),
            "title": control.title,
            "fieldName": control.field,
            "selectedOptions": [],
            "enhancements": {},
        },
    }


def _control_id(place: int) -> str:
    return f"control-{place + 1}"


def _control_reference(place: int, control: Control, prefix: str) -> dict[str, str]:
    name = f"controlGroup_{_control_id(place)}:optionsListDataView"
    return _reference(name, "index-pattern", object_id(prefix, "view", control.view))


def _reference(name: str, type_: str, id_: str) -> dict[str, str]:
    return {"name": name, "type": type_, "id": id_}


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
