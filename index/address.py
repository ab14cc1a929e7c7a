"""Where a store is: addresses read and checked."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, quote, unquote, urlencode, urlsplit

from crawler.model.errors import BadInput

_SQLITE = "sqlite:///"
_EXAMPLES = "sqlite:////absolute/file.db or http(s)://[user:password@]host:9200"
DEFAULT_PREFIX = "npswatch"


@dataclass(frozen=True, kw_only=True, slots=True)
class ElasticsearchAddress:
    """A server: how to reach it, and the prefix of our indices' names.

    ``ca`` is a file with the authority that signed the server's certificate, where the system does not know it.
    """

    scheme: str
    host: str
    port: int
    user: str | None = None
    password: str | None = None
    prefix: str = DEFAULT_PREFIX
    ca: Path | None = None

    def url(self) -> str:
        """The address as one line, with user and password; `parse_address` reads it back."""
        user = f"{quote(self.user, safe='')}:{quote(self.password or '', safe='')}@" if self.user else ""
        path = f"/{self.prefix}" if self.prefix != DEFAULT_PREFIX else ""
        query = urlencode({"ca": str(self.ca)} if self.ca else {})
        return f"{self.scheme}://{user}{bracketed(self.host)}:{self.port}{path}{'?' + query if query else ''}"

    def shown(self) -> str:
        """The address without user and password, for messages."""
        return f"{self.scheme}://{bracketed(self.host)}:{self.port}"


def parse_address(address: str) -> Path | ElasticsearchAddress:
    """The file of an embedded store or the server's address. Raises BadInput."""
    if address.startswith("sqlite:"):
        return _file(address)
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError as error:
        raise BadInput(f"the store's address cannot be read ({error}); write {_EXAMPLES}") from error
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise BadInput(f"no address of a store; write {_EXAMPLES}")
    asked = parse_qs(parts.query)
    return ElasticsearchAddress(
        scheme=parts.scheme,
        host=parts.hostname,
        port=port or 9200,
        user=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
        prefix=_prefix(parts.path),
        ca=_ca(asked.get("ca", [""])[0]),
    )


def bracketed(host: str) -> str:
    """A host as it stands in an address: IPv6 in brackets."""
    return f"[{host}]" if ":" in host else host


def _ca(path: str) -> Path | None:
    if path and not Path(path).is_file():
        raise BadInput(f"the index's certificate authority {path} is no file")
    return Path(path) if path else None


def _file(address: str) -> Path:
    path = unquote(address.removeprefix(_SQLITE))
    if not address.startswith(_SQLITE) or not path.startswith("/") or path.endswith("/"):
        raise BadInput(f"the file of an embedded store needs an absolute path: {_EXAMPLES}")
    return Path(path)


def _prefix(path: str) -> str:
    prefix = path.strip("/")
    allowed = prefix.replace("-", "").replace("_", "")
    if prefix and not (allowed.isascii() and allowed.isalnum() and prefix == prefix.lower() and prefix[0].isalpha()):
        raise BadInput("the path of a server's address is the prefix of our indices: small letters, digits, - and _")
    return prefix or DEFAULT_PREFIX
