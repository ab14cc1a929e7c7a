"""A Kibana spoken to over HTTP: who asks, what is asked, and every way it can fail as one clear sentence.

No redirect is followed and no proxy of the environment is used: the password goes to the address given and nowhere
else, and never in clear text beyond loopback.
"""

from __future__ import annotations

import base64
import ipaddress
import json
import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from crawler.model.errors import BadInput

_ANSWER_SECONDS = 60.0
_LARGEST_ANSWER = 50_000_000
DEFAULT_SPACE = "default"
_API_KEY = re.compile(r"[A-Za-z0-9+/_-]+={0,2}")


class KibanaRefused(BadInput):
    """A Kibana that cannot be used: not there, no Kibana, another version, no rights. Raised by `casework.kibana`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Credentials:
    """How to sign in: a user with a password, or an API key as Kibana encodes it; neither where security is off."""

    user: str | None = None
    password: str | None = None
    api_key: str | None = None

    def __post_init__(self) -> None:
        if self.user and self.api_key:
            raise BadInput("sign in with a user or with an API key, not with both")
        if self.user and not self.password:
            raise BadInput(f"there is no password for the user {self.user}")
        if self.user and ":" in self.user:
            raise BadInput("a user's name has no colon in it")
        if self.api_key and not _API_KEY.fullmatch(self.api_key):
            raise BadInput("the API key is not as Kibana encodes it: letters, digits, + / - _ and = only")

    def headers(self) -> dict[str, str]:
        """The header that says it; none without credentials."""
        if self.api_key:
            return {"authorization": f"ApiKey {self.api_key}"}
        if self.user:
            pair = f"{self.user}:{self.password}".encode()
            return {"authorization": f"Basic {base64.b64encode(pair).decode()}"}
        return {}


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What Kibana answered: status and JSON body (None where the body is no JSON object)."""

    status: int
    body: dict[str, Any] | None

    def message(self) -> str:
        """Kibana's own words for a refusal, or the bare status."""
        said = (self.body or {}).get("message") or (self.body or {}).get("error")
        return f"{self.status} {str(said)[:300]}" if said else str(self.status)


class Kibana:
    """One Kibana, reached at ``url``; ``ca`` is the authority of its certificate where the system does not know it."""

    def __init__(self, url: str, *, space: str, credentials: Credentials, ca: Path | None = None) -> None:
        self.url = _checked(url, signed_in=bool(credentials.headers()))
        self.space = space
        self._headers = {"kbn-xsrf": "npswatch", "accept": "application/json", **credentials.headers()}
        self._ca = ca

    def in_space(self, path: str) -> str:
        """The path of an API inside the space."""
        return path if self.space == DEFAULT_SPACE else f"/s/{quote(self.space, safe='')}{path}"

    def get(self, path: str) -> Answer:
        """The answer to a GET. Raises KibanaRefused where nothing answers."""
        return self._ask("GET", path)

    def send_file(self, path: str, name: str, content: bytes) -> Answer:
        """The answer to a POST of one file in the form field ``file``. Raises KibanaRefused where nothing answers."""
        return self._ask("POST", path, files={"file": (name, content, "application/ndjson")})

    def _ask(self, method: str, path: str, files: Mapping[str, tuple[str, bytes, str]] | None = None) -> Answer:
        import httpx2

        try:
            with (
                httpx2.Client(verify=_trusting(self._ca), trust_env=False, timeout=_ANSWER_SECONDS) as client,
                client.stream(method, self.url + path, headers=self._headers, files=files) as response,
            ):
                return Answer(status=response.status_code, body=_json_object(_read(response)))
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise KibanaRefused(f"no Kibana answers at {self.url}: {error or type(error).__name__}") from error


def _read(response: Any) -> bytes:
    body = b""
    for piece in response.iter_bytes():
        body += piece
        if len(body) > _LARGEST_ANSWER:
            return b""
    return body


def _json_object(body: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _trusting(ca: Path | None) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=str(ca) if ca else None)
    except (OSError, ssl.SSLError) as error:
        raise BadInput(f"the certificate authority {ca} cannot be read: {error}") from error


def _checked(url: str, *, signed_in: bool) -> str:
    """The address without a slash at its end. Raises BadInput for one that is no Kibana's or would tell a secret."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise BadInput(f"the address of Kibana cannot be read: {error}") from error
    if parts.scheme not in ("http", "https") or not host or parts.query or parts.fragment:
        raise BadInput("the address of Kibana is http(s)://host:5601, with its base path where it has one")
    if parts.username or parts.password:
        raise BadInput("no user or password in Kibana's address: give --user, and the password in the environment")
    if signed_in and parts.scheme == "http" and not _is_loopback(host):
        raise BadInput(f"a password would travel to {host} in clear text: use https")
    return url.rstrip("/")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
