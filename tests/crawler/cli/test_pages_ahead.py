from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from crawler.cli.pages_ahead import Found, PagesAhead
from crawler.model.reading import Received
from evidence.replay import SavedPage


def found(number: int, site: str = "a", size: int = 10) -> Found:
    received = Received(body=b"x" * size, url=f"http://{site}/{number}")
    page = SavedPage(path=str(number), received=received, time=datetime(2026, 1, 1, tzinfo=UTC))
    return Found(file=Path(str(number)), site=site, page=page)


class Counted:
    """A source that tells how far it was read."""

    def __init__(self, source: Iterator[Found]) -> None:
        self.source, self.read = source, 0

    def __iter__(self) -> Iterator[Found]:
        for each in self.source:
            self.read += 1
            yield each


def paths(some: Iterator[Found] | list[Found]) -> list[str]:
    return [str(each.file) for each in some]


def test_what_was_looked_at_ahead_comes_in_its_turn_and_once() -> None:
    pages = [found(number, site="ab"[number % 2]) for number in range(50)]
    ahead = PagesAhead(iter(pages))
    seen = []
    for each in ahead:
        seen.append(each)
        list(islice(ahead.pages_of("b"), 7))
    assert seen == pages


def test_no_more_is_looked_at_than_was_asked_for() -> None:
    source = Counted(found(number) for number in range(10_000))
    ahead = PagesAhead(iter(source))
    assert str(next(iter(ahead)).file) == "0"
    assert len(list(islice(ahead.pages_of("a"), 199))) == 199
    assert source.read == 200


def test_a_site_that_never_comes_again_is_sought_two_thousand_pages_far() -> None:
    source = Counted(found(number) for number in range(10_000))
    ahead = PagesAhead(iter(source))
    assert list(ahead.pages_of("b")) == []
    assert source.read == 2_000


def test_the_view_ends_at_sixty_four_megabytes() -> None:
    source = Counted(found(number, size=1 << 20) for number in range(1_000))
    ahead = PagesAhead(iter(source))
    assert len(list(ahead.pages_of("a"))) == 64
    assert len(paths(list(ahead))) == 1_000
    assert source.read == 1_000


def test_a_word_about_a_file_is_no_page_of_any_site() -> None:
    word = Found(file=Path("x"), said="x: no page in it")
    ahead = PagesAhead(iter([word, found(1)]))
    assert [page.path for page in ahead.pages_of("a")] == ["1"]
    assert paths(list(ahead)) == ["x", "1"]
