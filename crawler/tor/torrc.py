"""What our own Tor clients are told: by us, and by the operator's ``tor.toml`` in the home."""

from __future__ import annotations

import ipaddress
import os
import re
import shutil
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crawler.model.errors import BadInput, TorUnavailable
from crawler.tor.endpoint import Endpoint

_TRANSPORT_PROGRAMS = ("lyrebird", "obfs4proxy")
_TRANSPORTS = frozenset({"obfs4"})
_FINGERPRINT = re.compile(r"[0-9A-Fa-f]{40}")
_CERTIFICATE = re.compile(r"cert=[A-Za-z0-9+/]{70}")
_KEYS = {"bridges": list, "transport_program": str, "extra": list}


@dataclass(frozen=True, kw_only=True, slots=True)
class TorSettings:
    """What the operator says of Tor in this home.

    ``bridges`` are bridge lines (``obfs4 IP:PORT FINGERPRINT cert=… iat-mode=0`` or ``IP:PORT FINGERPRINT``),
    ``transport_program`` the obfs4 program where it has no usual name, ``extra`` further lines of Tor's own
    configuration.
    """

    bridges: tuple[str, ...] = ()
    transport_program: str | None = None
    extra: tuple[str, ...] = ()

    @property
    def transports(self) -> tuple[str, ...]:
        """The pluggable transports the bridges speak; none for plain bridges."""
        first = (line.split()[0] for line in self.bridges)
        return tuple(dict.fromkeys(word for word in first if word in _TRANSPORTS))

    def transport(self) -> str | None:
        """The program that speaks the bridges' transport, if any. Raises TorUnavailable when it is not installed."""
        if not self.transports:
            return None
        path = os.environ.get("PATH", "") + ":/usr/sbin:/usr/bin"
        names = [self.transport_program] if self.transport_program else _TRANSPORT_PROGRAMS
        for name in names:
            if found := shutil.which(name, path=path):
                return found
        raise TorUnavailable(
            f"the bridges in tor.toml speak {', '.join(self.transports)} and no program for it is installed "
            f"({' or '.join(names)}); install Debian's package: apt-get install obfs4proxy"
        )


def read_tor_settings(path: Path) -> TorSettings:
    """What ``tor.toml`` says; the plain settings when there is none. Raises BadInput with every fault."""
    if not path.exists():
        return TorSettings()
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadInput(f"{path} cannot be read: {error}") from error
    if faults := _faults(table):
        raise BadInput(f"{path}: " + "; ".join(faults))
    return TorSettings(
        bridges=tuple(line.strip().removeprefix("Bridge ") for line in table.get("bridges", ())),
        transport_program=table.get("transport_program"),
        extra=tuple(table.get("extra", ())),
    )


def torrc(folder: Path, socks: Endpoint, control: Endpoint, settings: TorSettings) -> str:
    """The configuration of a client of ours that keeps its data in ``folder``.

    A SOCKS user name has circuits of its own, and they stay for as long as they are used.
    """
    return "\n".join(
        [
            f"DataDirectory {folder}/data",
            f"SocksPort {socks} IsolateSOCKSAuth KeepAliveIsolateSOCKSAuth ExtendedErrors",
            "SafeSocks 1",
            f"ControlPort {control}",
            "CookieAuthentication 1",
            f"CookieAuthFile {folder}/cookie",
            f"__OwningControllerProcess {os.getpid()}",
            "Log notice stdout",
            *_bridge_lines(settings),
            *settings.extra,
            "",
        ]
    )


def _bridge_lines(settings: TorSettings) -> list[str]:
    if not settings.bridges:
        return []
    lines = ["UseBridges 1", *(f"Bridge {line}" for line in settings.bridges)]
    if program := settings.transport():
        lines.append(f"ClientTransportPlugin {','.join(settings.transports)} exec {program}")
    return lines


def _faults(table: dict[str, Any]) -> list[str]:
    faults = [f"unknown key {key!r}" for key in sorted(table.keys() - _KEYS.keys())]
    faults += [
        f"{key} must be a {'list of strings' if kind is list else 'string'}"
        for key, kind in _KEYS.items()
        if key in table and not (isinstance(table[key], kind) and all(isinstance(each, str) for each in table[key]))
    ]
    if not faults:
        faults = [fault for line in table.get("bridges", ()) if (fault := _bridge_fault(line))]
        faults += [f"extra {line!r} must be one line" for line in table.get("extra", ()) if "\n" in line]
    return faults


def _bridge_fault(line: str) -> str | None:
    words = line.strip().removeprefix("Bridge ").split()
    transport = words.pop(0) if words and words[0][:1].isalpha() else None
    if transport is not None and transport not in _TRANSPORTS:
        return f"bridge {line!r}: the transport {transport!r} is unknown; obfs4 and plain bridges are read"
    if not words or not _is_address(words[0]):
        return f"bridge {line!r}: where it answers must be IP:PORT"
    if transport and (len(words) < 2 or not _FINGERPRINT.fullmatch(words[1])):
        return f"bridge {line!r}: its fingerprint must be 40 hex digits"
    if transport and not any(_CERTIFICATE.fullmatch(word) for word in words[2:]):
        return f"bridge {line!r}: an obfs4 bridge needs cert= with 70 characters"
    if not transport and words[1:] and not _FINGERPRINT.fullmatch(words[1]):
        return f"bridge {line!r}: its fingerprint must be 40 hex digits"
    return None


def _is_address(word: str) -> bool:
    host, _, port = word.rpartition(":")
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return port.isdecimal() and 0 < int(port) < 65536
