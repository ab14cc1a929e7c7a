"""Signals of a run that rooms give each other through Scrapy."""

from __future__ import annotations

capture_unread = object()
"""Sent with ``capture`` and ``why``: a kept response that will never be read as a page (a redirect, a busy server)."""

out_of_space = object()
"""Sent with ``error``: what must be kept cannot be written; the run ends in order and goes on when there is space."""
