"""What the Kibana objects are made from: views, saved searches and dashboards as a person writes and reviews them."""

from __future__ import annotations

from dataclasses import dataclass

WIDTH = 48
CHARTS = {
    "metric": (0, 0), "bar_stacked": (1, 2), "bar_horizontal": (1, 2), "bar_horizontal_stacked": (1, 2),
    "line": (1, 2), "donut": (1, 2), "heatmap": (2, 2), "table": (1, 4),
}  # fmt: skip
"""The charts there are, with the least and the most dimensions each can show."""
SEARCH = "search"
OPERATIONS = ("count", "unique", "median", "percentile", "sum", "min", "max")


@dataclass(frozen=True, kw_only=True, slots=True)
class View:
    """A data view: one kind of document, and the field Kibana's time filter works on."""

    name: str
    kind: str
    title: str
    time: str


@dataclass(frozen=True, kw_only=True, slots=True)
class SavedSearch:
    """A search kept for Discover: a filter in KQL, the columns shown, the field whose newest come first."""

    name: str
    title: str
    about: str
    view: str
    filter: str
    columns: tuple[str, ...]
    sort: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Bucket:
    """What a chart divides by: the values of a field, the intervals of a time, or named filters.

    ``order_by_count`` puts the values with most documents first, where the chart's first value would not tell that.
    """

    label: str
    field: str = ""
    size: int = 0
    every: str = ""
    filters: tuple[tuple[str, str], ...] = ()
    order_by_count: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Value:
    """What a chart shows: an operation over a field (none for a count), of the documents a filter leaves."""

    operation: str
    label: str
    field: str = ""
    filter: str = ""
    at: int = 50
    decimals: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Panel:
    """One panel: where it stands (x, y, width, height in 48 columns), and its chart or its saved search."""

    id: str
    title: str
    chart: str
    at: tuple[int, int, int, int]
    view: str = ""
    filter: str = ""
    by: tuple[Bucket, ...] = ()
    values: tuple[Value, ...] = ()
    search: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Control:
    """A list above a dashboard to choose from: the values of one field."""

    view: str
    field: str
    title: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Dashboard:
    """A dashboard: the time it opens with, its controls and panels."""

    name: str
    title: str
    about: str
    since: str
    controls: tuple[Control, ...]
    panels: tuple[Panel, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Sources:
    """All that is put into Kibana, each by its name."""

    views: dict[str, View]
    searches: dict[str, SavedSearch]
    dashboards: dict[str, Dashboard]
