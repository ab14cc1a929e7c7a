"""The guard: once closed, this process reaches Tor and the named addresses, nothing else.

It rests on Python's audit hooks, which see every socket Python makes and every program it starts; a library with
sockets in C would go past it, which is why the transport is pure Python and a test runs the crawl in an empty network
namespace.
"""

from __future__ import annotations

import ipaddress
import socket
import sys
from collections.abc import Iterable
from typing import Any, cast

Address = tuple[str, int]

_LOOKUPS = frozenset(
    {
        "socket.getaddrinfo",
        "socket.gethostbyname",
        "socket.gethostbyaddr",
        "socket.getnameinfo",
        "socket.gethostname_ex",
    }
)
_PROGRAMS = frozenset(
    {"subprocess.Popen", "os.exec", "os.posix_spawn", "os.spawn", "os.system", "os.fork", "pty.spawn"}
)


class LeakRefused(OSError):
    """Something tried to leave other than through Tor. An OSError, so that libraries treat it as a dead network."""


class Guard:
    """Decides over connects, look-ups and new programs; open until ``close``."""

    def __init__(self) -> None:
        self._allowed: frozenset[Address] | None = None
        self.refusals: list[str] = []

    @property
    def closed(self) -> bool:
        """Whether the guard decides already."""
        return self._allowed is not None

    def close(self, allowed: Iterable[Address]) -> None:
        """From now on only ``allowed`` addresses are reached; a second call adds to them."""
        first = self._allowed is None
        self._allowed = frozenset(allowed) | (self._allowed or frozenset())
        if first:
            sys.addaudithook(self._audit)

    def _audit(self, event: str, args: tuple[Any, ...]) -> None:
        if event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
            self._check_address(event, args)
        elif event in _LOOKUPS:
            self._check_lookup(args)
        elif event in _PROGRAMS:
            self._refuse(f"starting a program ({event})")

    def _check_address(self, event: str, args: tuple[Any, ...]) -> None:
        address = args[1]
        if address is None:  # a send on a connected socket, whose connect was seen
            return
        target = tuple(address[:2]) if isinstance(address, tuple) else address
        if target not in (self._allowed or frozenset()):
            self._refuse(f"{event.removeprefix('socket.')} to {target!r}")

    def _check_lookup(self, args: tuple[Any, ...]) -> None:
        host = args[0][0] if isinstance(args[0], tuple) else args[0]
        if not _is_numeric(host):
            self._refuse(f"name look-up of {host!r}")

    def _refuse(self, what: str) -> None:
        sentence = f"refused by the guard: {what}; only Tor, the index and the frontier are reached"
        self.refusals.append(sentence)
        raise LeakRefused(sentence)


GUARD = Guard()


def _is_numeric(host: Any) -> bool:
    if host is None:  # an address of this machine, for listening
        return True
    try:
        ipaddress.ip_address(host.decode("ascii") if isinstance(host, bytes) else str(host))
    except ValueError:
        return False
    return True


def pin_name(host: str, port: int) -> frozenset[Address]:
    """The addresses a name stands for now; this process answers the name from them ever after, without a look-up.

    Called before the guard closes, so that TLS and HTTP still see the name. Raises OSError when it has no address.
    """
    answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    genuine = socket.getaddrinfo

    def answer(name: Any, service: Any, *args: Any, **kwargs: Any) -> Any:
        if name == host and service in (port, str(port)):
            return answers
        return genuine(name, service, *args, **kwargs)

    socket.getaddrinfo = cast(Any, answer)
    return frozenset((str(each[4][0]), int(each[4][1])) for each in answers)
