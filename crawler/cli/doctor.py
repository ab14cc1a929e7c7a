"""`npswatch doctor` and `npswatch config show`: what this installation has, and what it would use."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import typer

from config.profiles import read_profiles
from crawler.cli.context import Context, JsonOption, StoreOption, print_json
from crawler.home import SHARED_COPY, SHARED_VARIABLE, Home
from crawler.model.errors import NpswatchError
from crawler.tor.client import tor_program
from crawler.tor.health import health_words, is_well, read_health
from crawler.tor.torrc import read_tor_settings

_LEAST_FREE_BYTES = 1 << 30


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One thing looked at, whether it is well, and what was seen or is to be done."""

    what: str
    well: bool
    words: str


def add_to(app: typer.Typer) -> None:
    """Adds both commands."""
    app.command(name="doctor")(doctor)
    config = typer.Typer(help="What the settings come to.", no_args_is_help=True)
    config.command(name="show")(config_show)
    config.callback()(_config)
    app.add_typer(config, name="config")


def _config() -> None:
    """What the settings come to."""


def doctor(context: typer.Context, store: StoreOption = None, as_json: JsonOption = False) -> None:
    """Look at Tor, the index, the home and the profiles, and say what is missing; also how Tor carries each crawl.

    Example: `npswatch doctor` ends with exit code 1 when something is not well.
    """
    base: Context = context.obj
    home = base.home
    findings = [
        _look("tor", lambda: _tor_version()),
        *([_look("tor.toml", lambda: _bridges(home))] if home.tor_settings.exists() else []),
        *_tor_health(home),
        _look("full text", _full_text),
        _look("index", lambda: _index(base.store(store))),
        *([_look("shared state", lambda: _shared(shared))] if (shared := os.environ.get(SHARED_VARIABLE)) else []),
        _look("home", lambda: _space(home)),
        _look("profiles", lambda: f"{len(read_profiles())} read without a fault"),
    ]
    for finding in findings:
        print_json({"what": finding.what, "well": finding.well, "words": finding.words}) if as_json else print(
            f"{'well' if finding.well else 'NOT WELL':8} {finding.what}: {finding.words}"
        )
    if not all(finding.well for finding in findings):
        raise typer.Exit(1)


def config_show(context: typer.Context, store: StoreOption = None, as_json: JsonOption = False) -> None:
    """Show home, index and the crawl's bounds as they would be used now.

    Example: `npswatch --home /srv/npswatch config show`
    """
    from config import settings

    base: Context = context.obj
    values: dict[str, Any] = {"home": str(base.home.folder), "store": _without_password(base.store(store))}
    names = (
        "DOWNLOAD_DELAY",
        "DOWNLOAD_TIMEOUT",
        "DOWNLOAD_MAXSIZE",
        "CONCURRENT_REQUESTS",
        "REDIRECT_MAX_TIMES",
        "USER_AGENT",
    )
    values |= {name.lower(): getattr(settings, name) for name in names}
    values |= {"markets": base.home.markets(), "profiles": sorted(read_profiles())}
    if as_json:
        print_json(values)
        return
    for name, value in values.items():
        print(f"{name} = {value}")


def _look(what: str, examine: Callable[[], str]) -> Finding:
    try:
        return Finding(what=what, well=True, words=examine())
    except (NpswatchError, OSError, sqlite3.Error) as error:
        return Finding(what=what, well=False, words=str(error))


def _tor_version() -> str:
    done = subprocess.run([tor_program(), "--version"], capture_output=True, text=True, check=False)
    return done.stdout.splitlines()[0] if done.stdout else "installed"


def _bridges(home: Home) -> str:
    settings = read_tor_settings(home.tor_settings)
    program = settings.transport()
    return f"{len(settings.bridges)} bridges" + (f", by {program}" if program else "")


def _tor_health(home: Home) -> Iterator[Finding]:
    state = home.folder / "state"
    for folder in sorted((*state.glob("*"), *state.glob(f"*/{SHARED_COPY}"))):
        if (facts := read_health(folder)) is not None:
            yield Finding(what=f"tor of {facts['market']}", well=is_well(facts), words=health_words(facts))


def _shared(address: str) -> str:
    from crawler.desk.key import passphrase_source
    from crawler.shared.server import SharedServer

    with closing(SharedServer(address)) as server:
        server.check()
    source = passphrase_source()
    return f"Redis at {server.host}:{server.port} answers; " + (
        f"the desk's sessions open with {source}" if source else "no passphrase: the desk's sessions do not open here"
    )


def _full_text() -> str:
    with sqlite3.connect(":memory:") as db:
        db.execute("CREATE VIRTUAL TABLE words USING fts5(text)")
    return f"SQLite {sqlite3.sqlite_version} with FTS5"


def _index(address: str) -> str:
    from index.opening import open_store

    store = open_store(address)
    try:
        return f"{_without_password(address)} holds {store.count('*')} listings"
    finally:
        store.close()


def _space(home: Home) -> str:
    free = shutil.disk_usage(home.folder).free
    if free < _LEAST_FREE_BYTES:
        raise OSError(f"only {free >> 20} MB are free at {home.folder}")
    return f"{home.folder}, {free >> 30} GB free"


def _without_password(address: str) -> str:
    before, at, after = address.rpartition("@")
    return f"{before.split('://')[0]}://…@{after}" if at else address
