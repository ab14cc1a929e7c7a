"""A Tor client to crawl through: started by us, or attached to; authenticated, its bootstrap checked."""

from __future__ import annotations

import os
import shutil
import socket
import struct
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from crawler.model.errors import TorUnavailable
from crawler.model.offspring import dies_with_parent
from crawler.tor.control import NEW_KEY, Control, OnionService
from crawler.tor.endpoint import Endpoint

BOOTSTRAP_SECONDS = 180.0
_POLL_SECONDS = 0.25
_INSTALL_ADVICE = "install Debian's package: apt-get install tor"

Progress = Callable[[int, str], None]


class TorClient:
    """A Tor that answers: where its SOCKS port is, and its state by the control port.

    Made by ``attach``, or by ``kept`` of the pool; leaving the context closes the control connection.
    """

    def __init__(self, *, socks: Endpoint, control: Endpoint | None, connection: Control | None) -> None:
        self.socks = socks
        self.control = control
        self._connection = connection

    def __enter__(self) -> TorClient:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._connection is not None:
            self._connection.close()

    @property
    def endpoints(self) -> frozenset[tuple[str, int]]:
        """The addresses the guard must let through."""
        ends = (self.socks, self.control)
        return frozenset((end.host, end.port) for end in ends if end is not None)

    @property
    def connection(self) -> Control:
        """The control connection. Raises TorUnavailable when no control port is known."""
        if self._connection is None:
            raise TorUnavailable("this needs Tor's control port; name it with --tor-control HOST:PORT")
        return self._connection

    def publish_onion(self, port: int, key: str = NEW_KEY, client: str | None = None) -> OnionService:
        """An onion service whose port 80 leads to a loopback port, its descriptor uploaded; gone with this client.

        With ``client`` (an x25519 public key in base32) only its owner gets in. Raises TorUnavailable when no directory
        takes the descriptor within a minute.
        """
        return self.connection.publish(port, key, client)

    def wait_until_ready(self, seconds: float = BOOTSTRAP_SECONDS, progress: Progress | None = None) -> None:
        """Returns when Tor can build circuits. Raises TorUnavailable with Tor's last words after ``seconds``."""
        if self._connection is None:
            return
        limit = time.monotonic() + seconds
        percent, words = self._connection.bootstrap()
        while percent < 100:
            if time.monotonic() > limit:
                raise TorUnavailable(
                    f"Tor did not bootstrap within {seconds:.0f} s: it stands at {percent} % ({words}); "
                    "check the network and the clock of this machine"
                )
            time.sleep(_POLL_SECONDS)
            percent, words = self._connection.bootstrap()
            if progress is not None:
                progress(percent, words)


def tor_program() -> str:
    """The path of the tor program. Raises TorUnavailable when it is not installed."""
    path = shutil.which("tor", path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/bin")
    if path is None:
        raise TorUnavailable(f"Tor is not installed; {_INSTALL_ADVICE}")
    return path


def attach(socks: Endpoint, control: Endpoint | None) -> TorClient:
    """A client over a Tor that runs already. Raises TorUnavailable when it does not let us in."""
    check_socks(socks)
    return TorClient(socks=socks, control=control, connection=Control(control) if control is not None else None)


def start_tor(torrc: Path, log: Path) -> subprocess.Popen[bytes]:
    """A running tor with this configuration, its words in ``log``; it dies with us."""
    with log.open("wb") as sink:
        return subprocess.Popen(
            [tor_program(), "-f", str(torrc)],
            stdout=sink,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            preexec_fn=dies_with_parent(),
        )


def attach_started(process: subprocess.Popen[bytes], ports_file: Path, log: Path, seconds: float = 20.0) -> TorClient:
    """A client over a tor we just started, found by the file it writes its control port to."""
    limit = time.monotonic() + seconds
    while not ports_file.exists() or not ports_file.read_text().strip():
        if process.poll() is not None or time.monotonic() > limit:
            raise TorUnavailable(f"Tor did not start; its last words: {last_words(log)}")
        time.sleep(0.05)
    control = Endpoint.parse(ports_file.read_text().strip().removeprefix("PORT="), "control port")
    connection = Control(control)
    return TorClient(socks=connection.socks(), control=control, connection=connection)


def last_words(log: Path, lines: int = 3) -> str:
    """The last lines of a Tor log, for an error a person reads."""
    return " | ".join(log.read_text(errors="replace").splitlines()[-lines:])


def check_socks(socks: Endpoint) -> None:
    """Raises TorUnavailable unless a SOCKS5 port that takes user names (they isolate circuits) answers."""
    try:
        with socket.create_connection((socks.host, socks.port), timeout=5) as line:
            line.sendall(struct.pack("!BBB", 5, 1, 2))
            answer = line.recv(2)
    except OSError as error:
        raise TorUnavailable(f"no Tor answers at SOCKS port {socks}: {error}") from error
    if answer != b"\x05\x02":
        raise TorUnavailable(f"{socks} is no SOCKS5 port that takes user names: is it Tor's?")
