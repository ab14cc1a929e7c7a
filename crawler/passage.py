"""Which addresses may be asked for at all: valid version 3 onion services, and what a profile names as clear-net."""

from __future__ import annotations

import hashlib
from urllib.parse import urlsplit

from config.profiles import Profile
from crawler.model.errors import AddressRefused
from crawler.model.onion import check_onion

VISITOR = "visitor"
"""The account of requests made without one."""


def check_address(url: str, profile: Profile | None = None) -> str:
    """The host of an address that may be asked for through Tor. Raises AddressRefused, which names the address."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise AddressRefused(f"refused {url!r}: not an address ({error})") from error
    if parts.scheme not in ("http", "https") or not host or port == 0:
        raise AddressRefused(f"refused {url!r}: only http and https addresses of a host are read")
    if parts.username is not None or parts.password is not None:
        raise AddressRefused(f"refused {url!r}: an address must not carry a name and password")
    if profile is not None and host.lower() in profile.clear_net:
        return host.lower()
    try:
        check_onion(host)
    except AddressRefused as error:
        raise AddressRefused(
            f"refused {url!r}: {error}; a clear-net shop must be named in its market profile (clear_net)"
        ) from error
    return host.lower()


def socks_user(market: str, account: str = VISITOR) -> str:
    """The SOCKS user name that keeps one market's and account's circuits apart from all others.

    A hash, so that Tor's own log never names a market.
    """
    return "m" + hashlib.sha256(f"{market}\x1f{account}".encode()).hexdigest()[:24]


def proxy_for(socks: str, market: str, account: str = VISITOR) -> str:
    """The proxy address of a market's identity on a SOCKS port ``HOST:PORT``."""
    return f"socks5://{socks_user(market, account)}:x@{socks}"


def onion_of(url: str) -> str:
    """What tells whose an address is: the onion service's 56 letters whatever the sub-domain, else the host."""
    host = (urlsplit(url).hostname or "").lower().rstrip(".")
    return host.split(".")[-2] if host.endswith(".onion") and host.count(".") else host


def identity_of(proxy: str) -> str:
    """The SOCKS user name in a proxy address; empty where there is none."""
    return urlsplit(proxy).username or ""
