"""The health of a market's Tor, as the run that uses it notes it beside the market's state."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

HEALTH_FILE = "tor.json"


def write_health(folder: Path, facts: Mapping[str, Any]) -> None:
    """Notes the facts in a folder, all or nothing. Raises OSError when it cannot."""
    draft = folder / f"{HEALTH_FILE}.draft"
    draft.write_text(json.dumps(facts), encoding="utf-8")
    draft.rename(folder / HEALTH_FILE)


def read_health(folder: Path) -> dict[str, Any] | None:
    """The facts last noted in a folder; None where there are none."""
    try:
        facts = json.loads((folder / HEALTH_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return facts if isinstance(facts, dict) else None


def is_well(facts: Mapping[str, Any]) -> bool:
    """False for a crawl that runs now and whose Tor does not work."""
    return bool(facts["works"] or not _runs(facts))


def health_words(facts: Mapping[str, Any]) -> str:
    """The facts as a sentence for a person."""
    who = f"a crawl runs (process {facts['process']})" if _runs(facts) else f"last run, until {facts['time']}"
    bootstrapped = facts.get("bootstrap")
    parts = [
        f"bootstrapped {bootstrapped} %" if bootstrapped is not None else "its bootstrap is unknown: no control port",
        *([] if facts["works"] else [f"down: {facts['words']}"]),
        f"{facts.get('outages', 0)} outages ({facts.get('outage_seconds', 0)} s)",
        _circuit_words(facts),
        f"{facts.get('renewals', 0)} times new ones asked for",
        f"{facts.get('seconds_a_page', 0)} s a page, {facts.get('bytes_a_second', 0) / 1000:.1f} kB/s",
        f"{facts.get('failures', 0)} failures",
    ]
    return f"{who}: {', '.join(parts)}"


def _circuit_words(facts: Mapping[str, Any]) -> str:
    if "circuits" not in facts:
        return "its circuits were not looked at: a run of a few seconds, or no control port"
    return f"{facts['circuits']} circuits, the oldest {facts.get('circuit_age', 0):.0f} s old"


def _runs(facts: Mapping[str, Any]) -> bool:
    return bool(facts["running"]) and Path(f"/proc/{facts['process']}").exists()
