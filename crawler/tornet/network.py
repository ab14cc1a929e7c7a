"""The private network as a whole: started, onion services published in it, ended."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from crawler.model.offspring import end
from crawler.tor.client import Progress, TorClient, attach_started, start_tor
from crawler.tornet.nodes import authority_torrc, client_torrc, free_ports, make_authority, relay_torrc

_AUTHORITIES = 3
_RELAYS = 3
_READY_SECONDS = 90.0


class PrivateNetwork:
    """A Tor network of our own on loopback: a client to crawl with, a host that publishes onion services."""

    def __init__(self, client: TorClient, host: TorClient, cookie: Path) -> None:
        self.client = client
        self.cookie = cookie
        self.host = host

    def publish(self, port: int, key_file: Path | None = None) -> str:
        """The onion host that now leads to a loopback port, published as port 80.

        With ``key_file`` the service keeps its address from start to start. Raises TorUnavailable when no
        directory takes the descriptor within a minute.
        """
        if key_file is None:
            return self.host.publish_onion(port).host
        if key_file.exists():
            return self.host.publish_onion(port, key_file.read_text().strip()).host
        service = self.host.publish_onion(port)
        key_file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        key_file.touch(mode=0o600)
        key_file.write_text(service.key)
        return service.host


@contextmanager
def private_network(progress: Progress | None = None) -> Iterator[PrivateNetwork]:
    """A private Tor network, ready to carry pages; every process and file of it is gone on leaving."""
    folder = Path(tempfile.mkdtemp(prefix="npswatch-tornet-"))
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        lines = _start_backbone(folder, stack)
        host = _start_client(folder / "host", lines, stack)
        client = _start_client(folder / "client", lines, stack)
        for each in (client, host):
            each.wait_until_ready(_READY_SECONDS, progress)
        yield PrivateNetwork(client, host, folder / "client" / "cookie")


def _start_backbone(folder: Path, stack: ExitStack) -> str:
    ports = free_ports(2 * _AUTHORITIES + _RELAYS)
    authorities = [
        make_authority(folder / f"auth{i}", f"auth{i}", ports[2 * i], ports[2 * i + 1]) for i in range(_AUTHORITIES)
    ]
    lines = "\n".join(authority.line for authority in authorities)
    for authority in authorities:
        _start_node(authority.folder, authority_torrc(authority, lines), stack)
    for i, port in enumerate(ports[2 * _AUTHORITIES :]):
        _start_node(folder / f"relay{i}", relay_torrc(folder / f"relay{i}", f"relay{i}", port, lines), stack)
    return lines


def _start_client(folder: Path, lines: str, stack: ExitStack) -> TorClient:
    process = _start_node(folder, client_torrc(folder, folder.name, lines), stack)
    return stack.enter_context(attach_started(process, folder / "control-port", folder / "tor.log"))


def _start_node(folder: Path, torrc: str, stack: ExitStack) -> subprocess.Popen[bytes]:
    folder.mkdir(exist_ok=True, mode=0o700)
    (folder / "torrc").write_text(torrc, encoding="utf-8")
    process = start_tor(folder / "torrc", folder / "tor.log")
    stack.callback(end, process)
    return process
