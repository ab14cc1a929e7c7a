"""A run in a line for a person."""

from __future__ import annotations

from typing import Any


def run_line(run: dict[str, Any]) -> str:
    """What a crawl that ended reached and missed."""
    pages = run["page_types"]
    line = (
        f"{run['market']}: {run['verdict']} - {run['read']} pages read of {run['planned']} planned, "
        f"{pages['listing']} listings ({_turns(run)}), {pages['vendor']} vendors, {run['failed']} failed"
    )
    traps = [f"trap met: {each['trap']} ({each['count']})" for each in run.get("traps", ())]
    notes = [coverage_words(run), *run["reasons"], *traps, run.get("why_left")]
    return line + "".join(f"; {note}" for note in notes if note)


def run_hit(run: dict[str, Any]) -> str:
    """A run as a search finds it."""
    verdict = ": ".join(part for part in (run.get("verdict", ""), "; ".join(run.get("reasons", ()))) if part)
    parts = [run["id"][:12], run.get("market", ""), run.get("started", ""), verdict, coverage_words(run)]
    return " | ".join(part for part in parts if part)


def coverage_words(run: dict[str, Any]) -> str:
    """How much of the market the run saw; empty when it saw no list."""
    said = run.get("coverage", {})
    if "estimate" in said:
        interval = f"95 %: {said['low']} to {said['high']}"
        return f"saw {said['seen']} of about {said['estimate']:.0f} visible listings ({interval})"
    if printed := said.get("printed"):
        return f"saw {printed['seen']} of {printed['counted']} listings the market counts"
    return f"saw {said['seen']} listings, of how many is unknown" if said.get("seen") else ""


def _turns(run: dict[str, Any]) -> str:
    """The listings by what became of them; the last three only where there are some."""
    turns = [f"{run['new']} new, {run['changed']} changed"]
    turns += [f"{run[state]} {state}" for state in ("gone", "back", "hidden") if run.get(state)]
    return ", ".join(turns)
