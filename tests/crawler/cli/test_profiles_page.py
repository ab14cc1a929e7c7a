"""The page on profiles: every command of it, in its order, in one shell; every key and selector it may name."""

import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

from config.profiles import Profile
from config.selectors import FIELDS, WHOLE
from tests.crawler.crawls import CHECKOUT
from tests.sites import Site
from tests.small_market import small_market

PAGE = CHECKOUT / "docs" / "profiles.md"


def test_every_command_of_the_page_works(
    tmp_path: Path, tor: dict[str, str], publish: Callable[[int], str], site: Site
) -> None:
    site.pages = small_market(16)
    blocks = re.findall(r"```console\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    commands = [line for block in blocks for line in block.splitlines()]
    address = publish(site.port)
    script = ["set -e", *(command.replace("http://MARKET.onion/", address) for command in commands)]
    (tmp_path / "markets").mkdir()
    environment = dict(os.environ) | {
        "NPSWATCH_HOME": str(tmp_path / "home"),
        "NPSWATCH_MARKETS": str(tmp_path / "markets"),
        "NPSWATCH_TOR_SOCKS": tor["socks"],
        "NPSWATCH_TOR_CONTROL": tor["control"],
        "PATH": f"{CHECKOUT / '.venv' / 'bin'}:{os.environ['PATH']}",
    }
    done = subprocess.run(
        ["bash", "-c", "\n".join(script)], capture_output=True, text=True, cwd=CHECKOUT, env=environment, check=False
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert len(commands) == 8
    assert "firstlight: good - 1 case," in done.stdout
    assert list((tmp_path / "markets" / "firstlight" / "cases").glob("listing-*.html"))


def test_every_key_and_selector_of_a_profile_is_in_the_docs() -> None:
    pages = "".join(page.read_text(encoding="utf-8") for page in PAGE.parent.glob("*.md"))
    assert set(Profile.__dataclass_fields__) <= set(re.findall(r"[a-z_]+", pages))
    words = set(re.findall(r"[a-z_]+", PAGE.read_text(encoding="utf-8")))
    assert {name for names in FIELDS.values() for name in names} - {WHOLE} <= words
    assert set(FIELDS) <= words
