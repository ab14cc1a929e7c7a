import math
import random

import pytest

from pipelines.estimate import Look, chapman, estimate, future_count_limit, schnabel


def ids(*numbers: int) -> frozenset[str]:
    return frozenset(str(number) for number in numbers)


def test_chapmans_estimate_and_variance_are_those_of_the_formula() -> None:
    total, variance = chapman(200, 150, 50)
    assert total == pytest.approx(201 * 151 / 51 - 1)
    assert variance == pytest.approx(201 * 151 * 150 * 100 / (51**2 * 52))


def test_schnabels_estimate_is_that_of_a_sum_done_by_hand() -> None:
    looks = [ids(1, 2, 3), ids(2, 3, 4, 5), ids(1, 4, 6)]
    total, low, high = schnabel(looks)
    product = 4 * 3 + 3 * 5  # caught times known before, second and third look
    met = 2 + 2
    assert total == pytest.approx(product / (met + 1))
    assert low == pytest.approx(1 / (met / product + 1.959964 * math.sqrt(met) / product))
    assert high == pytest.approx(1 / (met / product - 1.959964 * math.sqrt(met) / product))


def test_looks_that_never_meet_give_no_upper_limit() -> None:
    assert schnabel([ids(1, 2), ids(3, 4)])[2] == math.inf


@pytest.mark.parametrize(("counted", "ratio", "limit"), [(0, 1.0, 5), (0, 0.0, 0), (10, 1.0, 22)])
def test_the_limit_of_a_future_count_is_that_of_the_binomial(counted: int, ratio: float, limit: int) -> None:
    assert future_count_limit(counted, ratio) == limit
    if ratio:
        chance = 1 / (1 + ratio)
        tail = [
            sum(math.comb(n + counted, k) * chance**k * (1 - chance) ** (n + counted - k) for k in range(counted + 1))
            for n in (limit, limit + 1)
        ]
        assert tail[0] > 0.025 >= tail[1]


def test_one_look_gives_no_estimate_and_says_so() -> None:
    said = estimate([Look(name="lists", seen=ids(1, 2), at=0.5, opening=0.5)])
    assert (said.seen, said.low, said.high, said.total, said.share) == (2, 2, None, None, None)
    assert "no estimate" in said.method


def test_two_independent_looks_at_a_closed_market_hold_the_truth() -> None:
    held = 0
    for seed in range(100):
        rng = random.Random(seed)
        looks = [
            Look(
                name=name,
                seen=frozenset(str(n) for n in range(300) if rng.random() < reach),
                at=at,
                opening=at,
                reach=reach,
            )
            for name, at, reach in (("lists", 0.4, 0.8), ("vendors", 0.9, 0.7))
        ]
        said = estimate(looks)
        assert said.high is not None
        held += said.low <= 300 <= said.high
    assert held >= 95


def test_the_estimate_never_falls_below_what_was_seen() -> None:
    said = estimate(
        [
            Look(name="a", seen=ids(1, 2, 3), at=0.2, opening=0.2),
            Look(name="b", seen=ids(1, 2, 3, 4), at=0.8, opening=0.8),
        ]
    )
    assert said.total is not None
    assert said.high is not None
    assert said.seen == 4 <= said.low <= said.total <= said.high
