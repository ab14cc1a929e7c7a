"""The reviewed sources of the Kibana objects, ``config/kibana/*.toml``, read; all faults told at once."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from casework.kibana.checks import faults_of
from casework.kibana.sources import (
    OPERATIONS,
    SEARCH,
    WIDTH,
    Bucket,
    Control,
    Dashboard,
    Panel,
    SavedSearch,
    Sources,
    Value,
    View,
)
from crawler.model.errors import BadInput

FOLDER = Path(__file__).parents[2] / "config" / "kibana"


@cache
def sources() -> Sources:
    """The sources that ship with npswatch."""
    return read_sources(FOLDER)


def read_sources(folder: Path) -> Sources:
    """The sources of a folder. Raises BadInput with every fault of their form."""
    faults: list[str] = []
    found = Sources(
        views={name: _view(name, table) for name, table in _tables(folder / "views.toml", "view", faults)},
        searches={name: _search(name, table) for name, table in _tables(folder / "searches.toml", "search", faults)},
        dashboards={
            path.stem: _dashboard(path.stem, Table(_document(path, faults), path.stem, faults))
            for path in sorted((folder / "dashboards").glob("*.toml"))
        },
    )
    if faults := faults or faults_of(found):
        raise BadInput(f"the Kibana objects in {folder} have faults: " + "; ".join(faults))
    return found


Read = TypeVar("Read")


class Table:
    """A TOML table read key by key; what is missing, of a wrong type or never asked for becomes a fault."""

    def __init__(self, values: dict[str, Any], where: str, faults: list[str]) -> None:
        self._values = dict(values)
        self._where = where
        self._faults = faults

    def text(self, key: str, default: str | None = None) -> str:
        """A string; the default where there is none, a fault where there is no default."""
        return self._taken(key, str, default, "")

    def number(self, key: str, default: int) -> int:
        """A whole number."""
        return self._taken(key, int, default, 0)

    def flag(self, key: str) -> bool:
        """True or false; false where it is not said."""
        return self._taken(key, bool, default=False, otherwise=False)

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of strings."""
        return tuple(str(each) for each in self._taken(key, list, None, []))

    def numbers(self, key: str) -> tuple[int, ...]:
        """A list of whole numbers."""
        return tuple(each if isinstance(each, int) else -1 for each in self._taken(key, list, None, []))

    def tables(self, key: str) -> list[Table]:
        """A list of tables; empty where it is not said."""
        given: list[Any] = self._taken(key, list, [], [])
        inner = [each if isinstance(each, dict) else {} for each in given]
        return [Table(each, f"{self._where}.{key}[{place}]", self._faults) for place, each in enumerate(inner)]

    def has(self, key: str) -> bool:
        """Whether the key is there and not taken yet."""
        return key in self._values

    def fault(self, words: str) -> None:
        """Notes a fault of this table."""
        self._faults.append(f"{self._where}: {words}")

    def done(self) -> None:
        """Notes every key nobody asked for."""
        for key in self._values:
            self.fault(f"{key} means nothing here")

    def _taken(self, key: str, type_: type[Read], default: Read | None, otherwise: Read) -> Read:
        value = self._values.pop(key, default)
        if isinstance(value, type_):
            return value
        self.fault(f"{key} is missing" if value is None else f"{key} is no {type_.__name__}")
        return otherwise


def _document(path: Path, faults: list[str]) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        faults.append(f"{path.name}: {error}")
        return {}


def _tables(path: Path, key: str, faults: list[str]) -> Iterator[tuple[str, Table]]:
    named = _document(path, faults).get(key, {})
    for name, values in named.items():
        yield name, Table(values, f"{path.stem} {name}", faults)


def _closed(table: Table, make: Callable[[Table], Read]) -> Read:
    made = make(table)
    table.done()
    return made


def _view(name: str, table: Table) -> View:
    return _closed(table, lambda t: View(name=name, kind=t.text("kind"), title=t.text("title"), time=t.text("time")))


def _search(name: str, table: Table) -> SavedSearch:
    return _closed(
        table,
        lambda t: SavedSearch(
            name=name,
            title=t.text("title"),
            about=t.text("about"),
            view=t.text("view"),
            filter=t.text("filter"),
            columns=t.texts("columns"),
            sort=t.text("sort"),
        ),
    )


def _dashboard(name: str, table: Table) -> Dashboard:
    return _closed(
        table,
        lambda t: Dashboard(
            name=name,
            title=t.text("title"),
            about=t.text("about"),
            since=t.text("from"),
            controls=tuple(_closed(each, _control) for each in t.tables("control")),
            panels=tuple(_closed(each, _panel) for each in t.tables("panel")),
        ),
    )


def _control(table: Table) -> Control:
    return Control(view=table.text("view"), field=table.text("field"), title=table.text("title"))


def _panel(table: Table) -> Panel:
    id_, title, chart, at = table.text("id"), table.text("title"), table.text("chart"), _place(table)
    if chart == SEARCH:
        return Panel(id=id_, title=title, chart=chart, at=at, search=table.text("search"))
    return Panel(
        id=id_,
        title=title,
        chart=chart,
        at=at,
        view=table.text("view"),
        filter=table.text("filter", ""),
        by=tuple(_closed(each, _bucket) for each in table.tables("by")),
        values=tuple(_closed(each, _value) for each in table.tables("value")),
    )


def _place(table: Table) -> tuple[int, int, int, int]:
    at = table.numbers("at")
    if len(at) != len(("x", "y", "width", "height")):
        table.fault("at needs x, y, width and height")
        return (0, 0, WIDTH, 1)
    return at[0], at[1], at[2], at[3]


def _bucket(table: Table) -> Bucket:
    label = table.text("label")
    if table.has("time"):
        return Bucket(label=label, field=table.text("time"), every=table.text("every"))
    if table.has("filters"):
        pairs = tuple((each.text("label"), each.text("filter")) for each in table.tables("filters"))
        return Bucket(label=label, filters=pairs)
    order = table.text("order", "")
    if order not in ("", "count"):
        table.fault("order can only be count")
    return Bucket(
        label=label, field=table.text("terms"), size=table.number("size", 10), order_by_count=order == "count"
    )


def _value(table: Table) -> Value:
    named = [name for name in OPERATIONS if table.has(name)]
    if len(named) != 1:
        table.fault("one operation is needed: " + ", ".join(OPERATIONS))
        return Value(operation="count", label="")
    field = "" if named[0] == "count" and table.flag("count") else table.text(named[0])
    return Value(
        operation=named[0],
        label=table.text("label"),
        field=field,
        filter=table.text("filter", ""),
        at=table.number("at", 50),
        decimals=table.number("decimals", -1) if table.has("decimals") else None,
    )
