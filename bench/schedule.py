"""Three simulated days of the schedule with outages: `python -m bench.schedule`.

Runs the test that holds each verdict (real scheduler, real crawls of two onion sites, a clock that jumps) and prints
what stands in the history.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

_TEST = "tests/crawler/schedule/test_fast_forward.py"


def main() -> None:
    """Prints each line of the history and how long the three days took; ends with the test's exit code."""
    started = time.monotonic()
    command = [sys.executable, "-m", "pytest", "--capture=no", "--quiet", "--numprocesses=0", _TEST]
    done = subprocess.run(command, cwd=Path(__file__).parents[1], stdout=subprocess.PIPE, text=True, check=False)
    lines = [line for line in done.stdout.splitlines() if line.startswith(("alpha ", "beta "))]
    print("schedule: market, planned, verdict, planned times, reasons")
    for line in lines:
        print(f"  {line}")
    right = "each as it should be" if done.returncode == 0 else done.stdout[-3000:]
    print(f"schedule: 3 days, {len(lines)} lines, {right}, in {time.monotonic() - started:.0f} s with Tor's start")
    sys.exit(done.returncode)


if __name__ == "__main__":
    main()
