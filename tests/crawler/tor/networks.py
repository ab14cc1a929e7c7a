"""Homes whose own Tor clients live in the shared private network."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from crawler.home import Home
from crawler.model.onion import onion_checksum


def home_in(network: dict[str, str], folder: Path, **settings: str) -> Home:
    """A home whose Tor clients are part of the private network; ``settings`` go into its ``tor.toml`` as they are."""
    home = Home.at(folder)
    extra = ",\n".join(f"    '''{line}'''" for line in network["membership"].splitlines())
    more = "".join(f"{name} = {value}\n" for name, value in settings.items())
    home.tor_settings.write_text(f"{more}extra = [\n{extra}\n]\n")
    return home


def processes_of(folder: Path) -> list[int]:
    """The living processes whose command line names a folder."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if str(folder) in (entry / "cmdline").read_text().replace("\0", " "):
                found.append(int(entry.name))
        except OSError:
            continue
    return found


def tor_process(folder: Path) -> int:
    """The process number of the folder's tor."""
    return next(pid for pid in processes_of(folder) if Path(f"/proc/{pid}/comm").read_text().strip() == "tor")


def wait_for(condition: Callable[[], object], seconds: float = 30.0) -> None:
    limit = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < limit, "it did not come to pass"
        time.sleep(0.1)


def unpublished_onion() -> str:
    """A valid address of a service that nobody has published."""
    key = Ed25519PrivateKey.generate().public_key().public_bytes_raw()
    return base64.b32encode(key + onion_checksum(key) + b"\x03").decode().lower() + ".onion"
