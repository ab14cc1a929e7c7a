"""Market profiles: what an operator states about a market, read from ``config/markets/*.toml`` and the home."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from crawler.model.errors import BadInput, BadProfile

MARKETS_FOLDER = Path(__file__).parent / "markets"
SOFTWARE_FOLDER = Path(__file__).parent / "software"
_NAME = re.compile(r"[a-z][a-z0-9_-]{1,40}")
_KINDS = ("market", "shop", "forum")
_DEFAULT_PACE = 1.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Profile:
    """A market as its operator describes it.

    ``pace`` is requests a second (None: no limit). ``entry_paths`` are where a run begins. ``clear_net`` lists the
    host names that may be read through a Tor exit because this is a clear-net shop. ``minimums`` are the least
    pages, listings and vendors a run must see. ``selectors`` correct single fields (``listing.title`` → CSS); those of
    the ``software`` the market runs on (``config/software/<name>.toml``) stand below the market's own.
    """

    name: str
    kind: str = "market"
    title: str | None = None
    pace: float | None = _DEFAULT_PACE
    entry_paths: tuple[str, ...] = ("/",)
    clear_net: tuple[str, ...] = ()
    software: str | None = None
    minimums: dict[str, int] = field(default_factory=dict)
    selectors: dict[str, str] = field(default_factory=dict)


def read_profiles(folder: Path = MARKETS_FOLDER) -> dict[str, Profile]:
    """All profiles of a folder by name. Raises BadProfile for the first file with faults."""
    return {profile.name: profile for profile in map(read_profile, sorted(folder.glob("*.toml")))}


def read_profile(path: Path) -> Profile:
    """The profile a file holds. Raises BadProfile with every fault, BadInput for a file that cannot be read."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadInput(f"{path}: cannot be read as a profile: {error}") from error
    faults = tuple(_faults(path, table))
    if faults:
        raise BadProfile(path.stem, faults)
    return _profile(table, _software_selectors(table.get("software")))


def _software_selectors(name: str | None) -> dict[str, str]:
    """The selectors shared by markets that run on this software; none where no file describes it."""
    path = SOFTWARE_FOLDER / f"{name}.toml"
    if name is None or not path.is_file():
        return {}
    try:
        selectors = tomllib.loads(path.read_text(encoding="utf-8")).get("selectors", {})
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadInput(f"{path}: cannot be read: {error}") from error
    if not isinstance(selectors, dict) or not all(isinstance(css, str) for css in selectors.values()):
        raise BadProfile(name, ("selectors must be a table of str",))
    return selectors


def _profile(table: dict[str, Any], shared: dict[str, str]) -> Profile:
    pace = table.get("pace", _DEFAULT_PACE)
    return Profile(
        name=table["name"],
        kind=table.get("kind", "market"),
        title=table.get("title"),
        pace=None if pace == "none" else float(pace),
        entry_paths=tuple(table.get("entry_paths", ("/",))),
        clear_net=tuple(host.lower() for host in table.get("clear_net", ())),
        software=table.get("software"),
        minimums=dict(table.get("minimums", {})),
        selectors=shared | dict(table.get("selectors", {})),
    )


_KEYS = frozenset({"name", "kind", "title", "pace", "entry_paths", "clear_net", "software", "minimums", "selectors"})


def _faults(path: Path, table: dict[str, Any]) -> list[str]:
    faults = [f"unknown key {key!r}" for key in sorted(table.keys() - _KEYS)]
    name = table.get("name")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        faults.append("name must be lower case letters, digits, - and _")
    elif name != path.stem:
        faults.append(f"name {name!r} must be the file's name {path.stem!r}")
    if "software" in table and not (isinstance(table["software"], str) and _NAME.fullmatch(table["software"])):
        faults.append("software must be lower case letters, digits, - and _")
    if table.get("kind", "market") not in _KINDS:
        faults.append(f"kind must be one of {', '.join(_KINDS)}")
    pace = table.get("pace", _DEFAULT_PACE)
    if pace != "none" and not (isinstance(pace, int | float) and pace > 0):
        faults.append('pace must be requests a second, above 0, or "none"')
    return faults + _list_faults(table) + _table_faults(table)


def _list_faults(table: dict[str, Any]) -> list[str]:
    faults = [
        f"{key} must be a list of strings"
        for key in ("entry_paths", "clear_net")
        if not all(isinstance(member, str) for member in table.get(key, ()))
    ]
    paths = table.get("entry_paths", ())
    if not faults and not all(path.startswith("/") for path in paths):
        faults.append("each of entry_paths must begin with /")
    return faults


def _table_faults(table: dict[str, Any]) -> list[str]:
    faults = []
    for key, kind in (("minimums", int), ("selectors", str)):
        members = table.get(key, {})
        if not isinstance(members, dict) or not all(isinstance(value, kind) for value in members.values()):
            faults.append(f"{key} must be a table of {kind.__name__}")
    return faults
