"""Nothing but Tor is spoken to: proved where there is loopback alone and each packet that finds no way counts."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.crawler.crawls import CHECKOUT


def test_a_crawl_in_a_namespace_with_loopback_alone_reads_all_and_not_one_packet_tries_to_leave(home: Path) -> None:
    command = ["unshare", "--map-root-user", "--net", sys.executable, "-m", "tests.crawler.in_a_namespace", str(home)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=CHECKOUT, check=False)
    assert done.stdout, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["proved"] == 2, "the counter counts"
    assert found["refused"] == 0
    assert (found["run"]["verdict"], found["run"]["refused"], found["listings"]) == ("good", 0, 20)
    assert "refused by the guard" not in (home / "logs" / "crawl.log").read_text()
