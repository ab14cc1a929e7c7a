"""Runs with their verdict: what each market was last seen to answer, and what every run reached."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from casework.page.exact import alone, exactly
from casework.page.filters import field_query
from index.folding import fold
from index.store import Body, Hits, Store

RUNS_A_PAGE = 50
_MOST_MARKETS = 200
_MOST_GATES = 50
NEWEST = "-started"
_MINUTE = 60
_IN_ORDER = (
    *("planned", "reached", "pages", "read", "failed", "new", "changed", "gone", "back", "hidden", "unreached"),
    *("refused", "waiting", "captured", "indexed", "spooled", "rejected", "dropped", "left"),
)
_LABELS = {
    "pages": "Pages kept",
    "new": "New listings",
    "changed": "Changed listings",
    "gone": "Gone listings",
    "back": "Listings that came back",
    "hidden": "Hidden listings",
    "unreached": "Known listings not reached",
    "captured": "Responses in the archive",
    "indexed": "Of those, in the index",
    "left": "Of those, left to the next run",
    "refused": "Refused by the guard",
    "waiting": "Pages left waiting",
    "spooled": "Documents that wait for the index",
    "rejected": "Documents the index refused",
    "unchanged": "Unchanged since the visit before",
    "forbidden": "Forbidden by robots.txt",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Runs:
    """The newest run of each market, and one page of all runs, newest first."""

    latest: tuple[Body, ...]
    runs: tuple[Body, ...]
    total: int
    page: int
    market: str | None

    @property
    def pages(self) -> int:
        """How many pages there are."""
        return max(1, -(-self.total // RUNS_A_PAGE))


@dataclass(frozen=True, kw_only=True, slots=True)
class Run:
    """One run, and the gates that stood before pages of it."""

    body: Body
    figures: tuple[tuple[str, int | float], ...]
    gates: tuple[Body, ...]
    gates_total: int


def runs_of(store: Store, market: str | None, page: int) -> Runs:
    """The runs of one market or of all."""
    markets = [name for name, _ in store.facets("*", ["market"], kind="run", size=_MOST_MARKETS)["market"]]
    newest = (
        store.search(alone("market", name, markets), kind="run", limit=1, sort=NEWEST).bodies
        for name in sorted(markets)
    )
    query = alone("market", market, markets) if market else "*"
    hits = store.search(query, kind="run", limit=RUNS_A_PAGE, offset=(page - 1) * RUNS_A_PAGE, sort=NEWEST)
    return Runs(
        latest=tuple(body for bodies in newest for body in bodies),
        runs=hits.bodies,
        total=hits.total,
        page=page,
        market=market,
    )


def run_of(store: Store, id_: str) -> Run | None:
    """One run, or None where there is none."""
    body = store.get("run", id_)
    if body is None:
        return None
    gates = _gates(store, str(body.get("run", "")), str(body.get("market", "")))
    return Run(body=body, figures=run_figures(body), gates=gates.bodies, gates_total=gates.total)


def run_figures(body: Body) -> tuple[tuple[str, int | float], ...]:
    """Every number of the run: those all runs have in the order of the work, then whatever else was counted."""
    counted = {name: value for name, value in body.items() if isinstance(value, int | float) and value is not True}
    counted = {name: value for name, value in counted.items() if value is not False}
    order = [*(name for name in _IN_ORDER if name in counted), *(name for name in counted if name not in _IN_ORDER)]
    return tuple((_LABELS.get(name, name.replace("_", " ").capitalize()), counted[name]) for name in order)


def _gates(store: Store, run: str, market: str) -> Hits:
    if not run or not fold(market):
        return Hits(total=0, bodies=())
    query = f"{field_query('run', run)} {exactly(store, 'market', market, kind='capture')} gate:*"
    return store.search(query, kind="capture", limit=_MOST_GATES, sort="time")


def duration(body: Body) -> str:
    """How long a run took, for people."""
    try:
        taken = datetime.fromisoformat(body["ended"]) - datetime.fromisoformat(body["started"])
    except (KeyError, ValueError):
        return "–"
    seconds = int(taken.total_seconds())
    if seconds < 2 * _MINUTE:
        return f"{seconds} s"
    hours, rest = divmod(seconds // _MINUTE, 60)
    return f"{hours} h {rest} min" if hours else f"{rest} min"
