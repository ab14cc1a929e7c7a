"""Deterministic ids: the same source fields give the same id, so that indexing twice changes nothing."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

_SEPARATOR = "\x1f"
_RUN = "%Y%m%dT%H%M%S%fZ"


def stable_id(*parts: str) -> str:
    """Thirty-two hex digits that depend on the parts alone."""
    return hashlib.sha256(_SEPARATOR.join(parts).encode()).hexdigest()[:32]


def run_name(started: datetime) -> str:
    """The name of a run: when it started, to the microsecond."""
    return started.strftime(_RUN)


def run_began(name: str) -> datetime | None:
    """When the run of that name started; None for a name of somebody's own."""
    try:
        return datetime.strptime(name, _RUN).replace(tzinfo=UTC)
    except ValueError:
        return None
