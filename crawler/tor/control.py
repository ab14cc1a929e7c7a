"""Tor's control port: the one file that speaks to stem.

Everything else asks for what it needs in the words of this file, so that another library can take stem's place.
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from datetime import UTC, datetime

from stem import ControllerError, Timeout
from stem.connection import AuthenticationFailure
from stem.control import Controller

from crawler.model.errors import TorUnavailable
from crawler.tor.endpoint import Endpoint

_PUBLISH_SECONDS = 30.0
_PUBLISH_TRIES = 2
_WORD = re.compile(r'(\w+)=("(?:[^"\\]|\\.)*"|\S*)')
NEW_KEY = "NEW:ED25519-V3"


@dataclass(frozen=True, kw_only=True, slots=True)
class OnionService:
    """A published onion service: its host name and its private key as Tor's ADD_ONION takes it."""

    host: str
    key: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Circuit:
    """A circuit of a Tor client: its number, whose it is (the SOCKS user name), its relays and when it was begun."""

    number: str
    user: str | None
    built: bool
    purpose: str
    relays: tuple[str, ...]
    since: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Stream:
    """A connection somebody has through Tor, the circuit that carries it and its target ``HOST:PORT``."""

    state: str
    circuit: str
    target: str


class Control:
    """An authenticated control connection. Each method raises TorUnavailable once Tor is gone."""

    def __init__(self, endpoint: Endpoint) -> None:
        logging.getLogger("stem").setLevel(logging.ERROR)  # it reports each line it reads from a closing control port
        try:
            self._controller = Controller.from_port(address=endpoint.host, port=endpoint.port)
            self._controller.authenticate()
        except AuthenticationFailure as error:
            raise TorUnavailable(f"Tor's control port {endpoint} does not let us in: {error}") from error
        except ControllerError as error:
            raise TorUnavailable(f"no Tor answers at control port {endpoint}: {error}") from error

    @property
    def alive(self) -> bool:
        """Whether Tor still holds the other end."""
        return bool(self._controller.is_alive())

    def close(self) -> None:
        """Closes the connection; what it published is gone with it."""
        self._controller.close()

    def version(self) -> str:
        """Tor's own version."""
        return self._ask("version").split()[0]

    def socks(self) -> Endpoint:
        """Where Tor's first SOCKS port listens."""
        return Endpoint.parse(self._ask("net/listeners/socks").split()[0].strip('"'), "SOCKS port")

    def bootstrap(self) -> tuple[int, str]:
        """Percent of the way to a working Tor, and Tor's words for it."""
        words = _words(self._ask("status/bootstrap-phase"))
        return int(words.get("PROGRESS", 0)), words.get("SUMMARY", "")

    def network_up(self) -> bool:
        """Whether Tor has heard from its network lately: false where this machine's own line is cut."""
        return self._ask("network-liveness").strip() != "down"

    def traffic(self) -> int:
        """Bytes that this Tor has read from its network since it was started."""
        return int(self._ask("traffic/read"))

    def circuits(self) -> tuple[Circuit, ...]:
        """The circuits that stand or are being built."""
        return tuple(_circuit(line) for line in self._ask("circuit-status").splitlines() if line)

    def streams(self) -> tuple[Stream, ...]:
        """The connections through this Tor now."""
        rows = [line.split() for line in self._ask("stream-status").splitlines() if line]
        return tuple(Stream(state=row[1], circuit=row[2], target=row[3]) for row in rows)

    def close_circuits(self, user: str) -> int:
        """How many circuits of one SOCKS user were closed, his alone; his next connection builds new ones."""
        mine = [circuit for circuit in self.circuits() if circuit.user == user]
        for circuit in mine:
            self._say(f"CLOSECIRCUIT {circuit.number}")
        return len(mine)

    def add_client_key(self, label: str, key: str) -> None:
        """Lets this Tor into the onion service ``label`` (56 letters) with an x25519 private key in base32 or base64.

        Kept in memory only: a Tor that was started again must be told again.
        """
        answer = self._say(f"ONION_CLIENT_AUTH_ADD {label} x25519:{key}")
        if not answer.startswith("25"):
            raise TorUnavailable(f"Tor does not take the client key for {label}.onion: {answer}")

    def publish(self, port: int, key: str, client: str | None = None) -> OnionService:
        """An onion service whose port 80 leads to a loopback port, its descriptor uploaded.

        With ``client`` (an x25519 public key in base32) only its owner gets in.
        """
        for _ in range(_PUBLISH_TRIES):
            before = set(self._controller.list_ephemeral_hidden_services())
            try:
                return self._published(port, key, client)
            except Timeout as error:  # now and then no directory is reached for a while: begun anew, one is at once
                late = error
                for service in set(self._controller.list_ephemeral_hidden_services()) - before:
                    self._controller.remove_ephemeral_hidden_service(service)
            except ControllerError as error:
                raise TorUnavailable(f"the onion service for port {port} was not published: {error}") from error
        raise TorUnavailable(f"the onion service for port {port} was not published: {late}") from late

    def _published(self, port: int, key: str, client: str | None) -> OnionService:
        kind, _, content = key.partition(":")
        made = self._controller.create_ephemeral_hidden_service(
            {80: port},
            key_type=kind,
            key_content=content,
            await_publication=True,
            timeout=_PUBLISH_SECONDS,
            client_auth_v3=client,
        )
        kept = key if kind != "NEW" else f"{made.private_key_type}:{made.private_key}"
        return OnionService(host=f"{made.service_id}.onion", key=kept)

    def _ask(self, what: str) -> str:
        try:
            return str(self._controller.get_info(what))
        except ControllerError as error:
            raise TorUnavailable(f"Tor's control port went away: {error}") from error

    def _say(self, line: str) -> str:
        try:
            answer = self._controller.msg(line)
        except ControllerError as error:
            raise TorUnavailable(f"Tor's control port went away: {error}") from error
        return " ".join(f"{code} {words}" for code, _, words in answer.content())


def _words(answer: str) -> dict[str, str]:
    return {name: value.strip('"') for name, value in _WORD.findall(answer)}


def _circuit(line: str) -> Circuit:
    number, state, *more = line.split()
    words = _words(line)
    path = more[0] if more and more[0].startswith("$") else ""
    since = words.get("TIME_CREATED")
    return Circuit(
        number=number,
        user=words.get("SOCKS_USERNAME"),
        built=state == "BUILT",
        purpose=words.get("PURPOSE", ""),
        relays=tuple(relay[1:41] for relay in path.split(",") if relay),
        since=datetime.fromisoformat(since).replace(tzinfo=UTC) if since else None,
    )
