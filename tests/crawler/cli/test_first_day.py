"""The operator's first day: every command of the page, in its order, in one shell."""

import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from tests.crawler.crawls import CHECKOUT
from tests.sites import Site
from tests.small_market import small_market

PAGE = CHECKOUT / "docs" / "first-day.md"


def commands() -> list[str]:
    """The commands of the page."""
    blocks = re.findall(r"```console\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    return [line for block in blocks for line in block.splitlines()]


def test_every_command_of_the_first_day_works(
    tmp_path: Path,
    tor: dict[str, str],
    publish: Callable[[int], str],
    site: Site,
    elasticsearch_address: str,
) -> None:
    site.pages = small_market(16)
    replaced = {
        "http://MARKET.onion/": publish(site.port),
        "http://127.0.0.1:9200": elasticsearch_address,
        "$PWD/.cache/first-day": str(tmp_path / "home"),
    }
    script = ["set -e"]
    for command in commands():
        words = command
        for before, after in replaced.items():
            words = words.replace(before, after)
        script += [f"echo '--- {len(script)}'", words]
    environment = dict(os.environ) | {"NPSWATCH_TOR_SOCKS": tor["socks"], "NPSWATCH_TOR_CONTROL": tor["control"]}
    done = subprocess.run(
        ["bash", "-c", "\n".join(script)], capture_output=True, text=True, cwd=CHECKOUT, env=environment, check=False
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert len(commands()) >= 20
    assert "firstlight: good" in done.stdout
    assert (tmp_path / "home" / "case-2026-0017" / "bagit.txt").exists()
    shutil.rmtree(tmp_path / "home")
