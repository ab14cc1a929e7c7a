"""When a market is due."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest

from crawler.model.errors import BadInput
from crawler.schedule.plan import Missed, Plan
from crawler.schedule.timing import Timing, cron, every, read_span

SINCE = datetime(2026, 2, 27, 10, 7, tzinfo=UTC)  # a Friday


def planned(timing: Timing, count: int, since: datetime = SINCE) -> list[str]:
    """The first planned times, to the minute."""

    def times() -> list[datetime]:
        moment, found = since - timedelta(milliseconds=1), []
        for _ in range(count):
            moment = timing.after(moment, since)
            found.append(moment)
        return found

    return [time.strftime("%a %Y-%m-%d %H:%M") for time in times()]


def test_a_span_begins_at_once_and_comes_round() -> None:
    assert planned(every("6h"), 3) == ["Fri 2026-02-27 10:07", "Fri 2026-02-27 16:07", "Fri 2026-02-27 22:07"]


@pytest.mark.parametrize(
    ("line", "times"),
    [
        ("30 */6 * * *", ["Fri 2026-02-27 12:30", "Fri 2026-02-27 18:30", "Sat 2026-02-28 00:30"]),
        ("0 4 * * 0", ["Sun 2026-03-01 04:00", "Sun 2026-03-08 04:00", "Sun 2026-03-15 04:00"]),
        ("0 4 * * 7", ["Sun 2026-03-01 04:00", "Sun 2026-03-08 04:00", "Sun 2026-03-15 04:00"]),
        ("0 4 * * mon-wed", ["Mon 2026-03-02 04:00", "Tue 2026-03-03 04:00", "Wed 2026-03-04 04:00"]),
        ("15,45 10 * * *", ["Fri 2026-02-27 10:15", "Fri 2026-02-27 10:45", "Sat 2026-02-28 10:15"]),
        ("0 0 29 feb *", ["Tue 2028-02-29 00:00", "Sun 2032-02-29 00:00", "Fri 2036-02-29 00:00"]),
        ("0 0 31 * *", ["Tue 2026-03-31 00:00", "Sun 2026-05-31 00:00", "Fri 2026-07-31 00:00"]),
        ("0 0 1 * mon", ["Sun 2026-03-01 00:00", "Mon 2026-03-02 00:00", "Mon 2026-03-09 00:00"]),
        ("@daily", ["Sat 2026-02-28 00:00", "Sun 2026-03-01 00:00", "Mon 2026-03-02 00:00"]),
        ("5-59/20 23 * * *", ["Fri 2026-02-27 23:05", "Fri 2026-02-27 23:25", "Fri 2026-02-27 23:45"]),
    ],
)
def test_a_cron_line_means_what_cron_means_by_it(line: str, times: list[str]) -> None:
    assert planned(cron(line), 3) == times


def test_a_day_of_month_and_a_weekday_are_either_or_as_in_cron() -> None:
    """Counted by hand, day by day, over two years."""
    days = [SINCE.replace(hour=0, minute=0) + timedelta(days=n) for n in range(1, 730)]
    expected = [day for day in days if day.day in (1, 15) or day.weekday() == 2]
    timing = cron("0 0 1,15 * 3")
    moment, found = SINCE, []
    while (moment := timing.after(moment, SINCE)) <= days[-1]:
        found.append(moment)
    assert found == expected


@pytest.mark.parametrize(
    ("line", "faults"),
    [
        ("61 * * * *", ["minute: 61 is not within 0 to 59"]),
        ("0 24 0 13 8", ["hour: 24", "day of month: 0", "month: 13", "day of week: 8"]),
        ("x 25 * * *", ["minute: 'x' is neither a number nor *", "hour: 25"]),
        ("0 */0 * * *", ["hour: the step '0' is no number above 0"]),
        ("0 8-6 * * *", ["hour: 8-6 runs backwards"]),
        ("0 0 30 2 *", ["day of month: none of the months named has a day 30"]),
        ("0 0 * foo fun", ["month: 'foo'", "day of week: 'fun'"]),
        ("0 0 * *", ["has 4 fields, not five"]),
        ("", ["has 0 fields, not five"]),
        ("@reboot", ["has 1 fields, not five"]),
        ("0, 1 * * *", ["minute: '' is neither"]),
        ("٣ 1 * * *", ["minute: '٣' is neither"]),
        ("99999999999999999999 1 * * *", ["minute: 99999999999999999999 is not within"]),
        ("*/3 * * * *", ["every 3 minutes"]),
        ("0,58 * * * *", ["every 2 minutes"]),
    ],
)
def test_each_fault_of_a_cron_line_is_named_with_its_field(line: str, faults: list[str]) -> None:
    with pytest.raises(BadInput) as caught:
        cron(line)
    assert [fault for fault in faults if fault not in str(caught.value)] == []


@pytest.mark.parametrize("text", ["4m", "299s", "0h", "", "6", "6 h", "-6h", "six", "9999h", "1.5h"])
def test_what_is_no_span_or_would_hammer_a_market_is_refused(text: str) -> None:
    with pytest.raises(BadInput):
        every(text)


def test_spans_are_read_as_people_write_them() -> None:
    spans = ["6h", "90m", "1d12h", "30s", " 2D "]
    assert [read_span(text, "--jitter") for text in spans] == [21600, 5400, 129600, 30, 172800]


def plan(timing: Timing, jitter: int) -> Plan:
    return Plan(market="m", timing=timing, missed=Missed.SKIP, jitter=jitter, since=SINCE, salt="s")


def test_jitter_spreads_the_runs_and_is_the_same_after_a_restart() -> None:
    jittered = plan(every("6h"), 1200)
    times = [SINCE + timedelta(hours=6 * n) for n in range(400)]
    late = [(jittered.due(time) - time).total_seconds() for time in times]
    assert 0 <= min(late) < 60
    assert 1140 < max(late) <= 1200
    assert 500 < sum(late) / len(late) < 700
    assert [plan(every("6h"), 1200).due(time) for time in times] == [jittered.due(time) for time in times]


@pytest.mark.parametrize("timing", [every("6h"), cron("0 */6 * * *")])
def test_a_jitter_as_long_as_the_time_between_runs_is_refused(timing: Timing) -> None:
    plan(timing, 6 * 3600 - 1).check()
    with pytest.raises(BadInput, match="--jitter"):
        plan(timing, 6 * 3600).check()


def test_spans_of_any_length_never_skip_and_never_repeat_a_time() -> None:
    lots = random.Random(7)
    for _ in range(200):
        seconds = lots.randrange(300, 10**6)
        timing, step = every(f"{seconds}s"), timedelta(seconds=seconds)
        time = SINCE + lots.randrange(3000) * step
        assert timing.after(time, SINCE) == time + step
        assert timing.after(time - timedelta(milliseconds=1), SINCE) == time
