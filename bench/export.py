"""Export of a case with 50 listings of the demo, in English and Russian: `python -m bench.export`."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.demo_home import make_demo

_LISTINGS = 50


def main() -> None:
    """Gathers a case, exports it, verifies it, and prints the seconds of each; the case stays in the home."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, help="a home that holds the demo; made anew without")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = chosen.home or Path(folder) / "home"
        if chosen.home is None:
            make_demo(home)
        number = f"bench-{time.time_ns()}"
        _run(home, "case", "new", number, "--title", "Bench", "--officer", "Bench")
        added = _timed(home, "case", "add", number, "--query", "*", "--limit", str(_LISTINGS), "--officer", "Bench")
        assert added[1]["added"] >= _LISTINGS, added
        print(f"case: {_LISTINGS} listings gathered in {added[0]:.1f} s")
        for language in ("en", "ru"):
            target = Path(folder) / language
            seconds, made = _timed(
                home, "case", "export", number, str(target), "--language", language, "--officer", "Bench"
            )
            checked, _ = _timed(home, "verify", str(target))
            size = sum(path.stat().st_size for path in target.rglob("*") if path.is_file())
            print(
                f"case: {made['listings']} listings with {made['captures']} captures exported ({language}) in "
                f"{seconds:.1f} s, {size / 1e6:.1f} MB; verified in {checked:.1f} s"
            )


def _timed(home: Path, *words: str) -> tuple[float, dict[str, Any]]:
    """The seconds of a whole command, its start included, and what it said."""
    started = time.monotonic()
    said = _run(home, *words)
    return time.monotonic() - started, said


def _run(home: Path, *words: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "crawler.cli.app", "--home", str(home), *words, "--json"]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    said: dict[str, Any] = json.loads(done.stdout)
    return said


if __name__ == "__main__":
    main()
