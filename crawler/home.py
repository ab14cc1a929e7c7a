"""The operator's home: where data, keys, sessions and private addresses lie."""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass
from pathlib import Path

from crawler.model.errors import BadInput

HOME_VARIABLE = "NPSWATCH_HOME"
STORE_VARIABLE = "NPSWATCH_STORE"
SHARED_VARIABLE = "NPSWATCH_SHARED"


@dataclass(frozen=True, kw_only=True, slots=True)
class Home:
    """A folder only its owner reads, and the places in it."""

    folder: Path

    @classmethod
    def at(cls, folder: Path) -> Home:
        """The home in a folder, which is made when missing. Raises BadInput when it cannot be."""
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise BadInput(
                f"the home {folder} cannot be made: {error.strerror}; name another with --home DIR"
            ) from error
        return cls(folder=folder.resolve())

    @property
    def captures(self) -> Path:
        """Where captures are kept, one folder a market."""
        return self.folder / "captures"

    @property
    def tor(self) -> Path:
        """Where our own Tor client keeps its data."""
        return self.folder / "tor"

    @property
    def store(self) -> str:
        """The address of the embedded index of this home."""
        return f"sqlite:///{self.folder / 'index.db'}"

    def state(self, market: str) -> Path:
        """Where the frontier and the outbox of a market lie."""
        folder = self.folder / "state" / market
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return folder

    def templates(self, market: str) -> Path:
        """Where what a market taught the reader is kept, a file a version."""
        return self.folder / "templates" / market

    def markets(self) -> list[str]:
        """The markets this home knows addresses of."""
        return sorted(path.stem for path in (self.folder / "markets").glob("*.toml"))

    def addresses(self, market: str) -> tuple[str, ...]:
        """The private addresses of a market, best first; empty when none are known. Raises BadInput for a bad file."""
        path = self._addresses_file(market)
        if not path.exists():
            return ()
        try:
            table = tomllib.loads(path.read_text(encoding="utf-8"))
        except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise BadInput(f"{path} cannot be read: {error}") from error
        return tuple(str(address) for address in table.get("addresses", ()))

    def remember_addresses(self, market: str, addresses: tuple[str, ...]) -> None:
        """Keeps the addresses of a market for the next runs."""
        path = self._addresses_file(market)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        lines = "".join(f'    "{address}",\n' for address in addresses)
        path.write_text(f"addresses = [\n{lines}]\n", encoding="utf-8")

    def _addresses_file(self, market: str) -> Path:
        return self.folder / "markets" / f"{market}.toml"


def default_home() -> Path:
    """The home the environment names, else the usual place for a user's data."""
    named = os.environ.get(HOME_VARIABLE)
    if named:
        return Path(named)
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "npswatch"
