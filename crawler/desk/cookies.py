"""Cookies as an officer brings them: a browser's cookie file, an extension's export, or a Cookie header."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from crawler.model.errors import BadInput

LONGEST_TEXT = 200_000
_MOST_COOKIES = 200
_LONGEST_VALUE = 8_192
_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,256}")
_UNFIT = re.compile(r"[^\x20-\x7e]|;")
_NETSCAPE_FIELDS = 7
_HTTP_ONLY = "#HttpOnly_"
_WHAT_IS_READ = (
    "paste a Cookie header (name=value; name=value), a cookies.txt file, or the JSON that a browser's cookie extension "
    "exports"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Cookie:
    """A cookie for one host, and the hosts below it where ``below``; ``expires`` in seconds of the epoch."""

    name: str
    value: str = field(repr=False)
    host: str
    below: bool = False
    path: str = "/"
    expires: int | None = None

    def is_for(self, host: str) -> bool:
        """Whether a request to the host may carry it."""
        return host == self.host or (self.below and host.endswith(f".{self.host}"))


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadCookies:
    """The cookies for the market's own hosts, and how many for other hosts or past their time were left out."""

    cookies: tuple[Cookie, ...]
    left_out: int


def read_cookies(text: str, hosts: Iterable[str], now: float, *, everywhere: bool = False) -> ReadCookies:
    """The cookies of a text that are for one of the hosts. Raises BadInput where none is, or the text is none of these.

    A Cookie header names no host: its cookies are for each of the hosts; so are all that are for one of them, where
    they are good ``everywhere``. The text itself is in no error.
    """
    market = tuple(dict.fromkeys(host.lower() for host in hosts))
    if len(text) > LONGEST_TEXT:
        raise BadInput(f"these cookies are longer than {LONGEST_TEXT} characters: export those of the market alone")
    found = tuple(_all(text.lstrip("\ufeff").strip(), market))
    fit = tuple(cookie for cookie in found if _is_ours(cookie, market) and not _is_past(cookie, now))
    if not fit:
        what = f"{len(found)} cookies are for other hosts or past their time" if found else "no cookie is in it"
        raise BadInput(f"nothing to keep: {what}; the market's hosts are {', '.join(market)}")
    if len(fit) > _MOST_COOKIES:
        raise BadInput(f"these are {len(fit)} cookies: export those of the market alone")
    kept = tuple(replace(cookie, host=host, below=False) for cookie in fit for host in market) if everywhere else fit
    return ReadCookies(cookies=tuple(dict.fromkeys(kept)), left_out=len(found) - len(fit))


def _is_ours(cookie: Cookie, market: tuple[str, ...]) -> bool:
    return any(cookie.is_for(host) for host in market)


def _is_past(cookie: Cookie, now: float) -> bool:
    return cookie.expires is not None and cookie.expires <= now


def _all(text: str, market: tuple[str, ...]) -> Iterable[Cookie]:
    if text[:1] in ("[", "{"):
        return _of_json(text, market)
    lines = text.splitlines()
    if any(line.count("\t") == _NETSCAPE_FIELDS - 1 for line in lines):
        return _of_netscape(lines)
    return _of_header(lines, market)


def _of_header(lines: list[str], market: tuple[str, ...]) -> Iterable[Cookie]:
    named = [line.partition(":")[2] for line in lines if line.lower().startswith("cookie:")]
    texts = named or lines
    pairs = [pair.strip() for line in texts for pair in line.split(";") if pair.strip()]
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals:
            raise BadInput(f"this is no Cookie header; {_WHAT_IS_READ}")
        yield from (_cookie(name=name.strip(), value=value.strip(), host=host) for host in market)


def _of_netscape(lines: list[str]) -> Iterable[Cookie]:
    for number, line in enumerate(lines, start=1):
        fields = line.removeprefix(_HTTP_ONLY).rstrip("\r\n").split("\t")
        if (line.startswith("#") and not line.startswith(_HTTP_ONLY)) or not line.strip():
            continue
        if len(fields) != _NETSCAPE_FIELDS:
            raise BadInput(f"line {number} of the cookie file has {len(fields)} fields instead of {_NETSCAPE_FIELDS}")
        domain, below, path, _, expires, name, value = fields
        yield _cookie(
            name=name,
            value=value,
            host=domain,
            below=below.upper() == "TRUE" or domain.startswith("."),
            path=path,
            expires=_moment(expires),
        )


def _of_json(text: str, market: tuple[str, ...]) -> Iterable[Cookie]:
    try:
        said = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadInput(f"this JSON cannot be read; {_WHAT_IS_READ}") from error
    if isinstance(said, dict):
        said = said.get("cookies", said)
    if isinstance(said, dict) and all(isinstance(value, str) for value in said.values()):
        said = [{"name": name, "value": value} for name, value in said.items()]
    if not isinstance(said, list) or not all(isinstance(each, dict) for each in said):
        raise BadInput(f"this JSON is no list of cookies; {_WHAT_IS_READ}")
    return [cookie for each in said for cookie in _of_entry(each, market)]


def _of_entry(entry: Mapping[str, Any], market: tuple[str, ...]) -> Iterable[Cookie]:
    """The cookie of one entry; one for each host of the market where it names none."""

    def said(*names: str) -> Any:
        return next((entry[name] for name in names if entry.get(name) is not None), None)

    name, value = said("name", "Name raw"), said("value", "Content raw")
    if not isinstance(name, str) or not isinstance(value, str):
        raise BadInput(f"an entry of this JSON has no name and value; {_WHAT_IS_READ}")
    domain = str(said("domain", "host", "Host raw") or "")
    domain = domain.partition("://")[2].partition("/")[0] if "://" in domain else domain
    expires = _moment(said("expirationDate", "expires", "expiry", "Expires raw"))
    path = str(said("path", "Path raw") or "/")
    below = domain.startswith(".") or said("hostOnly") is False
    for host in (domain,) if domain else market:
        yield _cookie(name=name, value=value, host=host, below=below, path=path, expires=expires)


def _cookie(
    *, name: str, value: str, host: str, below: bool = False, path: str = "/", expires: int | None = None
) -> Cookie:
    if not _NAME.fullmatch(name):
        raise BadInput(f"a cookie's name is none: it has {len(name)} characters, letters, digits and -_. are usual")
    if len(value) > _LONGEST_VALUE or _UNFIT.search(value):
        raise BadInput(f"the value of the cookie {name} is too long or has characters that no cookie has")
    if not path.startswith("/") or _UNFIT.search(path):
        path = "/"
    return Cookie(name=name, value=value, host=host.lower().lstrip("."), below=below, path=path, expires=expires)


def _moment(said: Any) -> int | None:
    """Seconds of the epoch; None for a cookie that ends with the browser's session, and for what is no number."""
    try:
        seconds = float(said)
    except (TypeError, ValueError):
        return None
    return int(seconds) if 0 < seconds < float("inf") else None
