"""Tasks on the desk, over a real file, through the real command line."""

import json
import stat
from pathlib import Path

import pytest

from crawler.desk.desk import Desk
from crawler.model.desk import TaskKind, TaskState
from crawler.model.errors import BadInput
from tests.crawler.crawls import npswatch
from tests.crawler.desk.gated import put_task


def test_a_gate_met_again_is_the_same_task_seen_once_more(home: Path) -> None:
    first = put_task(home, "harbour", TaskKind.LOGIN, shows="Please log in", url="http://x.onion/", capture="c1")
    assert put_task(home, "harbour", TaskKind.LOGIN, shows="Other words") == first
    assert put_task(home, "harbour", TaskKind.BLOCKED, shows="Blocked") != first
    assert put_task(home, "quartz", TaskKind.LOGIN, shows="Please log in") != first
    with Desk(home) as desk:
        task = desk.task(first)
    assert (task.times, task.shows, task.url, task.capture) == (2, "Please log in", "http://x.onion/", "c1")
    assert task.since <= task.last_seen


def test_a_closed_task_stays_closed_and_the_next_gate_is_a_new_one(home: Path) -> None:
    first = put_task(home, "harbour", TaskKind.CAPTCHA, shows="Are you human?")
    with Desk(home) as desk:
        assert desk.close_task(first, "A. Karimov").state is TaskState.CLOSED
        with pytest.raises(BadInput, match="closed already"):
            desk.close_task(first, "A. Karimov")
        assert [act.officer for act in desk.task(first).history] == ["", "A. Karimov"]
        assert desk.task(first).state is TaskState.CLOSED
    assert put_task(home, "harbour", TaskKind.CAPTCHA, shows="Are you human?") != first


def test_what_an_officer_closed_last_is_gone_on_without(home: Path) -> None:
    with Desk(home) as desk:
        first = desk.put("harbour", TaskKind.LOGIN, shows="Please log in")
        desk.note(first, "the session of account A-17 works", TaskState.CLOSED)
        assert desk.dismissed("harbour") == frozenset()
        second = desk.put("harbour", TaskKind.LOGIN, shows="Please log in")
        desk.close_task(second, "A. Karimov")
        assert desk.dismissed("harbour") == {TaskKind.LOGIN}
        assert desk.dismissed("quartz") == frozenset()
        desk.put("harbour", TaskKind.LOGIN, shows="Please log in")
        assert desk.dismissed("harbour") == frozenset()


def test_what_a_gate_shows_is_bounded_and_the_file_is_its_owners(home: Path) -> None:
    id_ = put_task(home, "harbour", TaskKind.LOGIN, shows="x" * 1_000_000, url="http://" + "y" * 100_000)
    with Desk(home) as desk:
        assert len(desk.task(id_).shows) == 4_000
        assert len(desk.task(id_).url) == 2_000
    assert stat.S_IMODE((home / "desk").stat().st_mode) == 0o700
    assert stat.S_IMODE((home / "desk" / "desk.db").stat().st_mode) == 0o600


def test_the_command_line_lists_shows_and_closes(home: Path) -> None:
    assert npswatch(home, "desk").stdout == "nothing waits at the desk\n"
    put_task(home, "harbour", TaskKind.SEIZED, shows="This site has been\x1b[31m seized\nby somebody")
    assert "1 | harbour | seized | open" in npswatch(home, "desk").stdout
    shown = npswatch(home, "desk", "show", "1").stdout
    assert "  | by somebody" in shown
    assert "\x1b" not in shown
    assert json.loads(npswatch(home, "desk", "show", "1", "--json").stdout)["kind"] == "seized"
    done = npswatch(home, "desk", "close", "1", "--officer", "A. Karimov")
    assert (done.returncode, done.stdout) == (0, "task 1 is closed\n")
    assert json.loads(npswatch(home, "desk", "--json").stdout) == []
    assert len(json.loads(npswatch(home, "desk", "--all", "--json").stdout)) == 1
    assert npswatch(home, "desk", "show", "7").returncode == 2
    assert npswatch(home, "desk", "close", "1").returncode == 2
