"""An exit relay of the private Tor network, and the clear net behind it: names under .example, all of them loopback."""

from __future__ import annotations

import os
import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from crawler.model.offspring import end
from crawler.tor.client import start_tor
from crawler.tornet.network import PrivateNetwork
from crawler.tornet.nodes import free_ports

NAME = "exitofours"
_SECONDS = 120.0
_HEADER = struct.Struct("!HHHHHH")
_RECORD = b"\xc0\x0c" + struct.pack("!HHIH", 1, 1, 60, 4) + socket.inet_aton("127.0.0.1")
_TORRC = """DataDirectory {folder}
Nickname {name}
Log notice stdout
__OwningControllerProcess {pid}
SocksPort 0
Address 127.0.0.1
OutboundBindAddress 127.0.0.1
ORPort 127.0.0.1:{or_port}
AssumeReachable 1
ExitRelay 1
ExitPolicyRejectPrivate 0
ExitPolicy accept *:{shop}
ExitPolicy reject *:*
ServerDNSResolvConfFile {folder}/resolv.conf
ServerDNSDetectHijacking 0
ServerDNSAllowBrokenConfig 1
ServerDNSTestAddresses shop.example
"""


@contextmanager
def exit_to(network: PrivateNetwork, shop: int, folder: Path) -> Iterator[None]:
    """Lets the network reach one port of loopback under any name that ends in .example, by an exit all clients know."""
    folder.mkdir(mode=0o700)
    client = network.cookie.parent
    with _names() as port:
        (folder / "resolv.conf").write_text(f"nameserver 127.0.0.1:{port}\n")
        own = _TORRC.format(folder=folder, name=NAME, pid=os.getpid(), or_port=free_ports(1)[0], shop=shop)
        (folder / "torrc").write_text(own + "\n".join(network.membership) + "\n")
        process = start_tor(folder / "torrc", folder / "tor.log")
        try:
            _wait_until_known(client, folder / "tor.log")
            yield
        finally:
            end(process)


def _wait_until_known(client: Path, log: Path) -> None:
    consensus, limit = client / "cached-microdesc-consensus", time.monotonic() + _SECONDS
    while not consensus.exists() or f"\nr {NAME} " not in consensus.read_text(errors="replace"):
        if time.monotonic() > limit:
            raise RuntimeError(f"no client learnt of the exit: {log.read_text(errors='replace')[-2000:]}")
        time.sleep(0.5)


@contextmanager
def _names() -> Iterator[int]:
    with socket.socket(type=socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        threading.Thread(target=_answer, args=(server,), daemon=True).start()
        yield server.getsockname()[1]


def _answer(server: socket.socket) -> None:
    while True:
        try:
            question, asker = server.recvfrom(512)
        except OSError:
            return
        number, *_ = _HEADER.unpack_from(question)
        ends = question.index(b"\0", _HEADER.size) + 5
        kind = struct.unpack("!H", question[ends - 4 : ends - 2])[0]
        known = kind == 1 and question[_HEADER.size : ends].lower().endswith(
            b"\x07example\0" + question[ends - 4 : ends]
        )
        head = _HEADER.pack(number, 0x8180 if known or kind != 1 else 0x8183, 1, int(known), 0, 0)
        server.sendto(head + question[_HEADER.size : ends] + (_RECORD if known else b""), asker)
