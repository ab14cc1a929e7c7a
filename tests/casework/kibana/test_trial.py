"""What the docs and the trial's compose file say is what is there."""

from __future__ import annotations

import re
from pathlib import Path

from casework.kibana.objects import saved_objects
from casework.kibana.queries import queries
from casework.kibana.reading import sources
from casework.kibana.sources import CHARTS, OPERATIONS, SEARCH
from index.local_server import VERSION

_CHECKOUT = Path(__file__).parents[3]
_COMPOSE = (_CHECKOUT / "deploy" / "compose.yaml").read_text()
_DOCS = (_CHECKOUT / "docs" / "kibana.md").read_text()
_FLAT = " ".join(_DOCS.split())


def test_the_trial_runs_the_versions_the_tests_run_on() -> None:
    assert re.findall(r"image: (\S+)", _COMPOSE) == [f"elasticsearch:{VERSION}", f"kibana:{VERSION}"]


def test_the_trial_listens_on_loopback_only() -> None:
    published = re.findall(r'- "([\d.:]+)"', _COMPOSE)
    assert published == ["127.0.0.1:9200:9200", "127.0.0.1:5601:5601"]
    assert _COMPOSE.count("ports:") == len(published)


def test_the_docs_name_every_view_search_dashboard_chart_and_operation() -> None:
    found = sources()
    for title in (each.title for part in (found.views, found.searches, found.dashboards) for each in part.values()):
        assert title in _FLAT, title
    for word in (*CHARTS, *OPERATIONS):
        assert re.search(rf"\b{word}\b", _FLAT), word


def test_the_docs_count_right() -> None:
    found = sources()
    charts = [panel for board in found.dashboards.values() for panel in board.panels if panel.chart != SEARCH]
    assert (len(found.views), len(found.searches), len(found.dashboards), len(charts)) == (5, 8, 3, 37)
    assert len(queries(saved_objects())) == 45
    assert f"took N of {len(saved_objects())} objects" in _DOCS


def test_the_docs_say_plainly_what_was_not_tried() -> None:
    assert "**the objects were not opened in a running Kibana.**" in _FLAT
