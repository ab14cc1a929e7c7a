"""All measured figures, one after the other."""

from __future__ import annotations

import subprocess
import sys

MEASURES = ("bench.crawl", "bench.page")


def main() -> None:
    """Runs each measure in a process of its own, so that none warms the next."""
    for name in MEASURES:
        subprocess.run([sys.executable, "-m", name], check=True)


if __name__ == "__main__":
    main()
