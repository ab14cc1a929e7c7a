"""The goals of understanding hold on the gold titles that tuning saw; the untouched half is scored by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.gold.lines import read_lines
from bench.gold.score import Tallies, score
from pipelines.label import label

GOLD = Path(__file__).parents[2] / "bench" / "gold"
AT_LEAST = {
    "substances F1": 0.95, "nps": 0.97, "emergent recall": 0.80, "quantity_g": 0.97, "count": 0.95, "dose_mg": 0.95,
    "price": 0.95, "identifiers precision": 1.0, "identifiers recall": 0.97, "linked_crimes precision": 0.95,
    "linked_crimes recall": 0.75, "language right, described": 0.98,
}  # fmt: skip
AT_MOST = {"language wrong, title": 0.05, "language und, title": 0.08}


@pytest.fixture(scope="module", params=["tune", "batches"])
def tallies(request: pytest.FixtureRequest) -> Tallies:
    lines = read_lines(GOLD / f"{request.param}.jsonl")
    return score(lines, [{"id": line["id"], **label(line["title"], line["description"])} for line in lines])


def test_every_goal_is_reached(tallies: Tallies) -> None:
    assert {name: tallies[name].share for name, goal in AT_LEAST.items() if tallies[name].share < goal} == {}
    assert {name: tallies[name].share for name, goal in AT_MOST.items() if tallies[name].share > goal} == {}


def test_ids_of_the_batches_are_their_own() -> None:
    ids = [line["id"] for name in ("tune", "held_out", "batches") for line in read_lines(GOLD / f"{name}.jsonl")]
    assert len(ids) == len(set(ids))
