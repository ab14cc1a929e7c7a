"""The page's own files: scripts a browser may keep, styles that stand in every page so that none waits for them."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from pathlib import Path

from markupsafe import Markup

STATIC = Path(__file__).parent / "static"
INLINE_STYLES = ("page.css", "vendored/uPlot.min.css")
"""The style sheets a page may hold; the policy in its header allows these and no others."""


@cache
def static_address(name: str) -> str:
    """The address of a static file, with a digest of what is in it."""
    return f"/static/{name}?{hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]}"


@cache
def inline_style(name: str) -> Markup:
    """A style sheet of INLINE_STYLES as an element of the page's head: the first paint waits for no second request."""
    return Markup(f"<style>{_text(name)}</style>")  # noqa: S704  # a file of ours, none of a market's words


@cache
def style_sources() -> str:
    """The inline style sheets as sources of a content security policy."""
    return " ".join(f"'sha256-{_digest(name)}'" for name in INLINE_STYLES)


def _digest(name: str) -> str:
    return base64.b64encode(hashlib.sha256(_text(name).encode()).digest()).decode()


def _text(name: str) -> str:
    return (STATIC / name).read_text(encoding="utf-8")
