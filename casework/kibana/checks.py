"""Whether the sources of the Kibana objects can work on our index: fields, filters, references, places on the grid."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from casework.kibana.fields import field_types
from casework.kibana.kql import read_filter
from casework.kibana.sources import CHARTS, SEARCH, WIDTH, Bucket, Dashboard, Panel, SavedSearch, Sources, Value, View
from crawler.model.errors import BadQuery
from index.fields import kinds

_FITTING = {
    "count": (),
    "unique": ("string", "number", "boolean", "date"),
    "median": ("number",),
    "percentile": ("number",),
    "sum": ("number",),
    "min": ("number", "date"),
    "max": ("number", "date"),
}
_EVERY = re.compile(r"1[hdwMqy]")
_DATE_MATH = re.compile(r"now-\d{1,4}[hdwMy]")


def faults_of(sources: Sources) -> list[str]:
    """Everything wrong with the sources, one sentence a fault; empty where all is well."""
    return [
        *(fault for view in sources.views.values() for fault in _view_faults(view)),
        *(fault for search in sources.searches.values() for fault in _search_faults(search, sources)),
        *(fault for board in sources.dashboards.values() for fault in _dashboard_faults(board, sources)),
    ]


def _view_faults(view: View) -> Iterator[str]:
    if view.kind not in kinds():
        yield f"view {view.name}: no kind of document is called {view.kind}"
    elif field_types(view.kind).get(view.time) != "date":
        yield f"view {view.name}: {view.time} is no date of a {view.kind}"


def _search_faults(search: SavedSearch, sources: Sources) -> Iterator[str]:
    where = f"search {search.name}"
    types = _types(search.view, sources)
    if types is None:
        yield f"{where}: there is no view {search.view}"
        return
    yield from _filter_faults(where, search.filter, types)
    yield from (f"{where}: {name} is not in the index" for name in search.columns if name not in types)
    if types.get(search.sort) != "date":
        yield f"{where}: {search.sort} is no date to sort by"


def _dashboard_faults(board: Dashboard, sources: Sources) -> Iterator[str]:
    if not _DATE_MATH.fullmatch(board.since):
        yield f"dashboard {board.name}: from {board.since} is no time such as now-30d"
    for control in board.controls:
        types = _types(control.view, sources)
        if types is None or types.get(control.field) != "string":
            yield f"dashboard {board.name}: no list can be made of {control.field} in {control.view}"
    for id_, number in Counter(panel.id for panel in board.panels).items():
        if number > 1:
            yield f"dashboard {board.name}: {number} panels are called {id_}"
    for panel in board.panels:
        yield from _panel_faults(f"dashboard {board.name}, panel {panel.id}", panel, sources)
    yield from _overlaps(board)


def _panel_faults(where: str, panel: Panel, sources: Sources) -> Iterator[str]:
    x, y, width, height = panel.at
    if min(x, y) < 0 or min(width, height) < 1 or x + width > WIDTH:
        yield f"{where}: stands outside of the {WIDTH} columns"
    if panel.chart == SEARCH:
        if panel.search not in sources.searches:
            yield f"{where}: there is no search {panel.search}"
        return
    types = _types(panel.view, sources)
    if types is None:
        yield f"{where}: there is no view {panel.view}"
        return
    yield from _chart_faults(where, panel)
    yield from _filter_faults(where, panel.filter, types)
    for bucket in panel.by:
        yield from _bucket_faults(where, bucket, types)
    for value in panel.values:
        yield from _value_faults(where, value, types)


def _chart_faults(where: str, panel: Panel) -> Iterator[str]:
    if panel.chart not in CHARTS:
        yield f"{where}: no chart is called {panel.chart}"
        return
    least, most = CHARTS[panel.chart]
    if not least <= len(panel.by) <= most:
        yield f"{where}: a {panel.chart} divides by {least} to {most}, not {len(panel.by)}"
    if not panel.values or (panel.chart != "table" and len(panel.values) != 1):
        yield f"{where}: a {panel.chart} shows {'values' if panel.chart == 'table' else 'one value'}"


def _bucket_faults(where: str, bucket: Bucket, types: dict[str, str]) -> Iterator[str]:
    for label, text in bucket.filters:
        yield from _filter_faults(f"{where}, {label}", text, types)
    if bucket.filters:
        return
    if bucket.field not in types:
        yield f"{where}: {bucket.field} is not in the index"
    elif bucket.every and (types[bucket.field] != "date" or not _EVERY.fullmatch(bucket.every)):
        yield f"{where}: {bucket.field} cannot be divided by {bucket.every}"
    elif not bucket.every and not 1 <= bucket.size <= 1000:
        yield f"{where}: {bucket.size} values of {bucket.field} are not from 1 to 1000"


def _value_faults(where: str, value: Value, types: dict[str, str]) -> Iterator[str]:
    yield from _filter_faults(where, value.filter, types)
    if value.operation != "count" and types.get(value.field) not in _FITTING[value.operation]:
        yield f"{where}: no {value.operation} of {value.field}"
    if value.operation == "percentile" and not 1 <= value.at <= 99:
        yield f"{where}: no percentile {value.at}"


def _filter_faults(where: str, text: str, types: dict[str, str]) -> Iterator[str]:
    try:
        found = read_filter(text)
    except BadQuery as error:
        yield f"{where}: {error}"
        return
    yield from (f"{where}: {name} is not in the index" for name in found.fields if name not in types)


def _types(view: str, sources: Sources) -> dict[str, str] | None:
    found = sources.views.get(view)
    return field_types(found.kind) if found and found.kind in kinds() else None


def _overlaps(board: Dashboard) -> Iterator[str]:
    for place, one in enumerate(board.panels):
        for other in board.panels[place + 1 :]:
            if _meet(one.at, other.at):
                yield f"dashboard {board.name}: {one.id} and {other.id} lie over each other"


def _meet(one: tuple[int, int, int, int], other: tuple[int, int, int, int]) -> bool:
    across = one[0] < other[0] + other[2] and other[0] < one[0] + one[2]
    return across and one[1] < other[1] + other[3] and other[1] < one[1] + one[3]
