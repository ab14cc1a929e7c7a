from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from index.local_server import installed_server, local_elasticsearch

_ROOT = Path(__file__).parents[2]
_STARTER = """
import time
from index.local_server import local_elasticsearch
with local_elasticsearch() as address:
    print(address, flush=True)
    time.sleep(600)
"""
_END_SECONDS = 40


def _processes_of(port: str) -> list[str]:
    found = []
    for entry in Path("/proc").glob("[0-9]*/environ"):
        try:
            if f"NPSWATCH_SERVER_PORT={port}".encode() in entry.read_bytes():
                found.append(entry.parent.name)
        except OSError:
            continue
    return found


def _answers(address: str) -> bool:
    try:
        urllib.request.urlopen(f"{address}/_cluster/health", timeout=5).close()
    except (urllib.error.URLError, OSError):
        return False
    return True


def test_a_server_whose_starter_is_killed_ends_with_all_it_started() -> None:
    starter = subprocess.Popen([sys.executable, "-c", _STARTER], stdout=subprocess.PIPE, text=True, cwd=_ROOT)
    assert starter.stdout
    address = starter.stdout.readline().strip()
    port = address.rpartition(":")[2]
    assert _answers(address)
    assert _processes_of(port)
    starter.send_signal(signal.SIGKILL)
    starter.wait()
    starter.stdout.close()
    end = time.monotonic() + _END_SECONDS
    while _processes_of(port) and time.monotonic() < end:
        time.sleep(0.2)
    assert _processes_of(port) == []
    assert not _answers(address)
    left = f"npswatch-es-{starter.pid}-*"
    assert list(Path("/var/tmp").glob(left))
    with local_elasticsearch():
        assert not list(Path("/var/tmp").glob(left))


def test_a_server_ends_after_a_fault_and_keeps_its_data_where_it_was_told(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    for parent in tmp_path.parents[:3]:
        if parent.stat().st_uid == os.getuid() and parent != Path(parent.anchor):
            parent.chmod(parent.stat().st_mode | 0o055)
    address = ""

    def fail() -> None:
        nonlocal address
        with local_elasticsearch(tmp_path / "server") as address:
            raise RuntimeError("the demo failed")

    with pytest.raises(RuntimeError, match="the demo failed"):
        fail()
    assert not _answers(address)
    assert _processes_of(address.rpartition(":")[2]) == []
    assert any((tmp_path / "server" / "data").iterdir())


def test_the_server_is_fetched_once_and_read_by_its_user() -> None:
    home = installed_server()
    assert home == installed_server()
    assert "jdk.incubator.vector" not in (home / "config" / "jvm.options").read_text()
    assert all(step.stat().st_mode & 0o001 for step in (home, *home.parents)) or os.geteuid() != 0
