"""One real Tor network and one real Elasticsearch a test run, whichever worker asks first.

The first test that needs a service starts it as a process of its own; the others find it by a file. The service ends
when the test run's first process does.
"""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_START_SECONDS = 240.0
_CHECK_SECONDS = 0.5
RUN_FOLDER = "NPSWATCH_TEST_RUN"
OWNER = "NPSWATCH_TEST_OWNER"


def shared_service(name: str) -> dict[str, Any]:
    """What the service says of itself, once it runs."""
    folder = Path(os.environ[RUN_FOLDER])
    facts = folder / f"{name}.json"
    with (folder / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not facts.exists():
            _start(name, folder, facts)
    found: dict[str, Any] = json.loads(facts.read_text())
    return found


def _start(name: str, folder: Path, facts: Path) -> None:
    log = folder / f"{name}.log"
    with log.open("wb") as sink:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.services", name, str(facts)],
            stdout=sink, stderr=subprocess.STDOUT, start_new_session=True, cwd=Path(__file__).parent.parent,
        )  # fmt: skip
    limit = time.monotonic() + _START_SECONDS
    while not facts.exists():
        if process.poll() is not None or time.monotonic() > limit:
            raise RuntimeError(f"the shared {name} did not start: {log.read_text(errors='replace')[-3000:]}")
        time.sleep(_CHECK_SECONDS / 5)


@contextmanager
def _tor() -> Any:
    from crawler.tornet.network import private_network

    with private_network() as network:
        yield {
            "socks": str(network.client.socks),
            "control": str(network.client.control),
            "host_socks": str(network.host.socks),
            "host_control": str(network.host.control),
            "membership": "\n".join(network.membership),
        }


@contextmanager
def _elasticsearch() -> Any:
    from index.local_server import local_elasticsearch

    with local_elasticsearch() as address:
        yield {"address": address}


def _serve(name: str, facts: Path, owner: int) -> None:
    with {"tor": _tor, "elasticsearch": _elasticsearch}[name]() as found:
        draft = facts.with_suffix(".draft")
        draft.write_text(json.dumps(found))
        draft.rename(facts)
        while _lives(owner):
            time.sleep(_CHECK_SECONDS)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"


if __name__ == "__main__":
    _serve(sys.argv[1], Path(sys.argv[2]), int(os.environ[OWNER]))
