from typing import Any

from crawler.cli.run_words import run_line


def test_a_run_in_one_line_names_traps_and_why_pages_were_left() -> None:
    run: dict[str, Any] = {
        "market": "m", "verdict": "good", "read": 5, "planned": 9, "new": 1, "changed": 0, "failed": 0,
        "page_types": {"listing": 2, "vendor": 1}, "reasons": [], "why_left": "the day's budget of 5 pages is spent",
        "traps": [{"trap": "calendar", "count": 3, "examples": ["/a"]}],
    }  # fmt: skip
    assert run_line(run).endswith("0 failed; trap met: calendar (3); the day's budget of 5 pages is spent")
