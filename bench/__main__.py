"""All measured figures that need no data of others, one after the other; docs/figures.md says what they came to."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.demo_home import make_demo

MEASURES = ("bench.crawl", "bench.page", "bench.export", "bench.schedule")
ON_THE_DEMO = frozenset({"bench.page", "bench.export"})


def main() -> None:
    """Runs each measure in a process of its own, so that none warms the next; some share a home with the demo."""
    print(f"{os.cpu_count()} cores; processes that waited for them before: {os.getloadavg()[0]:.1f}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        make_demo(home)
        for name in MEASURES:
            more = ["--home", str(home)] if name in ON_THE_DEMO else []
            subprocess.run([sys.executable, "-m", name, *more], check=True)


if __name__ == "__main__":
    main()
