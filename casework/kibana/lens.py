"""A panel as Kibana's Lens keeps it: form-based columns, and what the chart does with them.

The format is that of by-value Lens panels in Kibana 9.2; docs/kibana.md names where it was read.
"""

from __future__ import annotations

from typing import Any

from casework.kibana.fields import field_types
from casework.kibana.sources import Bucket, Panel, Value, View

State = dict[str, Any]
RECORDS = "___records___"
"""The name Lens gives to a document itself, for counts."""
LAYER = "layer"
_KINDS = {"metric": "lnsMetric", "donut": "lnsPie", "heatmap": "lnsHeatmap", "table": "lnsDatatable"}
_OPERATIONS = {"unique": "unique_count"}
_ROWS_A_PAGE = 10


def reference_name(layer: str = LAYER) -> str:
    """How a Lens panel's layer names its data view among the references."""
    return f"indexpattern-datasource-layer-{layer}"


def lens_attributes(panel: Panel, view: View, view_id: str) -> State:
    """The attributes of a by-value Lens panel over the data view of that id."""
    columns = _columns(panel, field_types(view.kind))
    layer = {
        "columns": columns,
        "columnOrder": list(columns),
        "sampling": 1,
        "ignoreGlobalFilters": False,
        "incompleteColumns": {},
    }
    return {
        "title": panel.title,
        "description": "",
        "visualizationType": _KINDS.get(panel.chart, "lnsXY"),
        "type": "lens",
        "references": [{"type": "index-pattern", "id": view_id, "name": reference_name()}],
        "state": {
            "visualization": _visualization(panel),
            "query": kql(panel.filter),
            "filters": [],
            "datasourceStates": {"formBased": {"layers": {LAYER: layer}}, "textBased": {"layers": {}}},
            "internalReferences": [],
            "adHocDataViews": {},
        },
    }


def kql(text: str) -> State:
    """A filter as Kibana keeps it."""
    return {"query": text, "language": "kuery"}


def _columns(panel: Panel, types: dict[str, str]) -> dict[str, State]:
    first = _value_id(0)
    buckets = {_bucket_id(place): _bucket(bucket, types, first) for place, bucket in enumerate(panel.by)}
    return buckets | {_value_id(place): _value(value, types) for place, value in enumerate(panel.values)}


def _bucket_id(place: int) -> str:
    return f"by-{place + 1}"


def _value_id(place: int) -> str:
    return f"value-{place + 1}"


def _bucket(bucket: Bucket, types: dict[str, str], first_value: str) -> State:
    common = {"label": bucket.label, "customLabel": True, "isBucketed": True}
    if bucket.filters:
        named = [{"label": label, "input": kql(text)} for label, text in bucket.filters]
        return common | {
            "dataType": "string",
            "operationType": "filters",
            "scale": "ordinal",
            "params": {"filters": named},
        }
    if bucket.every:
        return common | {
            "dataType": "date",
            "operationType": "date_histogram",
            "scale": "interval",
            "sourceField": bucket.field,
            "params": {"interval": bucket.every, "includeEmptyRows": False, "dropPartials": False},
        }
    return common | {
        "dataType": types[bucket.field],
        "operationType": "terms",
        "scale": "ordinal",
        "sourceField": bucket.field,
        "params": _terms(bucket, first_value),
    }


def _terms(bucket: Bucket, first_value: str) -> State:
    return {
        "size": bucket.size,
        **_order(bucket, first_value),
        "orderDirection": "desc",
        "otherBucket": False,
        "missingBucket": False,
        "parentFormat": {"id": "terms"},
        "include": [],
        "exclude": [],
        "includeIsRegex": False,
        "excludeIsRegex": False,
    }


def _order(bucket: Bucket, first_value: str) -> State:
    if not bucket.order_by_count:
        return {"orderBy": {"type": "column", "columnId": first_value}}
    count = {
        "label": "Count of records",
        "dataType": "number",
        "operationType": "count",
        "isBucketed": False,
        "scale": "ratio",
        "sourceField": RECORDS,
    }
    return {"orderBy": {"type": "custom"}, "orderAgg": count}


def _value(value: Value, types: dict[str, str]) -> State:
    column: State = {
        "label": value.label,
        "customLabel": True,
        "dataType": "date" if value.operation in ("min", "max") and types[value.field] == "date" else "number",
        "operationType": _OPERATIONS.get(value.operation, value.operation),
        "isBucketed": False,
        "scale": "ratio",
        "sourceField": value.field or RECORDS,
        "params": _value_params(value),
    }
    return column | ({"filter": kql(value.filter)} if value.filter else {})


def _value_params(value: Value) -> State:
    params: State = {"percentile": value.at} if value.operation == "percentile" else {"emptyAsNull": True}
    if value.decimals is not None:
        params["format"] = {"id": "number", "params": {"decimals": value.decimals}}
    return params


def _visualization(panel: Panel) -> State:
    make = {"metric": _metric, "donut": _donut, "heatmap": _heatmap, "table": _table}.get(panel.chart, _xy)
    return make(panel)


def _metric(panel: Panel) -> State:
    return {"layerId": LAYER, "layerType": "data", "metricAccessor": _value_id(0)}


def _donut(panel: Panel) -> State:
    layer = {
        "layerId": LAYER,
        "layerType": "data",
        "primaryGroups": [_bucket_id(place) for place in range(len(panel.by))],
        "metrics": [_value_id(0)],
        "numberDisplay": "value",
        "categoryDisplay": "default",
        "legendDisplay": "default",
        "nestedLegend": False,
    }
    return {"shape": "donut", "layers": [layer]}


def _heatmap(panel: Panel) -> State:
    """The first dimension down, the second across."""
    return {
        "shape": "heatmap",
        "layerId": LAYER,
        "layerType": "data",
        "yAccessor": _bucket_id(0),
        "xAccessor": _bucket_id(1),
        "valueAccessor": _value_id(0),
        "legend": {"isVisible": True, "position": "right", "type": "heatmap_legend"},
        "gridConfig": {
            "type": "heatmap_grid",
            "isCellLabelVisible": True,
            "isXAxisLabelVisible": True,
            "isXAxisTitleVisible": True,
            "isYAxisLabelVisible": True,
            "isYAxisTitleVisible": True,
        },
    }


def _table(panel: Panel) -> State:
    ids = [_bucket_id(place) for place in range(len(panel.by))]
    ids += [_value_id(place) for place in range(len(panel.values))]
    return {
        "layerId": LAYER,
        "layerType": "data",
        "columns": [{"columnId": id_, "isTransposed": False} for id_ in ids],
        "paging": {"size": _ROWS_A_PAGE, "enabled": True},
    }


def _xy(panel: Panel) -> State:
    """Time runs along the axis wherever there is one, else the first dimension does; the other one is the colour."""
    dated = [place for place, bucket in enumerate(panel.by) if bucket.every]
    along = dated[0] if dated else 0
    colour = [place for place in range(len(panel.by)) if place != along]
    layer: State = {
        "layerId": LAYER,
        "layerType": "data",
        "seriesType": panel.chart,
        "accessors": [_value_id(0)],
        "xAccessor": _bucket_id(along),
    }
    if colour:
        layer["splitAccessor"] = _bucket_id(colour[0])
    return {
        "legend": {"isVisible": bool(colour), "position": "right", "shouldTruncate": True, "maxLines": 1},
        "valueLabels": "hide",
        "fittingFunction": "Linear" if panel.chart == "line" else "None",
        "preferredSeriesType": panel.chart,
        "axisTitlesVisibilitySettings": {"x": True, "yLeft": True, "yRight": True},
        "tickLabelsVisibilitySettings": {"x": True, "yLeft": True, "yRight": True},
        "labelsOrientation": {"x": 0, "yLeft": 0, "yRight": 0},
        "gridlinesVisibilitySettings": {"x": True, "yLeft": True, "yRight": True},
        "layers": [layer],
    }
