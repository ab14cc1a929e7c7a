"""When a page is due again."""

from __future__ import annotations

from crawler.frontier.memory import PageMemory

# Seconds until a page of the kind is due again while nothing is known of how often it changes.
FIRST_INTERVAL = {"listing": 24 * 3600.0, "entry": 0.0, "category": 6 * 3600.0, "vendor": 72 * 3600.0}


def due_again(kind: str, memory: PageMemory, now: float) -> float:
    """The time at which a page just closed is due again."""
    return now + FIRST_INTERVAL[kind]
