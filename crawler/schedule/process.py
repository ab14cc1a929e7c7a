"""Each crawl is a process of its own that ends with ours."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from crawler.home import SHARED_VARIABLE, STORE_VARIABLE, Home
from crawler.model.offspring import dies_with_parent, end
from crawler.schedule.entry import Outcome

_KEPT = 1 << 20  # characters of each stream, the last ones: a run document has some thousands
_JOIN_SECONDS = 2.0


class CrawlProcess:
    """A running `npswatch crawl`. Raises OSError or SubprocessError when it cannot be started."""

    def __init__(self, command: Sequence[str], environment: dict[str, str]) -> None:
        self._process = subprocess.Popen(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,  # Ctrl-C is for us; we end it once, a second signal would cut its own end short
            preexec_fn=dies_with_parent(),
        )
        self._printed, self._complained = _Tail(self._process.stdout), _Tail(self._process.stderr)

    def outcome(self) -> Outcome | None:
        """How it ended; None while it runs."""
        code = self._process.poll()
        if code is None:
            return None
        return Outcome(exit_code=code, printed=self._printed.text(), complained=self._complained.text())

    def ask_to_end(self) -> None:
        """Asks it to stop where it is; it keeps what waits for the next run."""
        self._process.terminate()

    def end(self) -> None:
        """Ends it, by force if need be."""
        end(self._process, grace=0.1)


class Crawls:
    """Starts the crawls of a home; ``arguments`` go to each of them."""

    def __init__(
        self, home: Home, arguments: Sequence[str] = (), store: str | None = None, shared: str | None = None
    ) -> None:
        self._home = home
        self._arguments = tuple(arguments)
        servers = {STORE_VARIABLE: store, SHARED_VARIABLE: shared}  # no arguments: those are seen by all users
        self._servers = {name: address for name, address in servers.items() if address}

    def start(self, market: str) -> CrawlProcess:
        """A crawl of a market. Raises OSError or SubprocessError when the process cannot be started."""
        command = [sys.executable, "-m", "crawler.cli.app", "--home", str(self._home.folder)]
        command += ["crawl", market, "--json", *self._arguments]
        return CrawlProcess(command, dict(os.environ) | self._servers)

    def state(self, market: str) -> Path:
        """Where the market's lock lies. Raises OSError when its folder cannot be made."""
        return self._home.state(market)


class _Tail:
    """The last characters of a stream, read as they come so that the writer never waits."""

    def __init__(self, stream: IO[bytes] | None) -> None:
        self._stream = stream
        self._kept = bytearray()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def text(self) -> str:
        self._reader.join(_JOIN_SECONDS)
        return bytes(self._kept).decode(errors="replace")

    def _read(self) -> None:
        if self._stream is None:
            return
        with self._stream as stream:
            while chunk := os.read(stream.fileno(), 1 << 16):
                self._kept += chunk
                del self._kept[:-_KEPT]
