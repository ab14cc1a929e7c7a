"""Deterministic ids: the same source fields give the same id, so that indexing twice changes nothing."""

from __future__ import annotations

import hashlib

_SEPARATOR = "\x1f"


def stable_id(*parts: str) -> str:
    """Thirty-two hex digits that depend on the parts alone."""
    return hashlib.sha256(_SEPARATOR.join(parts).encode()).hexdigest()[:32]
