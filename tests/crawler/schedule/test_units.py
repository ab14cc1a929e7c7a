"""The units that keep the schedule alive: systemd reads them, and the command of each runs as it stands there."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from crawler.home import HOME_VARIABLE, STORE_VARIABLE, Home
from tests.crawler.crawls import CHECKOUT, found
from tests.sites import Site
from tests.small_market import listing_paths, small_market

UNITS = CHECKOUT / "deploy" / "systemd"
DOCS = CHECKOUT / "docs" / "schedule.md"
INSTALLED = "/opt/npswatch"
TOR_OF_DEBIAN = "127.0.0.1:9050"
SERVICES = ("npswatch-schedule.service", "npswatch-crawl@.service")
# What of a service is its own; all else is the fence, the same around each.
OWN = {"ExecStart", "Restart", "RestartSec", "KillMode"}


def settings(name: str) -> list[tuple[str, str]]:
    """The settings of a unit in their order."""
    lines = (UNITS / name).read_text(encoding="utf-8").splitlines()
    pairs = [line.partition("=") for line in lines if "=" in line and not line.startswith("#")]
    return [(key, value) for key, _, value in pairs]


def commands(name: str) -> list[str]:
    """The commands a unit starts."""
    return [value for key, value in settings(name) if key == "ExecStart" and value]


def here(command: str, socks: str = TOR_OF_DEBIAN, market: str = "small") -> list[str]:
    """A unit's command with the paths and ports of this machine."""
    installed = {f"{INSTALLED}/.venv/bin/npswatch": f"{sys.executable} -m crawler.cli.app"}
    for before, after in (installed | {TOR_OF_DEBIAN: socks, "%i": market}).items():
        command = command.replace(before, after)
    return shlex.split(command)


def environment(name: str, home: Path) -> dict[str, str]:
    """What a unit's process finds in its environment."""
    named = dict(value.split("=", 1) for key, value in settings(name) if key == "Environment")
    return dict(os.environ) | {key: value.replace("/var/lib/npswatch", str(home)) for key, value in named.items()}


def machine(root: Path) -> None:
    """A machine's folders with our units and the program they start, as systemd looks at them."""
    program = root / INSTALLED.lstrip("/") / ".venv" / "bin" / "npswatch"
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    installed = root / "etc" / "systemd" / "system"
    installed.mkdir(parents=True)
    for unit in UNITS.glob("npswatch-*"):
        shutil.copy(unit, installed)
    (installed / "npswatch-schedule.service.d").mkdir()
    shutil.copy(UNITS / "own-tor.conf", installed / "npswatch-schedule.service.d")
    for target in ("basic", "sysinit", "shutdown", "network-online", "timers"):
        (installed / f"{target}.target").write_text("[Unit]\nDefaultDependencies=no\n")
    (installed / "tor.service").write_text("[Service]\nExecStart=/bin/true\n")
    (root / "bin").mkdir()
    shutil.copy("/bin/true", root / "bin")


def test_systemd_reads_every_unit_without_a_complaint(tmp_path: Path) -> None:
    machine(tmp_path)
    names = ["npswatch-schedule.service", "npswatch-crawl@harbour.service", "npswatch-crawl@harbour.timer"]
    command = ["systemd-analyze", f"--root={tmp_path}", "--man=no", "verify"]
    done = subprocess.run([*command, *names], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")
    service = tmp_path / "etc" / "systemd" / "system" / names[0]
    service.write_text(service.read_text().replace("KillMode=mixed", "KillMode=gentle"))
    assert "kill mode" in subprocess.run([*command, names[0]], capture_output=True, text=True, check=False).stderr


@pytest.mark.parametrize("name", [*SERVICES, "own-tor.conf"])
def test_every_option_of_a_units_command_is_one_of_the_command_line(name: str) -> None:
    (command,) = commands(name)
    done = subprocess.run([*here(command), "--help"], capture_output=True, text=True, cwd=CHECKOUT, check=False)
    assert (done.returncode, "Usage:" in done.stdout) == (0, True), done.stderr
    wrong = subprocess.run([*here(command), "--such", "--help"], capture_output=True, cwd=CHECKOUT, check=False)
    assert wrong.returncode == 2


@pytest.mark.parametrize("name", SERVICES)
def test_what_a_unit_names_is_there(name: str) -> None:
    named = dict(settings(name))
    assert (CHECKOUT / named["Documentation"].removeprefix(f"file://{INSTALLED}/")).is_file()
    assert named["Environment"].partition("=")[0] == HOME_VARIABLE
    assert f"# {STORE_VARIABLE}=" in (UNITS / name).read_text(encoding="utf-8")
    assert named["Environment"].endswith("/" + named["StateDirectory"])


def test_the_fence_around_both_services_is_the_same_and_closed() -> None:
    fences = [
        [pair for pair in settings(name) if pair[0] not in OWN | {"Description", "WantedBy"}] for name in SERVICES
    ]
    assert fences[0] == fences[1]
    for pair in (("IPAddressDeny", "any"), ("IPAddressAllow", "localhost"), ("ProtectSystem", "strict")):
        assert pair in fences[0]


def test_the_scheduler_runs_as_its_unit_says_and_ends_when_systemd_asks(home: Path) -> None:
    name = "npswatch-schedule.service"
    (command,) = commands(name)
    process = subprocess.Popen(
        here(command), cwd=CHECKOUT, env=environment(name, home), stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    assert f"keeping 0 plans of {home}" in process.stderr.readline()
    process.terminate()
    assert "ended" in process.communicate(timeout=60)[1]
    assert process.returncode == 0
    longest = int(dict(settings(name))["TimeoutStopSec"])
    assert longest > 60, "the scheduler gives its crawls 45 seconds"


def test_the_crawl_of_a_timer_runs_as_its_unit_says_without_a_control_port(
    home: Path, tor: dict[str, str], publish: Callable[[int], str], site: Site
) -> None:
    site.pages = small_market(2)
    Home.at(home).remember_addresses("small", (publish(site.port),))
    name = "npswatch-crawl@.service"
    (command,) = commands(name)
    done = subprocess.run(
        here(command, tor["socks"]), cwd=CHECKOUT, env=environment(name, home), capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["verdict"] == "good"
    assert {each["listing_id"] for each in found(home)} == listing_paths(2)


def test_the_commands_of_the_docs_run_one_after_the_other(home: Path) -> None:
    Home.at(home).remember_addresses("harbour", ("http://example.onion/",))
    block = DOCS.read_text(encoding="utf-8").split("```console\n")[1].split("```")[0]
    run = "npswatch schedule run\n"
    assert block.count("npswatch schedule ") == 6
    script = block.replace(run, f"timeout --preserve-status 4 {run}")
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    # A crawl that should come due in these seconds finds a Tor that is not there.
    more = {"PATH": path, HOME_VARIABLE: str(home), "NPSWATCH_TOR_SOCKS": "127.0.0.1:9"}
    done = subprocess.run(
        ["bash", "-eu", "-c", script], env=os.environ | more, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "harbour is no longer planned" in done.stdout


def test_every_file_the_docs_install_is_there() -> None:
    text = DOCS.read_text(encoding="utf-8")
    for path in re.findall(rf"{INSTALLED}/(\S+\.\w+)", text):
        assert (CHECKOUT / path).is_file(), path
    for unit in UNITS.iterdir():
        assert f"`{unit.name}`" in text or f"/{unit.name}" in text, unit.name
