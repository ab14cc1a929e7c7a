"""What every command needs: the home, the store, a way to speak to people and to programs."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crawler.home import STORE_VARIABLE, Home, default_home
from crawler.model.errors import BadInput

if TYPE_CHECKING:
    from crawler.tor.endpoint import Endpoint

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for programs instead of text for people.")]
TorSocksOption = Annotated[
    str | None, typer.Option(envvar="NPSWATCH_TOR_SOCKS", help="HOST:PORT of a Tor that runs already.")
]
TorControlOption = Annotated[
    str | None, typer.Option(envvar="NPSWATCH_TOR_CONTROL", help="HOST:PORT of its control port.")
]
StoreOption = Annotated[
    str | None,
    typer.Option(
        "--store", envvar=STORE_VARIABLE, help="sqlite:////absolute/file.db or http(s)://[user:pass@]host:9200."
    ),
]


def tor_endpoints(socks: str | None, control: str | None) -> tuple[Endpoint | None, Endpoint | None]:
    """SOCKS and control port of a Tor that runs already, as the options name them. Raises BadInput for faults."""
    from crawler.tor.endpoint import Endpoint

    if control and not socks:
        raise BadInput("--tor-control goes with --tor-socks")
    return (
        Endpoint.parse(socks, "--tor-socks") if socks else None,
        Endpoint.parse(control, "--tor-control") if control else None,
    )


def tor_arguments(socks: str | None, control: str | None) -> list[str]:
    """The same as options of a crawl that is a process of its own. Raises BadInput for faults."""
    named = zip(("--tor-socks", "--tor-control"), tor_endpoints(socks, control), strict=True)
    return [word for option, end in named if end is not None for word in (option, str(end))]


@dataclass(frozen=True, kw_only=True, slots=True)
class Context:
    """The choices made before the command's name."""

    home_folder: Path | None

    @property
    def home(self) -> Home:
        """The operator's home, made when missing."""
        return Home.at(self.home_folder or default_home())

    def store(self, named: str | None) -> str:
        """The address of the index: the one named, else the embedded one of this home."""
        return named or self.home.store


def print_json(value: Any) -> None:
    """One JSON value on a line of its own."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def printable(text: str) -> str:
    """Text from a market with nothing in it that a terminal would obey."""
    return "".join(char if char.isprintable() else "\ufffd" if char not in "\t\n" else " " for char in text)


def counted(number: int, one: str, many: str | None = None) -> str:
    """A number with its word: "1 case", "2 cases", "3 addresses"."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def on_terminal() -> bool:
    """Whether a person watches: progress is shown then, and only then."""
    return sys.stderr.isatty() and os.environ.get("TERM", "dumb") != "dumb"


def end_asked() -> Callable[[], bool]:
    """Tells, from now on, whether SIGTERM or Ctrl-C came."""
    came: list[int] = []
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, lambda number, _: came.append(number))
    return lambda: bool(came)
