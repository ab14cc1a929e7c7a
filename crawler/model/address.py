"""Page addresses as keys: the same page has the same key on every mirror of a market."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import parse_qsl, quote, urlencode, urlsplit


def page_key(url: str) -> str:
    """Path and sorted query of an address, without host and fragment; what tells one page of a market from another."""
    parts = urlsplit(url)
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~")
    query = urlencode(sorted(parse_qsl(parts.query, keep_blank_values=True)))
    return f"{path}?{query}" if query else path


def on_living_host(url: str, addresses: Sequence[str]) -> str:
    """The same page on an address the market has today; unchanged when its host is one of them or none is known."""
    parts = urlsplit(url)
    living = [urlsplit(address) for address in addresses]
    if not living or parts.netloc in {each.netloc for each in living}:
        return url
    return parts._replace(scheme=living[0].scheme, netloc=living[0].netloc).geturl()
