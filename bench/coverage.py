"""How often the interval of a run's coverage holds the truth, on simulated markets whose truth is known.

Run: `python -m bench.coverage [RUNS]`; prints one JSON line a setting. The seeds differ from those of the tests.
"""

from __future__ import annotations

import json
import sys
from statistics import fmean

from bench.simulated_market import SimulatedMarket

_FIRST_SEED = 10_000
_SETTINGS = ((0.0, 0.0), (0.03, 0.0), (0.03, 0.05), (0.03, 0.1), (0.1, 0.0), (0.1, 0.1))


def measure(runs: int, turnover: float, failing: float) -> dict[str, float]:
    """The figures of so many runs, each the first over a market of its own."""
    rows = []
    for seed in range(_FIRST_SEED, _FIRST_SEED + runs):
        market = SimulatedMarket(seed=seed, items=450, turnover=turnover, failing=failing)
        market.pages_of_a_run = 330.0  # what a walk of such a market takes
        market.stir()
        said = market.run().figures["coverage"]
        rows.append((market.visible_in_run(), said))
    return {
        "turnover": turnover,
        "failing": failing,
        "runs": runs,
        "held": sum(said["low"] <= truth <= said["high"] for truth, said in rows),
        "visible": round(fmean(truth for truth, _ in rows), 1),
        "seen": round(fmean(said["seen"] for _, said in rows), 1),
        "estimate": round(fmean(said["estimate"] for _, said in rows), 1),
        "width": round(fmean(said["high"] - said["low"] for _, said in rows), 1),
    }


def main() -> None:
    """Prints the figures of each setting."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    for turnover, failing in _SETTINGS:
        print(json.dumps(measure(runs, turnover, failing)), flush=True)


if __name__ == "__main__":
    main()
