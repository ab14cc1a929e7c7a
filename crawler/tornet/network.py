"""The private network as a whole: started, onion services published in it, ended."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from crawler.model.errors import TorUnavailable
from crawler.model.offspring import end
from crawler.tor.client import Progress, TorClient, attach_started, last_words, start_tor
from crawler.tornet.nodes import (
    FIRST_VOTE_SECONDS,
    authority_torrc,
    client_torrc,
    free_ports,
    make_authority,
    membership,
    relay_torrc,
)

_AUTHORITIES = 3
_RELAYS = 3
_READY_SECONDS = 120.0
_POLL_SECONDS = 0.1
_LATE_SECONDS = 8.0
_HANGS_SECONDS = 12.0
_BOOTSTRAPPED = "Bootstrapped 100%"


class PrivateNetwork:
    """A Tor network of our own on loopback: a client to crawl with, a host that publishes onion services.

    ``membership`` are the lines of configuration by which any other Tor becomes part of it.
    """

    def __init__(self, client: TorClient, host: TorClient, cookie: Path, membership: tuple[str, ...]) -> None:
        self.client = client
        self.membership = membership
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


class _Node:
    """A running tor of the backbone and what its log says of it."""

    def __init__(self, folder: Path, torrc: str) -> None:
        folder.mkdir(exist_ok=True, mode=0o700)
        (folder / "torrc").write_text(torrc, encoding="utf-8")
        self._folder = folder
        self._start()

    def ready(self) -> bool:
        """Whether it builds circuits."""
        return _BOOTSTRAPPED in self._log.read_text(errors="replace")

    def late(self) -> bool:
        """Whether it has asked for the network's consensus in vain for too long."""
        return time.monotonic() - self._since > _LATE_SECONDS

    def restart(self) -> None:
        """Starts it anew: a node that asked too early asks again only after a growing while, a new one at once."""
        self.end()
        self._start()

    def end(self) -> None:
        """Ends it."""
        end(self._process)

    def last_words(self) -> str:
        """Its name and the end of its log."""
        return f"{self._folder.name}: {last_words(self._log)}"

    def _start(self) -> None:
        self._log = self._folder / "tor.log"
        self._since = time.monotonic()
        self._process = start_tor(self._folder / "torrc", self._log)


@contextmanager
def private_network(progress: Progress | None = None) -> Iterator[PrivateNetwork]:
    """A private Tor network, ready to carry pages; every process and file of it is gone on leaving."""
    folder = Path(tempfile.mkdtemp(prefix="npswatch-tornet-"))
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        lines = _start_backbone(folder, stack)
        # A client that starts sooner builds its first circuits through relays that know nobody, and waits a minute.
        host = _start_client(folder / "host", lines, stack, progress)
        client = _start_client(folder / "client", lines, stack, progress)
        yield PrivateNetwork(client, host, folder / "client" / "cookie", tuple(membership(lines).splitlines()))


def _start_backbone(folder: Path, stack: ExitStack) -> str:
    ports = free_ports(2 * _AUTHORITIES + _RELAYS)
    authorities = [
        make_authority(folder / f"auth{i}", f"auth{i}", ports[2 * i], ports[2 * i + 1]) for i in range(_AUTHORITIES)
    ]
    lines = "\n".join(authority.line for authority in authorities)
    time.sleep(FIRST_VOTE_SECONDS - time.time() % FIRST_VOTE_SECONDS)
    voters = [_Node(each.folder, authority_torrc(each, lines)) for each in authorities]
    relays = [
        _Node(folder / f"relay{i}", relay_torrc(folder / f"relay{i}", f"relay{i}", port, lines))
        for i, port in enumerate(ports[2 * _AUTHORITIES :])
    ]
    for node in (*voters, *relays):
        stack.callback(node.end)
    limit = time.monotonic() + _READY_SECONDS
    _wait_for(voters, limit)
    for relay in relays:
        if not relay.ready():
            relay.restart()
    _wait_for(relays, limit, restart_late=True)
    return lines


def _wait_for(nodes: list[_Node], limit: float, *, restart_late: bool = False) -> None:
    while waiting := [node for node in nodes if not node.ready()]:
        if time.monotonic() > limit:
            raise TorUnavailable(f"the private network did not come up; {waiting[0].last_words()}")
        for node in waiting:
            if restart_late and node.late():
                node.restart()
        time.sleep(_POLL_SECONDS)


def _start_client(folder: Path, lines: str, stack: ExitStack, progress: Progress | None) -> TorClient:
    """A client that builds circuits; one that hangs is ended for another, as its timeouts grow faster than patience."""
    folder.mkdir(mode=0o700)
    (folder / "torrc").write_text(client_torrc(folder, folder.name, lines), encoding="utf-8")
    for patience in (_HANGS_SECONDS, _HANGS_SECONDS, _READY_SECONDS):
        with ExitStack() as trial:
            (folder / "control-port").unlink(missing_ok=True)
            process = start_tor(folder / "torrc", folder / "tor.log")
            trial.callback(end, process)
            client = trial.enter_context(attach_started(process, folder / "control-port", folder / "tor.log"))
            try:
                client.wait_until_ready(patience, progress)
            except TorUnavailable as error:
                hung = error
                continue
            stack.push(trial.pop_all())
            return client
    raise hung
