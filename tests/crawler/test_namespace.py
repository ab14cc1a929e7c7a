"""Nothing but Tor is spoken to: proved where there is loopback alone and each connect that comes to nothing counts."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.crawler.crawls import CHECKOUT

UNSHARED = ["unshare", "--map-root-user", "--net", sys.executable, "-m", "tests.crawler.in_a_namespace"]


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("ns")
    done = subprocess.run([*UNSHARED, str(folder)], capture_output=True, text=True, cwd=CHECKOUT, check=False)
    assert done.stdout, done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found | {"log": (Path(folder) / "home" / "logs" / "crawl.log").read_text()}


@pytest.mark.parametrize("which", ["market", "shop"])
def test_with_loopback_alone_all_is_read_and_not_one_connect_is_refused(seen: dict[str, Any], which: str) -> None:
    assert seen[which]["proved"] == 3, "the counters count"
    assert seen[which]["refused"] == 0
    assert (seen[which]["run"]["verdict"], seen[which]["run"]["refused"]) == ("good", 0)
    assert "refused by the guard" not in seen["log"]
    assert seen["listings"].count(seen[which]["run"]["market"]) == 20


def test_a_clear_net_shop_is_read_through_an_exit_of_tor_and_its_robots_txt_kept_to(seen: dict[str, Any]) -> None:
    assert seen["asked"][0] == "/robots.txt"
    assert not [path for path in seen["asked"] if path.startswith("/vendor/")]
    assert seen["shop"]["run"]["forbidden"] == 2
