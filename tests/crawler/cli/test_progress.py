"""A person at a terminal sees how far a crawl has come; a pipe hears nothing."""

import os
import pty
import subprocess
from collections.abc import Callable
from pathlib import Path

from tests.crawler.crawls import CHECKOUT, NPSWATCH, crawl_arguments
from tests.sites import Site
from tests.small_market import small_market


def shown_at_a_terminal(command: list[str]) -> str:
    """What a command writes to stderr where that is a terminal."""
    master, terminal = pty.openpty()
    environment = os.environ | {"TERM": "xterm", "COLUMNS": "100"}
    process = subprocess.Popen(command, cwd=CHECKOUT, stdout=subprocess.DEVNULL, stderr=terminal, env=environment)
    os.close(terminal)
    shown = b""
    try:
        while part := os.read(master, 4096):
            shown += part
    except OSError:  # its other side is closed: the command has ended
        process.wait()
    os.close(master)
    return shown.decode(errors="replace")


def test_a_crawl_shows_a_bar_at_a_terminal_and_nothing_in_a_pipe(
    home: Path, tor: dict[str, str], publish: Callable[[int], str], site: Site
) -> None:
    site.pages = small_market(3)
    command = [*NPSWATCH, "--home", str(home), *crawl_arguments(tor, publish(site.port), "--fresh")]
    shown = shown_at_a_terminal(command)
    pages = len(small_market(3))
    assert "crawling small" in shown
    assert f"{pages}/{pages}" in shown
    piped = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    assert (piped.returncode, piped.stderr) == (0, "")
