"""A home with the demo's markets, for figures on its data."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def make_demo(home: Path) -> None:
    """The demo's markets crawled into a home."""
    command = [sys.executable, "-m", "crawler.cli.app", "--home", str(home), "demo", "--no-serve"]
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
