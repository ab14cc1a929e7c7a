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


def test_when_all_are_dead_the_pages_fail_and_each_address_is_asked_in_turn() -> None:
    living = Living([A, B, C])
    for address in (A, B):
        assert [living.failed(address) for _ in range(3)] == [False, False, True]
    assert [living.failed(C) for _ in range(9)] == [False] * 9, "also those in flight"
    asked, elsewhere = [], []
    for _ in range(6):
        asked.append(living.current)
        elsewhere.append(living.failed(living.current))
    assert asked == [A, B, C, A, B, C]
    assert elsewhere == [True, True, False, True, True, False], "a page fails once all were asked for it"


def test_an_address_that_was_away_for_a_while_is_found_again_though_the_other_died_before() -> None:
    living = Living([A, B])
    living.answered(A)
    for address in (A, B):
        for _ in range(3):
            living.failed(address)
    assert living.failed(A)
    assert living.current == B
    living.answered(B)
    assert (living.current, living.answered_last) == (B, B)
    assert not living.failed(B), "it has three tries again"


def test_the_first_has_another_chance_when_the_second_dies_later() -> None:
    living = Living([A, B])
    for _ in range(3):
        living.failed(A)
    living.answered(B)
    assert [living.failed(B) for _ in range(3)] == [False, False, True]
    assert living.current == A
    assert [living.failed(A) for _ in range(4)] == [False] * 4


def test_one_address_alone_stays_in_use_however_it_fares() -> None:
    living = Living([A])
    assert [living.failed(A) for _ in range(8)] == [False] * 8
    assert (living.current, living.failovers, living.answered_last) == (A, 0, None)


def test_strangers_are_left_alone() -> None:
    living = Living([A])
    assert living.moved("http://stranger.example/x") == "http://stranger.example/x"
    assert not living.failed("http://stranger.example/x")
