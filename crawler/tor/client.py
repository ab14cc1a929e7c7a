"""A Tor client to crawl through: started by us, or attached to; authenticated, its bootstrap checked."""

from __future__ import annotations

import logging
import os
import shutil
import socket
import struct
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from stem import ControllerError, SocketError, Timeout
from stem.connection import AuthenticationFailure
from stem.control import Controller

from crawler.model.errors import BadInput, TorUnavailable
from crawler.model.offspring import dies_with_parent, end

_BOOTSTRAP_SECONDS = 180.0
_POLL_SECONDS = 0.25
_PUBLISH_SECONDS = 60.0
_INSTALL_ADVICE = "install Debian's package: apt-get install tor"

Progress = Callable[[int, str], None]


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


@dataclass(frozen=True, kw_only=True, slots=True)
class OnionService:
    """A published onion service: its host name and its private key as Tor's ADD_ONION takes it."""

    host: str
    key: str


class TorClient:
    """A Tor that answers: where its SOCKS port is, and its state by the control port.

    Use ``started`` or ``attached``; leaving the context ends a Tor we started and lets others run.
    """

    def __init__(self, *, socks: Endpoint, control: Endpoint | None, controller: Controller | None) -> None:
        self.socks = socks
        self.control = control
        self._controller = controller

    def __enter__(self) -> TorClient:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._controller is not None:
            self._controller.close()

    @property
    def endpoints(self) -> frozenset[tuple[str, int]]:
        """The addresses the guard must let through."""
        ends = (self.socks, self.control)
        return frozenset((end.host, end.port) for end in ends if end is not None)

    def version(self) -> str | None:
        """Tor's own version; None when no control port is known."""
        return str(self._controller.get_version()) if self._controller is not None else None

    def bootstrap(self) -> int | None:
        """Percent of the way to a working Tor; None when no control port is known."""
        return _bootstrap(self._controller)[0] if self._controller is not None else None

    def publish_onion(self, port: int, key: str = "NEW:ED25519-V3") -> OnionService:
        """An onion service whose port 80 leads to a loopback port, its descriptor uploaded; gone with this client.

        Raises TorUnavailable when no directory takes the descriptor within a minute.
        """
        if self._controller is None:
            raise TorUnavailable("publishing an onion service needs Tor's control port")
        kind, _, content = key.partition(":")
        try:
            made = self._controller.create_ephemeral_hidden_service(
                {80: port}, key_type=kind, key_content=content, await_publication=True, timeout=_PUBLISH_SECONDS
            )
        except (ControllerError, Timeout) as error:
            raise TorUnavailable(f"the onion service for port {port} was not published: {error}") from error
        key = key if kind != "NEW" else f"{made.private_key_type}:{made.private_key}"
        return OnionService(host=f"{made.service_id}.onion", key=key)

    def wait_until_ready(self, seconds: float = _BOOTSTRAP_SECONDS, progress: Progress | None = None) -> None:
        """Returns when Tor can build circuits. Raises TorUnavailable with Tor's last words after ``seconds``."""
        if self._controller is None:
            return
        limit = time.monotonic() + seconds
        percent, words = _bootstrap(self._controller)
        while percent < 100:
            if time.monotonic() > limit:
                raise TorUnavailable(
                    f"Tor did not bootstrap within {seconds:.0f} s: it stands at {percent} % ({words}); "
                    "check the network and the clock of this machine"
                )
            time.sleep(_POLL_SECONDS)
            percent, words = _bootstrap(self._controller)
            if progress is not None:
                progress(percent, words)


def _bootstrap(controller: Controller) -> tuple[int, str]:
    try:
        answer = controller.get_info("status/bootstrap-phase")
    except SocketError as error:
        raise TorUnavailable(f"Tor's control port went away: {error}") from error
    fields = dict(word.split("=", 1) for word in answer.split() if "=" in word)
    words = answer.partition('SUMMARY="')[2].partition('"')[0]
    return int(fields.get("PROGRESS", 0)), words


def tor_program() -> str:
    """The path of the tor program. Raises TorUnavailable when it is not installed."""
    path = shutil.which("tor", path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/bin")
    if path is None:
        raise TorUnavailable(f"Tor is not installed; {_INSTALL_ADVICE}")
    return path


def attach(socks: Endpoint, control: Endpoint | None) -> TorClient:
    """A client over a Tor that runs already. Raises TorUnavailable when it does not let us in."""
    _check_socks(socks)
    controller = _controller(control) if control is not None else None
    return TorClient(socks=socks, control=control, controller=controller)


@contextmanager
def started(
    folder: Path, *, seconds: float = _BOOTSTRAP_SECONDS, progress: Progress | None = None
) -> Iterator[TorClient]:
    """A Tor client of our own with its data in ``folder``, ready to build circuits; ended on leaving."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    torrc = folder / "torrc"
    ports_file = folder / "control-port"
    ports_file.unlink(missing_ok=True)
    torrc.write_text(_torrc(folder, ports_file), encoding="utf-8")
    process = start_tor(torrc, folder / "tor.log")
    try:
        with attach_started(process, ports_file, folder / "tor.log") as client:
            client.wait_until_ready(seconds, progress)
            yield client
    finally:
        end(process)


def _torrc(folder: Path, ports_file: Path) -> str:
    return f"""DataDirectory {folder}/data
SocksPort 127.0.0.1:auto IsolateSOCKSAuth KeepAliveIsolateSOCKSAuth ExtendedErrors
SafeSocks 1
ControlPort 127.0.0.1:auto
ControlPortWriteToFile {ports_file}
CookieAuthentication 1
CookieAuthFile {folder}/cookie
__OwningControllerProcess {os.getpid()}
Log notice stdout
"""


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
    controller = _controller(control)
    listener = controller.get_info("net/listeners/socks").split()[0].strip('"')
    return TorClient(socks=Endpoint.parse(listener, "SOCKS port"), control=control, controller=controller)


def last_words(log: Path, lines: int = 3) -> str:
    """The last lines of a Tor log, for an error a person reads."""
    return " | ".join(log.read_text(errors="replace").splitlines()[-lines:])


def _controller(control: Endpoint) -> Controller:
    logging.getLogger("stem").setLevel(logging.ERROR)  # it reports each line it reads from a closing control port
    try:
        controller = Controller.from_port(address=control.host, port=control.port)
        controller.authenticate()
    except AuthenticationFailure as error:
        raise TorUnavailable(f"Tor's control port {control} does not let us in: {error}") from error
    except SocketError as error:
        raise TorUnavailable(f"no Tor answers at control port {control}: {error}") from error
    return controller


def _check_socks(socks: Endpoint) -> None:
    """Raises TorUnavailable unless a SOCKS5 port that takes user names (they isolate circuits) answers."""
    try:
        with socket.create_connection((socks.host, socks.port), timeout=5) as line:
            line.sendall(struct.pack("!BBB", 5, 1, 2))
            answer = line.recv(2)
    except OSError as error:
        raise TorUnavailable(f"no Tor answers at SOCKS port {socks}: {error}") from error
    if answer != b"\x05\x02":
        raise TorUnavailable(f"{socks} is no SOCKS5 port that takes user names: is it Tor's?")
