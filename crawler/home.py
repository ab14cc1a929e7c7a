"""The operator's home: where data, keys, sessions and private addresses lie."""

from __future__ import annotations

import base64
import binascii
import json
import os
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crawler.model.errors import BadInput
from crawler.model.onion import check_onion

HOME_VARIABLE = "NPSWATCH_HOME"
STORE_VARIABLE = "NPSWATCH_STORE"
_CLIENT_KEY_BYTES = 32
SHARED_VARIABLE = "NPSWATCH_SHARED"
SHARED_COPY = "shared"
"""Folder below a market's state with the working copy of what many machines share."""


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
        """Where our own Tor clients keep their data, one folder a client."""
        return self.folder / "tor"

    @property
    def tor_settings(self) -> Path:
        """Where the operator says what our Tor clients need here: bridges, a transport."""
        return self.folder / "tor.toml"

    @property
    def store(self) -> str:
        """The address of the embedded index of this home."""
        return f"sqlite:///{self.folder / 'index.db'}"

    def state(self, market: str) -> Path:
        """Where the frontier and the outbox of a market lie."""
        folder = self.folder / "state" / market
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return folder

    def shared_copy(self, market: str) -> Path:
        """Where the working copy of a market's state lies, which many machines share."""
        return self.state(market) / SHARED_COPY

    def templates(self, market: str) -> Path:
        """Where what a market taught the reader is kept, a file a version."""
        return self.folder / "templates" / market

    def markets(self) -> list[str]:
        """The markets this home knows addresses of."""
        return sorted(path.stem for path in (self.folder / "markets").glob("*.toml"))

    def addresses(self, market: str) -> tuple[str, ...]:
        """The accepted addresses of a market, in the order in which they are tried; empty when none are known.

        First the one that lived last, then the operator's, then those of the last signed list. Raises BadInput for a
        bad file.
        """
        facts = self.mirror_facts(market)
        removed, living = facts.get("removed", []), facts.get("living")
        signed = [address for address in facts.get("addresses", []) if address not in removed]
        known = dict.fromkeys((*self.own_addresses(market), *signed))
        return tuple(sorted(known, key=lambda address: address != living))

    def own_addresses(self, market: str) -> tuple[str, ...]:
        """The addresses the operator named. Raises BadInput for a bad file."""
        return tuple(str(address) for address in self._market_table(market).get("addresses", ()))

    def mirror_facts(self, market: str) -> dict[str, Any]:
        """What is kept of a market's mirrors: the last signed list, what the operator removed, what lived last."""
        path = self._mirrors_file(market)
        if not path.exists():
            return {}
        try:
            facts: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        except ValueError as error:
            raise BadInput(f"{path} cannot be read: {error}") from error
        return facts

    def keep_mirror_facts(self, market: str, facts: dict[str, Any]) -> None:
        """Keeps them."""
        _write_private(self._mirrors_file(market), json.dumps(facts, indent=1))

    def mirror_key_file(self, market: str) -> Path:
        """Where the key lies that signs a market's lists of mirrors."""
        return self.folder / "markets" / f"{market}.mirror-key.asc"

    def client_keys(self, market: str) -> dict[str, str]:
        """The x25519 keys that open a market's onion services to us, by the service's 56 letters.

        They stand in the market's file under ``[client_keys]``, each beside its host, in base32 or as Tor's own
        ``descriptor:x25519:KEY``. Raises BadInput for what is none.
        """
        keys = self._market_table(market).get("client_keys", {})
        if not isinstance(keys, dict):
            raise BadInput(f'{self.market_file(market)}: client_keys must be a table of host = "key"')
        return {check_onion(host): _client_key(host, str(key)) for host, key in keys.items()}

    def remember_addresses(self, market: str, addresses: tuple[str, ...]) -> None:
        """Keeps the addresses of a market for the next runs; what else its file says stays."""
        keys = self._market_table(market).get("client_keys", {})
        lines = "".join(f'    "{address}",\n' for address in addresses)
        table = "\n[client_keys]\n" + "".join(f'"{host}" = "{key}"\n' for host, key in keys.items()) if keys else ""
        _write_private(self.market_file(market), f"addresses = [\n{lines}]\n{table}")

    def market_file(self, market: str) -> Path:
        """Where the operator's private facts of a market lie."""
        return self.folder / "markets" / f"{market}.toml"

    def _mirrors_file(self, market: str) -> Path:
        return self.folder / "markets" / f"{market}.mirrors.json"

    def _market_table(self, market: str) -> dict[str, Any]:
        path = self.market_file(market)
        if not path.exists():
            return {}
        try:
            return tomllib.loads(path.read_text(encoding="utf-8"))
        except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise BadInput(f"{path} cannot be read: {error}") from error


def _write_private(path: Path, text: str) -> None:
    """Writes a file that only its owner reads, all or nothing."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_suffix(".draft")
    draft.touch(mode=0o600)
    draft.write_text(text, encoding="utf-8")
    draft.rename(path)


def _client_key(host: str, text: str) -> str:
    """The key in base64, as Tor's control port takes it."""
    try:
        raw = base64.b32decode(text.strip().rpartition(":")[2].upper() + "====")
    except binascii.Error:
        raw = b""
    if len(raw) != _CLIENT_KEY_BYTES:
        raise BadInput(f"the client key for {host} must be an x25519 private key: 52 letters and digits in base32")
    return base64.b64encode(raw).decode()


def default_home() -> Path:
    """The home the environment names, else the usual place for a user's data."""
    named = os.environ.get(HOME_VARIABLE)
    if named:
        return Path(named)
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "npswatch"
