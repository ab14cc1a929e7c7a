"""Page addresses as keys: the same page has the same key on every mirror of a market and in every session."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from functools import cache, lru_cache
from pathlib import Path
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

_PATH_SESSION = re.compile(r";(?:jsessionid|sid|phpsessid)=[^/;?]*|/\([A-Za-z]\([A-Za-z0-9_-]{20,}\)\)(?=/|$)", re.I)
_LONG_ENOUGH = 16
_LONGEST_KEPT = 512
_TOKEN = re.compile(r"[A-Za-z0-9_.~-]+")


def page_key(url: str) -> str:
    """Path and sorted query of an address, without host, fragment and session id; what tells pages apart."""
    return _kept_key(url) if len(url) <= _LONGEST_KEPT else _key(url)


def _key(url: str) -> str:
    parts = urlsplit(url)
    path = quote(_PATH_SESSION.sub("", parts.path) or "/", safe="/%:@!$&'()*+,;=~")
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    query = urlencode(sorted(pair for pair in pairs if not _is_session(*pair)))
    return f"{path}?{query}" if query else path


_kept_key = lru_cache(maxsize=8192)(_key)  # a page links to the same ones as the pages before it


def session_of(url: str) -> str | None:
    """The session's id an address carries; None when it carries none."""
    parts = urlsplit(url)
    in_query = [value for name, value in parse_qsl(parts.query) if _is_session(name, value)]
    in_path = _PATH_SESSION.search(parts.path)
    return in_query[0] if in_query else in_path.group() if in_path else None


def on_living_host(url: str, addresses: Sequence[str]) -> str:
    """The same page on an address the market has today; unchanged when its host is one of them or none is known."""
    parts = urlsplit(url)
    living = [urlsplit(address) for address in addresses]
    if not living or parts.netloc in {each.netloc for each in living}:
        return url
    return parts._replace(scheme=living[0].scheme, netloc=living[0].netloc).geturl()


def on_same_host(url: str, page: str, addresses: Sequence[str]) -> str | None:
    """A link at the host of the page that names it; None when it leads to none of the market's own addresses."""
    parts, here = urlsplit(url), urlsplit(page)
    if parts.netloc == here.netloc:
        return url
    if parts.netloc in {urlsplit(address).netloc for address in addresses}:
        return parts._replace(scheme=here.scheme, netloc=here.netloc).geturl()
    return None


def _is_session(name: str, value: str) -> bool:
    """By its name and by its looks: `sid=12` may well be a shop's number."""
    if name.lower() not in _session_names() or len(value) < _LONG_ENOUGH or not _TOKEN.fullmatch(value):
        return False
    return any(char.isdigit() for char in value) and any(char.isalpha() for char in value)


@cache
def _session_names() -> frozenset[str]:
    with Path(__file__).with_name("address.toml").open("rb") as file:
        return frozenset(tomllib.load(file)["session"])
