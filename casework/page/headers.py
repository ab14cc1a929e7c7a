"""What stands between any web page and this one: headers on every response, and who may ask at all."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from functools import cache
from types import MappingProxyType
from typing import Any

from casework.page.static_files import style_sources

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

LOOPBACK_NAMES = frozenset({"127.0.0.1", "localhost", "[::1]"})
_OURS = frozenset({"same-origin", "none"})
_READING = frozenset({"GET", "HEAD"})


@cache
def headers() -> Mapping[str, str]:
    """What every response says beside its own headers."""
    policy = (
        f"default-src 'none'; script-src 'self'; style-src 'self' {style_sources()}; img-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    return MappingProxyType(
        {
            "content-security-policy": policy,
            "x-content-type-options": "nosniff",
            "x-frame-options": "DENY",
            "referrer-policy": "same-origin",  # with no-referrer a browser sends its own forms with the origin "null"
            "cross-origin-opener-policy": "same-origin",
            "cross-origin-resource-policy": "same-origin",
            "permissions-policy": "camera=(), geolocation=(), microphone=()",
            "cache-control": "no-store",
        }
    )


class Doorkeeper:
    """Answers only requests that name a loopback host, which a page of another name resolving here cannot.

    A page of another origin may lead a person here, but not load anything from here into itself.
    """

    def __init__(self, app: Application) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the request on, or refuses it; every response gets the headers."""
        if scope["type"] != "http":
            return
        asked = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        refusal = _refusal(asked) or (None if scope["method"] in _READING else _refused_writing(asked))
        if refusal:
            await _refuse(with_headers(send), *refusal)
        else:
            await self._app(scope, receive, with_headers(send))


def with_headers(send: Send) -> Send:
    """A way to send that adds the headers to every response that lacks them."""

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            there = {name.lower() for name, _ in message["headers"]}
            added = [(name.encode(), value.encode()) for name, value in headers().items() if name.encode() not in there]
            message["headers"] = [*message["headers"], *added]
        await send(message)

    return sending


def _refusal(asked: dict[str, str]) -> tuple[int, str] | None:
    """Why a request is not answered, with the status that says so."""
    host = asked.get("host", "").lower()
    name = host.rpartition(":")[0] if not host.endswith("]") and ":" in host else host
    if name not in LOOPBACK_NAMES:
        return 421, "This page answers on 127.0.0.1 and localhost only."
    if asked.get("sec-fetch-site", "none") in _OURS:
        return None
    if asked.get("sec-fetch-mode") == "navigate" and asked.get("sec-fetch-dest") == "document":
        return None
    return 403, "This page is not for use by other pages."


def _refused_writing(asked: dict[str, str]) -> tuple[int, str] | None:
    """Why a form is not taken: a browser says where it comes from, and it must come from this very page."""
    site, origin = asked.get("sec-fetch-site"), asked.get("origin")
    if site is None and origin is None:
        return 403, "Nothing was written: your browser does not say which page the form came from."
    if site not in (None, "same-origin") or origin not in (None, f"http://{asked['host']}"):
        return 403, "Nothing was written: the form came from another page."
    return None


async def _refuse(send: Send, status: int, why: str) -> None:
    body = why.encode()
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
