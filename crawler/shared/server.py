"""The Redis that holds the shared state: its address, and a connection to it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import unquote, urlsplit

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import AuthenticationError, AuthorizationError, ReadOnlyError, RedisError, ResponseError
from redis.retry import Retry

from crawler.home import SHARED_VARIABLE
from crawler.model.errors import BadInput, SharedStateUnavailable

_PORT = 6379
_SECONDS = 5.0
_PREFIX = "npswatch"
_FORM = "redis://[user:password@]host[:port][/database]"


class SharedServer:
    """A connection to the server of the shared state. Values are text; nothing that is read from it is ever run."""

    def __init__(self, address: str) -> None:
        parts = _read(address)
        self.host: str = parts["host"]
        self.port: int = parts["port"]
        self.client: Any = Redis(
            **parts,
            decode_responses=True,
            socket_timeout=_SECONDS,
            socket_connect_timeout=_SECONDS,
            retry=Retry(NoBackoff(), 0),  # who waits for the server decides for how long
        )

    @contextmanager
    def asked(self) -> Iterator[Any]:
        """The client, its errors told as SharedStateUnavailable."""
        try:
            yield self.client
        except (AuthenticationError, AuthorizationError) as error:
            raise BadInput(f"Redis at {self.host}:{self.port} does not let us in: {error}") from error
        except RedisError as error:
            raise SharedStateUnavailable(f"Redis at {self.host}:{self.port} does not answer: {error}") from error
        except OSError as error:
            raise SharedStateUnavailable(f"Redis at {self.host}:{self.port} is out of reach: {error}") from error

    def check(self) -> None:
        """Returns when the server answers and takes what it is given. Raises what stands against it."""
        with self.asked() as client:
            try:
                client.set(key("alive"), "1", px=1000)
            except (ReadOnlyError, ResponseError) as error:
                raise BadInput(f"Redis at {self.host}:{self.port} takes nothing: {error}") from error

    def close(self) -> None:
        """Ends the connection."""
        self.client.close()


def key(*parts: str) -> str:
    """The name under which the server keeps something of ours."""
    return ":".join((_PREFIX, *parts))


def _read(address: str) -> dict[str, Any]:
    try:
        parts = urlsplit(address)
        port = parts.port or _PORT
        database = int(parts.path.strip("/") or 0)
    except ValueError as error:
        raise BadInput(f"{SHARED_VARIABLE} must be {_FORM}: {error}") from error
    if parts.scheme != "redis" or not parts.hostname or parts.query or parts.fragment:
        raise BadInput(f"{SHARED_VARIABLE} must be {_FORM}")
    return {
        "host": parts.hostname,
        "port": port,
        "db": database,
        "username": unquote(parts.username) if parts.username else None,
        "password": unquote(parts.password) if parts.password else None,
    }
