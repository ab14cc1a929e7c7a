"""docs/desk.md: each command of the page works, in its order."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from crawler.desk.desk import Desk
from crawler.home import Home
from crawler.model.desk import SessionState, TaskKind
from tests.crawler.crawls import CHECKOUT, npswatch
from tests.crawler.desk.gated import put_task

PAGE = (CHECKOUT / "docs" / "desk.md").read_text(encoding="utf-8")
HOST = "harbourmarket.onion"


def test_every_command_of_the_page_works(home: Path, tmp_path: Path) -> None:
    Home.at(home).remember_addresses("harbour", (f"http://{HOST}/",))
    put_task(home, "harbour", TaskKind.LOGIN, shows="Please log in")
    (tmp_path / "cookies.txt").write_text(f"{HOST}\tFALSE\t/\tFALSE\t0\tsid\tabc\n")
    (block,) = re.findall(r"```console\n(.*?)```", PAGE, re.DOTALL)
    commands = block.replace("cookies.txt", str(tmp_path / "cookies.txt")).splitlines()
    for command in commands:
        done = npswatch(home, *shlex.split(command)[1:])
        assert done.returncode == 0, f"{command}: {done.stderr}"
        assert done.stdout, command
    assert len(commands) == 7
    with Desk(home) as desk:
        assert desk.sessions()[0].state is SessionState.FORGOTTEN


def test_every_state_and_setting_stands_on_the_page() -> None:
    from crawler.desk.key import CREDENTIAL, PASSPHRASE_VARIABLE

    settings = (CHECKOUT / "config" / "settings.py").read_text(encoding="utf-8")
    names = [PASSPHRASE_VARIABLE, CREDENTIAL, *re.findall(r"NPSWATCH_DESK\w+", settings)]
    assert [name for name in names if name not in PAGE] == []
    assert [state.value for state in SessionState if f"*{state.value}*" not in PAGE] == []
    assert [kind.value for kind in TaskKind if kind.value not in PAGE.lower() and kind is not TaskKind.BLOCKED] == []
