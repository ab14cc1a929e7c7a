"""The keeper: a process that keeps one Tor client running for as long as somebody uses it.

The process that crawls must not start programs once its guard is closed; so a Tor that died is started again from
here, on the same ports, and the crawl finds it where it was. Locks say who is there, and die with their processes:
each user shares ``users.lock``, the one keeper of a folder holds ``keeper.lock``.
"""

from __future__ import annotations

import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from crawler.model.errors import NpswatchError
from crawler.model.offspring import end
from crawler.tor.client import last_words, start_tor
from crawler.tor.endpoint import Endpoint
from crawler.tor.torrc import TorSettings, read_tor_settings, torrc

_POLL_SECONDS = 0.2
_UNUSED_SECONDS = 3.0
_TAKE_OVER_SECONDS = 5.0
_SHORT_LIFE_SECONDS = 10.0
_LONGEST_WAIT = 30.0
PORTS, FAULT, LOG, KEEPER_LOCK = "ports.json", "fault", "tor.log", "keeper.lock"


@contextmanager
def used(folder: Path) -> Iterator[None]:
    """Says that the Tor of this folder is used, until the context is left or the process ends."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (folder / "users.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_SH)
        yield


def start_keeper(folder: Path, settings_file: Path) -> subprocess.Popen[bytes]:
    """A keeper for the folder in a session of its own; it ends at once where another keeps the folder already."""
    (folder / FAULT).unlink(missing_ok=True)
    return subprocess.Popen(
        [sys.executable, "-m", "crawler.tor.keeper", str(folder), str(settings_file)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        cwd=Path(__file__).parent.parent.parent,
    )


def is_kept(folder: Path) -> bool:
    """Whether a keeper is there for the folder's Tor; one that was killed is not, and its Tor died with it."""
    with (folder / KEEPER_LOCK).open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def kept_ports(folder: Path) -> tuple[Endpoint, Endpoint] | None:
    """SOCKS and control port of the folder's Tor; None before its first start."""
    try:
        ports = json.loads((folder / PORTS).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return _endpoint(ports["socks"]), _endpoint(ports["control"])


def _endpoint(port: int) -> Endpoint:
    return Endpoint(host="127.0.0.1", port=port)


def keep(folder: Path, settings: TorSettings) -> None:
    """Keeps the folder's Tor running until nobody has used it for some seconds.

    What a Tor says that ends at once of its own is left in the file ``fault`` for whoever waits for it.
    """
    with _only_keeper(folder) as alone, (folder / "users.lock").open("w") as users:
        if not alone:
            return
        socks, control = _choose_ports(folder)
        (folder / "torrc").write_text(torrc(folder, socks, control, settings), encoding="utf-8")
        use = _Use(users.fileno())
        short_lives = 0
        while (lived := _live(folder, use)) is not None:
            short_lives = short_lives + 1 if lived < _SHORT_LIFE_SECONDS else 0
            until = time.monotonic() + min(_LONGEST_WAIT, _POLL_SECONDS * 2 ** min(short_lives, 10))
            while time.monotonic() < until:
                if use.over():
                    return
                time.sleep(_POLL_SECONDS)


def _live(folder: Path, use: _Use) -> float | None:
    """How many seconds a Tor lived; None when it was ended because nobody uses it."""
    if (folder / LOG).exists():
        (folder / LOG).rename(folder / f"{LOG}.before")
    born = time.monotonic()
    process = start_tor(folder / "torrc", folder / LOG)
    try:
        while process.poll() is None:
            if use.over():
                return None
            time.sleep(_POLL_SECONDS)
    finally:
        end(process)
    if process.returncode > 0:
        (folder / FAULT).write_text(f"Tor did not start; its last words: {last_words(folder / LOG)}", encoding="utf-8")
    return time.monotonic() - born


class _Use:
    """Whether anybody still shares the lock of a folder's users."""

    def __init__(self, lock: int) -> None:
        self._lock = lock
        self._seen = time.monotonic()

    def over(self) -> bool:
        """Whether nobody has for some seconds; newcomers then wait until this process has ended."""
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._seen = time.monotonic()
            return False
        if time.monotonic() - self._seen > _UNUSED_SECONDS:
            return True
        fcntl.flock(self._lock, fcntl.LOCK_UN)
        return False


@contextmanager
def _only_keeper(folder: Path) -> Iterator[bool]:
    """Whether this process is the folder's only keeper; one that is just ending is waited for."""
    with (folder / KEEPER_LOCK).open("w") as lock:
        limit = time.monotonic() + _TAKE_OVER_SECONDS
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > limit:
                    yield False
                    return
                time.sleep(_POLL_SECONDS)
            else:
                yield True
                return


def _choose_ports(folder: Path) -> tuple[Endpoint, Endpoint]:
    """The ports of last time, so that who knew them finds Tor again; others where somebody else has taken them."""
    ports = kept_ports(folder)
    if ports is None or not all(map(_is_free, ports)):
        sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
        numbers = [each.getsockname()[1] for each in sockets]
        for each in sockets:
            each.close()
        ports = _endpoint(numbers[0]), _endpoint(numbers[1])
        draft = folder / f"{PORTS}.draft"
        draft.write_text(json.dumps({"socks": numbers[0], "control": numbers[1]}), encoding="utf-8")
        draft.rename(folder / PORTS)
    return ports


def _is_free(endpoint: Endpoint) -> bool:
    try:
        socket.create_server((endpoint.host, endpoint.port)).close()
    except OSError:
        return False
    return True


def main(folder: Path, settings_file: Path) -> int:
    """The keeper as a program: 0 when it is no longer needed, 2 with a sentence in ``fault`` for what went wrong."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        keep(folder, read_tor_settings(settings_file))
    except (NpswatchError, OSError) as error:
        (folder / FAULT).write_text(str(error), encoding="utf-8")
        return 2
    return 0


if __name__ == "__main__":
    os.umask(0o077)
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
