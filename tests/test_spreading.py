"""Tests that share a costly set-up run in one process."""

from __future__ import annotations

from tests.fixtures.spreading import scope_of


def test_tests_of_a_file_that_sets_something_up_once_stay_together_and_others_go_where_there_is_room() -> None:
    together = {
        scope_of(f"tests/crawler/test_namespace.py::test_{name}") for name in ("one[shop]", "one[market]", "two")
    }
    assert together == {"tests/crawler/test_namespace.py"}
    assert scope_of("tests/crawler/test_crawl.py::test_one") != scope_of("tests/crawler/test_crawl.py::test_two")
