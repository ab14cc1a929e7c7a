"""Where a Tor answers."""

from __future__ import annotations

import socket
from dataclasses import dataclass

from crawler.model.errors import BadInput


@dataclass(frozen=True, kw_only=True, slots=True)
class Endpoint:
    """A loopback or LAN address with its port."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"

    @classmethod
    def parse(cls, text: str, what: str) -> Endpoint:
        """The endpoint that ``HOST:PORT`` names; ``what`` names the option in the BadInput it raises."""
        host, _, port = text.rpartition(":")
        if not host or not port.isdecimal() or not 0 < int(port) < 65536:
            raise BadInput(f"{what} must be HOST:PORT, not {text!r}")
        try:
            socket.inet_aton(host)
        except OSError as error:
            raise BadInput(f"{what} must name an IPv4 address, so that nothing looks up names: {host!r}") from error
        return cls(host=host, port=int(port))
