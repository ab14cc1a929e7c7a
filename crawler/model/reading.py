"""What can be read: a response body with its address, before anything looks inside."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Received:
    """A body as the reader gets it, content encoding (gzip) already undone, charset not yet.

    ``url`` is the page's address or None for a saved file; ``content_type`` the header as sent; ``status`` the HTTP
    status, 200 for a saved file.
    """

    body: bytes
    url: str | None = None
    content_type: str | None = None
    status: int = 200
