"""A crawl that is killed at random moments, again and again, and what the market saw of it."""

from __future__ import annotations

import random
import signal
import subprocess
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from tests.crawler.crawls import CHECKOUT, NPSWATCH, crawl_arguments
from tests.sites import Site

IN_FLIGHT = 16


@dataclass(frozen=True, kw_only=True, slots=True)
class Deaths:
    """How often the crawl was killed, and how often each page was asked for over all."""

    kills: int
    asked: Counter[str]

    def repeated(self) -> int:
        """Requests beyond one a page."""
        return self.asked.total() - len(self.asked)


def kill_often(home: Path, tor: dict[str, str], url: str, site: Site, kills: int, seed: int) -> Deaths:
    """Starts the crawl and kills it so often: at any moment of its start, or after so many more answers by chance."""
    chance, done = random.Random(seed), 0
    command = [*NPSWATCH, "--home", str(home), *crawl_arguments(tor, url)]
    while done < kills:
        process = subprocess.Popen(command, cwd=CHECKOUT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _wait(process, site, chance)
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
            done += 1
        process.wait()
    return Deaths(kills=done, asked=Counter(site.paths_asked()))


def _wait(process: subprocess.Popen[bytes], site: Site, chance: random.Random) -> None:
    before, more, limit = len(site.asked), chance.randrange(12), time.monotonic() + 60
    while len(site.asked) < before + more and process.poll() is None and time.monotonic() < limit:
        time.sleep(0.002)
    time.sleep(chance.random() * 0.2)
