"""Which address is asked, step by step."""

from crawler.mirrors.living import Living

A, B, C = "http://a.example/", "http://b.example/", "http://c.example/"


def test_three_failures_in_a_row_lead_to_the_next_address() -> None:
    living = Living([A, B, C])
    assert [living.failed(A + "x") for _ in range(3)] == [False, False, True]
    assert (living.current, living.failovers) == (B, 1)
    assert living.moved(A + "list?page=2") == B + "list?page=2"


def test_an_answer_in_between_forgives() -> None:
    living = Living([A, B])
    living.failed(A)
    living.failed(A)
    living.answered(A)
    assert not living.failed(A)
    assert living.current == A


def test_late_failures_of_the_address_left_behind_are_asked_for_again_and_blame_nobody() -> None:
    living = Living([A, B])
    for _ in range(3):
        living.failed(A)
    assert all(living.failed(A) for _ in range(13))
    assert (living.current, living.failovers) == (B, 1)


def test_when_all_are_dead_the_pages_fail() -> None:
    living = Living([A, B])
    for _ in range(3):
        living.failed(A)
    assert [living.failed(B) for _ in range(6)] == [False] * 6
    assert living.failovers == 1


def test_the_first_has_another_chance_when_the_second_dies_later() -> None:
    living = Living([A, B])
    for _ in range(3):
        living.failed(A)
    living.answered(B)
    assert [living.failed(B) for _ in range(3)] == [False, False, True]
    assert living.current == A
    assert [living.failed(A) for _ in range(4)] == [False] * 4


def test_strangers_are_left_alone() -> None:
    living = Living([A])
    assert living.moved("http://stranger.example/x") == "http://stranger.example/x"
    assert not living.failed("http://stranger.example/x")
