"""Runs of the real command in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

NPSWATCH = [sys.executable, "-m", "crawler.cli.app"]
CHECKOUT = Path(__file__).parent.parent.parent


def npswatch(home: Path, *arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
    """What a command printed and how it ended."""
    return subprocess.run(
        [*NPSWATCH, "--home", str(home), *arguments],
        capture_output=True,
        text=True,
        cwd=CHECKOUT,
        check=False,
        **options,
    )


def crawl_arguments(tor: dict[str, str], url: str, *more: str) -> list[str]:
    """The words of a crawl of one site through the shared network, as fast as it goes."""
    ports = ["--tor-socks", tor["socks"], "--tor-control", tor["control"]]
    return ["crawl", "small", "--start-url", url, "--pace", "none", "--json", *ports, *more]


def crawl(home: Path, tor: dict[str, str], url: str, *more: str) -> dict[str, Any]:
    """The run document of a crawl of one site."""
    done = npswatch(home, *crawl_arguments(tor, url, *more))
    assert done.stdout, done.stderr
    run: dict[str, Any] = json.loads(done.stdout)
    return run | {"exit_code": done.returncode}


def found(home: Path, query: str = "*", kind: str = "listing") -> list[dict[str, Any]]:
    """What a search finds in the home's index."""
    done = npswatch(home, "search", query, "--kind", kind, "--limit", "10000", "--json")
    assert done.returncode == 0, done.stderr
    hits: list[dict[str, Any]] = json.loads(done.stdout)["hits"]
    return hits
