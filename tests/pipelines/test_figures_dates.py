"""Dates: relative ones need to know when the page was seen."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from pipelines.figures import read_date

SEEN = datetime(2024, 5, 10, 12, tzinfo=UTC)


@pytest.mark.parametrize(("words", "day"), [("3 days ago", "2024-05-07"), ("5 дней назад", "2024-05-05")])
def test_relative_words_are_counted_from_when_the_page_was_seen(words: str, day: str) -> None:
    assert read_date(words, SEEN) == day
    assert read_date(words, None) is None


@pytest.mark.parametrize(
    ("words", "day"), [("March 4, 2015", "2015-03-04"), ("12.03.2024", "2024-03-12"), ("2022-08-17", "2022-08-17")]
)
def test_a_full_date_is_the_same_whenever_the_page_was_seen(words: str, day: str) -> None:
    assert read_date(words, SEEN) == read_date(words, None) == day
