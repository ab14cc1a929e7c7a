"""What Tor says of an address: its SOCKS replies, the extended ones of ``ExtendedErrors`` among them."""

from __future__ import annotations

import asyncio
import contextlib
import struct
from dataclasses import dataclass

from crawler.tor.endpoint import Endpoint

_GREETING_SECONDS = 5.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Reply:
    """A reply of Tor: its code and what it means. ``key`` is true where the service wants a key of its visitors."""

    code: int
    words: str
    key: bool = False


# Tor's socks-extensions.txt and proposal 304.
_REPLIES = {
    0x00: "it answers",
    0x01: "Tor could not reach it",
    0x03: "its network cannot be reached",
    0x04: "it does not answer",
    0x05: "the service refuses the connection: what stands behind it is down",
    0x06: "Tor waited for it in vain",
    0xF0: "the onion service is down: no directory knows it",
    0xF1: "the onion service is broken: its descriptor cannot be read",
    0xF2: "the onion service is down: it does not answer at its introduction points",
    0xF3: "the onion service did not come to the meeting point",
    0xF4: "the onion service lets in only who has a key",
    0xF5: "the onion service does not take the key we have",
    0xF6: "the address is no onion service's",
    0xF7: "the onion service is down: its introduction points do not answer in time",
}
_KEY_CODES = frozenset({0xF4, 0xF5})


def reply_of(code: int) -> Reply:
    """The reply that a code stands for."""
    return Reply(code=code, words=_REPLIES.get(code, f"Tor answers {code:#04x}"), key=code in _KEY_CODES)


async def ask_for(socks: Endpoint, user: str, host: str, port: int, seconds: float = 60.0) -> Reply | None:
    """What Tor says when a user asks for a connection, which is then closed; None when Tor does not answer in time."""
    try:
        async with asyncio.timeout(seconds):
            reader, writer = await asyncio.open_connection(socks.host, socks.port)
            try:
                return await _ask(reader, writer, user.encode(), host.encode(), port)
            finally:
                writer.close()
    except (OSError, TimeoutError, asyncio.IncompleteReadError):
        return None


async def answers(socks: Endpoint) -> bool:
    """Whether a SOCKS5 port answers at all, now."""
    with contextlib.suppress(OSError, TimeoutError, asyncio.IncompleteReadError):
        async with asyncio.timeout(_GREETING_SECONDS):
            reader, writer = await asyncio.open_connection(socks.host, socks.port)
            try:
                writer.write(b"\x05\x01\x02")
                return (await reader.readexactly(2)) == b"\x05\x02"
            finally:
                writer.close()
    return False


async def _ask(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, user: bytes, host: bytes, port: int
) -> Reply:
    writer.write(b"\x05\x01\x02")
    await reader.readexactly(2)
    writer.write(b"\x01" + bytes([len(user)]) + user + b"\x01x")
    await reader.readexactly(2)
    writer.write(b"\x05\x01\x00\x03" + bytes([len(host)]) + host + struct.pack("!H", port))
    return reply_of((await reader.readexactly(2))[1])
