"""The nodes of the private network: what each one's configuration says."""

from __future__ import annotations

import os
import re
import secrets
import socket
import subprocess
from dataclasses import dataclass
from pathlib import Path

from crawler.model.errors import TorUnavailable
from crawler.tor.client import tor_program

_COMMON = """DataDirectory {folder}
Nickname {name}
RunAsDaemon 0
Log notice stdout
__OwningControllerProcess {pid}
{membership}
"""
# Circuits on loopback take milliseconds. A Tor that learns from them how long one may take gives it up after fifty,
# and so all of them for half a minute when the processors are busy.
_MEMBERSHIP = """TestingTorNetwork 1
PathsNeededToBuildCircuits 0.25
TestingClientDownloadInitialDelay 0
TestingServerDownloadInitialDelay 0
TestingClientConsensusDownloadInitialDelay 0
TestingServerConsensusDownloadInitialDelay 0
LearnCircuitBuildTimeout 0
CircuitBuildTimeout 10
{authorities}"""
_RELAY = """SocksPort 0
Address 127.0.0.1
OutboundBindAddress 127.0.0.1
ORPort 127.0.0.1:{or_port}
AssumeReachable 1
ExitRelay 0
ContactInfo none
"""
# Voting: a first consensus after FIRST_VOTE_SECONDS, then one every 20 s. The first must know every relay, or clients
# wait for the second: nodes start just after a moment divisible by it, which leaves relays four seconds to publish.
FIRST_VOTE_SECONDS = 8
_AUTHORITY = """DirPort 127.0.0.1:{dir_port}
AuthoritativeDirectory 1
V3AuthoritativeDirectory 1
TestingV3AuthInitialVotingInterval {first_vote}
TestingV3AuthInitialVoteDelay 2
TestingV3AuthInitialDistDelay 2
V3AuthVotingInterval 20
V3AuthVoteDelay 2
V3AuthDistDelay 2
TestingDirAuthVoteGuard *
TestingDirAuthVoteExit *
TestingDirAuthVoteHSDir *
TestingMinExitFlagThreshold 0
"""
_CLIENT = """SocksPort 127.0.0.1:auto IsolateSOCKSAuth KeepAliveIsolateSOCKSAuth ExtendedErrors
SafeSocks 1
ControlPort 127.0.0.1:auto
ControlPortWriteToFile {folder}/control-port
CookieAuthentication 1
CookieAuthFile {folder}/cookie
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Authority:
    """A directory authority: its folder, ports, and the line by which the others know it."""

    name: str
    folder: Path
    or_port: int
    dir_port: int
    line: str


def free_ports(count: int) -> list[int]:
    """Ports of 127.0.0.1 that nobody uses now."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]
    finally:
        for each in sockets:
            each.close()


def make_authority(folder: Path, name: str, or_port: int, dir_port: int) -> Authority:
    """An authority with keys of its own, not yet running."""
    keys = folder / "keys"
    keys.mkdir(parents=True, mode=0o700)
    folder.chmod(0o700)
    identity = _vote_identity(keys, dir_port)
    fingerprint = _relay_fingerprint(folder, name, or_port)
    line = f"DirAuthority {name} orport={or_port} no-v2 v3ident={identity} 127.0.0.1:{dir_port} {fingerprint}"
    return Authority(name=name, folder=folder, or_port=or_port, dir_port=dir_port, line=line)


def _vote_identity(keys: Path, dir_port: int) -> str:
    reader, writer = os.pipe()
    os.write(writer, secrets.token_hex(16).encode() + b"\n")
    os.close(writer)
    try:
        command = ["tor-gencert", "--create-identity-key", "-m", "12", "-a", f"127.0.0.1:{dir_port}"]
        command += ["--passphrase-fd", str(reader)]
        subprocess.run(command, cwd=keys, pass_fds=[reader], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise TorUnavailable(f"no authority keys for the private network: tor-gencert failed: {error}") from error
    finally:
        os.close(reader)
    found = re.search(r"^fingerprint ([0-9A-F]{40})$", (keys / "authority_certificate").read_text(), re.MULTILINE)
    if found is None:
        raise TorUnavailable("tor-gencert wrote no fingerprint")
    return found[1]


def _relay_fingerprint(folder: Path, name: str, or_port: int) -> str:
    torrc = folder / "torrc"
    nobody = f"{name} 127.0.0.1:1 {'f' * 40}"
    torrc.write_text(f"DataDirectory {folder}\nNickname {name}\nORPort {or_port}\nDirAuthority {nobody}\n")
    command = [tor_program(), "--list-fingerprint", "--hush", "-f", str(torrc)]
    made = subprocess.run(command, capture_output=True, text=True, check=False)
    found = re.search(rf"^{name} ([0-9A-F ]{{40,60}})$", made.stdout, re.MULTILINE)
    if found is None:
        raise TorUnavailable(f"tor made no relay keys: {made.stdout} {made.stderr}")
    return found[1].replace(" ", "")


def membership(lines: str) -> str:
    """What any Tor is told to be part of the network whose authorities these lines name."""
    return _MEMBERSHIP.format(authorities=lines)


def _common(folder: Path, name: str, lines: str) -> str:
    return _COMMON.format(folder=folder, name=name, pid=os.getpid(), membership=membership(lines))


def authority_torrc(authority: Authority, lines: str) -> str:
    """The configuration of a directory authority."""
    return (
        _common(authority.folder, authority.name, lines)
        + _RELAY.format(or_port=authority.or_port)
        + _AUTHORITY.format(dir_port=authority.dir_port, first_vote=FIRST_VOTE_SECONDS)
    )


def relay_torrc(folder: Path, name: str, or_port: int, lines: str) -> str:
    """The configuration of a relay."""
    return _common(folder, name, lines) + _RELAY.format(or_port=or_port)


def client_torrc(folder: Path, name: str, lines: str) -> str:
    """The configuration of a client, which may also host onion services."""
    return _common(folder, name, lines) + _CLIENT.format(folder=folder)
