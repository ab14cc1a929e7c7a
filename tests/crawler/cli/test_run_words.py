from typing import Any

from crawler.cli.run_words import run_hit, run_line
from crawler.cli.search import hit_line

RUN: dict[str, Any] = {
    "id": "a" * 32,
    "kind": "run",
    "market": "harbour",
    "started": "2026-01-01T00:00:00Z",
    "verdict": "good",
    "read": 90,
    "planned": 91,
    "page_types": {"listing": 60, "vendor": 5},
    "new": 4,
    "changed": 2,
    "gone": 3,
    "back": 0,
    "failed": 1,
    "reasons": [],
    "coverage": {"seen": 58, "estimate": 60.4, "low": 58, "high": 67, "share": 0.96},
}


def test_a_run_says_in_a_line_what_it_saw_and_what_became_of_listings() -> None:
    line = run_line(RUN)
    assert "60 listings (4 new, 2 changed, 3 gone), 5 vendors, 1 failed" in line
    assert "saw 58 of about 60 visible listings (95 %: 58 to 67)" in line


def test_a_run_among_hits_shows_its_verdict_its_reasons_and_its_coverage() -> None:
    bad = RUN | {"verdict": "degraded", "reasons": ["9 pages failed"]}
    assert hit_line(bad) == run_hit(bad)
    assert run_hit(bad).endswith("degraded: 9 pages failed | saw 58 of about 60 visible listings (95 %: 58 to 67)")


def test_without_an_estimate_the_counts_of_the_market_stand_in_for_it() -> None:
    assert "saw 9 of 12 listings the market counts" in run_hit(
        RUN | {"coverage": {"seen": 9, "low": 9, "printed": {"seen": 9, "counted": 12}}}
    )
    assert "saw 9 listings, of how many is unknown" in run_hit(RUN | {"coverage": {"seen": 9, "low": 9}})
    assert run_hit({key: value for key, value in RUN.items() if key != "coverage"}).endswith("good")
