"""Market profiles: what an operator states about a market, read from ``config/markets/*.toml``."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from config.manners import Hours, manner_faults, read_hours
from config.selectors import css_fault, selector_faults
from crawler.model.errors import BadInput, BadProfile
from crawler.model.page import PageType

MARKETS_FOLDER = Path(__file__).parent / "markets"
SOFTWARE_FOLDER = Path(__file__).parent / "software"
MARKETS_VARIABLE = "NPSWATCH_MARKETS"
MINIMUMS = ("pages", "listings", "vendors")
_NAME = re.compile(r"[a-z][a-z0-9_-]{1,40}")
_FIELD = re.compile(r"(?:listing|vendor)\.[a-z_]{2,20}")
_FINGERPRINT = re.compile(r"[0-9A-Fa-f]{40}(?:[0-9A-Fa-f]{24})?")
_KINDS = ("market", "shop", "forum")
_LED_TO = tuple(kind.value for kind in PageType if kind not in (PageType.GATE, PageType.OTHER))
_DEFAULT_PACE = 1.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Profile:
    """A market as its operator describes it.

    ``pace`` is requests a second (None: no limit). ``entry_paths`` are where a run begins. ``clear_net`` lists the
    host names that may be read through a Tor exit because this is a clear-net shop. ``minimums`` are the least
    pages, listings and vendors a run must see, ``fill`` the least share of pages (0 to 1) that must fill a field
    (``listing.price``). ``addresses`` says which page type the address shapes lead to (``/item/#`` → listing).
    ``robots`` says whether robots.txt is obeyed; left out, it is for clear-net shops. ``daily_pages`` is the most that
    are asked for in a day of the ``zone``, ``hours`` the parts of that day in which the market is crawled (without any:
    always), ``revisit`` the usual hours between two readings of a page of a kind, ``bounds`` what ends a trap.
    ``selectors`` correct single fields (``listing.title`` → CSS); those of the ``software`` the market runs on
    (``config/software/<name>.toml``) stand below the market's own. ``mirror_paths`` are where the market publishes its
    mirrors, in a list signed by the key with the full fingerprint ``mirror_key``. ``signed_in`` is CSS for what every
    page shows to somebody signed in and none to a visitor; ``patience`` how many seconds a run waits at the desk for a
    session.
    """

    name: str
    kind: str = "market"
    title: str | None = None
    pace: float | None = _DEFAULT_PACE
    entry_paths: tuple[str, ...] = ("/",)
    clear_net: tuple[str, ...] = ()
    software: str | None = None
    minimums: dict[str, int] = field(default_factory=dict)
    fill: dict[str, float] = field(default_factory=dict)
    addresses: dict[str, str] = field(default_factory=dict)
    selectors: dict[str, str] = field(default_factory=dict)
    robots: bool | None = None
    daily_pages: int | None = None
    hours: tuple[Hours, ...] = ()
    zone: str = "UTC"
    revisit: dict[str, float] = field(default_factory=dict)
    bounds: dict[str, int] = field(default_factory=dict)
    mirror_key: str | None = None
    mirror_paths: tuple[str, ...] = ()
    signed_in: str | None = None
    patience: int | None = None

    @property
    def keeps_to_robots(self) -> bool:
        """Whether the market's robots.txt is kept to: as the profile says, else for clear-net shops."""
        return bool(self.clear_net) if self.robots is None else self.robots


def check_name(name: str) -> None:
    """Raises BadInput for what cannot be the name of a market."""
    if not _NAME.fullmatch(name) or name == "market":
        raise BadInput(f'{name!r} cannot be a market\'s name: 2 to 41 lower case letters, digits, - and _, no "market"')


def markets_folder() -> Path:
    """Where profiles lie: the folder the environment variable ``NPSWATCH_MARKETS`` names, else the checkout's."""
    named = os.environ.get(MARKETS_VARIABLE)
    return Path(named) if named else MARKETS_FOLDER


def read_profiles(folder: Path | None = None) -> dict[str, Profile]:
    """All profiles of a folder by name. Raises BadProfile with the faults of every file that has some."""
    found, faulty = [], []
    for path in sorted((folder or markets_folder()).glob("*.toml")):
        try:
            found.append(read_profile(path))
        except BadProfile as error:
            faulty.append((path.stem, error))
    if len(faulty) == 1:
        raise faulty[0][1]
    if faulty:
        raise BadProfile(
            ", ".join(name for name, _ in faulty),
            tuple(f"{name}: {fault}" for name, error in faulty for fault in error.faults),
        )
    return {profile.name: profile for profile in found}


def read_profile(path: Path) -> Profile:
    """The profile a file holds. Raises BadProfile with every fault, BadInput for a file that is not there."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadInput(f"{path}: cannot be read as a profile: {error}") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadProfile(path.stem, (f"{path} is no TOML: {error}",)) from error
    shared, software_faults = _software(table.get("software"))
    faults = (*_faults(path, table), *software_faults)
    if faults:
        raise BadProfile(path.stem, faults)
    return _profile(table, shared)


def software_names() -> list[str]:
    """The market scripts and shop systems that have a profile of their own."""
    return sorted(path.stem for path in SOFTWARE_FOLDER.glob("*.toml"))


def _software(name: object) -> tuple[dict[str, str], list[str]]:
    """The selectors shared by markets that run on this software, and what is wrong with its name or file."""
    if name is None:
        return {}, []
    if name not in software_names():
        return {}, [f"software {name!r} has no file in {SOFTWARE_FOLDER}; there are: {', '.join(software_names())}"]
    try:
        selectors = tomllib.loads((SOFTWARE_FOLDER / f"{name}.toml").read_text(encoding="utf-8"))["selectors"]
    except (KeyError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        return {}, [f"the file of software {name} cannot be read: {error!r}"]
    faults = [f"software {name}: {fault}" for fault in _selector_faults(selectors)]
    return ({} if faults else selectors), faults


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
        fill={name: float(share) for name, share in table.get("fill", {}).items()},
        addresses=dict(table.get("addresses", {})),
        selectors=shared | dict(table.get("selectors", {})),
        robots=table.get("robots"),
        daily_pages=table.get("daily_pages"),
        hours=read_hours(table),
        zone=table.get("zone", "UTC"),
        revisit={kind: float(hours) for kind, hours in table.get("revisit", {}).items()},
        bounds=dict(table.get("bounds", {})),
        mirror_key=table["mirror_key"].replace(" ", "").upper() if "mirror_key" in table else None,
        mirror_paths=tuple(table.get("mirror_paths", ())),
        signed_in=table.get("signed_in"),
        patience=table.get("patience"),
    )


_KEYS = frozenset(field for field in Profile.__dataclass_fields__)


def _faults(path: Path, table: dict[str, Any]) -> Iterator[str]:
    yield from (f"unknown key {key!r}" for key in sorted(table.keys() - _KEYS))
    name = table.get("name")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        yield "name must be lower case letters, digits, - and _"
    elif name != path.stem:
        yield f"name {name!r} must be the file's name {path.stem!r}"
    if table.get("kind", "market") not in _KINDS:
        yield f"kind must be one of {', '.join(_KINDS)}"
    if not isinstance(table.get("title", ""), str):
        yield "title must be a string"
    pace = table.get("pace", _DEFAULT_PACE)
    if pace != "none" and not (_is_number(pace) and pace > 0):
        yield 'pace must be requests a second, above 0, or "none"'
    yield from manner_faults(table)
    yield from _desk_faults(table)
    yield from _list_faults(table)
    yield from _mirror_faults(table)
    yield from _minimum_faults(table)
    yield from _fill_faults(table)
    yield from _address_faults(table)
    yield from _selector_faults(table.get("selectors", {}))


def _desk_faults(table: dict[str, Any]) -> Iterator[str]:
    patience, marker = table.get("patience", 0), table.get("signed_in", "*")
    if not isinstance(patience, int) or isinstance(patience, bool) or patience < 0:
        yield "patience must be whole seconds from 0 on"
    if not isinstance(marker, str):
        yield "signed_in must be a CSS selector"
    elif fault := css_fault(marker):
        yield f"signed_in is no CSS: {fault}"


def _list_faults(table: dict[str, Any]) -> Iterator[str]:
    for key in ("entry_paths", "clear_net", "mirror_paths"):
        members = table.get(key, [])
        if not isinstance(members, list) or not all(isinstance(member, str) for member in members):
            yield f"{key} must be a list of strings"
        elif key != "clear_net" and not all(member.startswith("/") for member in members):
            yield f"each of {key} must begin with /"


def _mirror_faults(table: dict[str, Any]) -> Iterator[str]:
    key = table.get("mirror_key")
    if key is not None and not (isinstance(key, str) and _FINGERPRINT.fullmatch(key.replace(" ", ""))):
        yield "mirror_key must be the full fingerprint of a PGP key: 40 or 64 hex digits"
    if table.get("mirror_paths") and key is None:
        yield "mirror_paths need the mirror_key that signs what stands there"


def _minimum_faults(table: dict[str, Any]) -> Iterator[str]:
    members = table.get("minimums", {})
    if not isinstance(members, dict):
        yield "minimums must be a table of whole numbers"
        return
    for name, least in members.items():
        if name not in MINIMUMS:
            yield f"minimums.{name} is none of {', '.join(MINIMUMS)}"
        if not isinstance(least, int) or isinstance(least, bool) or least < 0:
            yield f"minimums.{name} must be a whole number from 0 on"


def _fill_faults(table: dict[str, Any]) -> Iterator[str]:
    members = table.get("fill", {})
    if not isinstance(members, dict):
        yield "fill must be a table of shares"
        return
    for name, share in members.items():
        if not _FIELD.fullmatch(name):
            yield f"fill.{name} names no field; use listing.FIELD or vendor.FIELD in quotes"
        if not _is_number(share) or not 0 <= share <= 1:
            yield f"fill.{name} must be a share from 0 to 1"


def _address_faults(table: dict[str, Any]) -> Iterator[str]:
    members = table.get("addresses", {})
    if not isinstance(members, dict):
        yield "addresses must be a table of page types"
        return
    for shape, kind in members.items():
        if not shape.startswith("/"):
            yield f"addresses: the shape {shape!r} must begin with / (no host: addresses belong into the home)"
        if kind not in _LED_TO:
            yield f"addresses: {shape!r} must lead to one of {', '.join(_LED_TO)}"


def _selector_faults(selectors: object) -> list[str]:
    if not isinstance(selectors, dict) or not all(isinstance(css, str) for css in selectors.values()):
        return ["selectors must be a table of strings"]
    return selector_faults(selectors)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
