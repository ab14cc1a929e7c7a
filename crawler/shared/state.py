"""The state of a market on its way between the server and the worker that holds the market's lease."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from crawler.shared.lease import Lease
from crawler.shared.server import SharedServer, key
from crawler.shared.tables import SharedTables

_SCAN = 2000


class SharedState:
    """A market's files (frontier, outbox, register of lives) as a working copy of what the server holds.

    The copy is made anew with each lease; `flush` brings its changed rows to the server, all or none. What a worker
    did after its last flush is lost with it and done again by the next one: pages in flight, no others.
    """

    def __init__(self, server: SharedServer, market: str, folder: Path) -> None:
        self._server = server
        self._market = market
        self._folder = folder
        self._files: dict[str, SharedTables] = {}
        self.lease = Lease(server, market)

    def open(self) -> None:
        """Takes the lease and fills the folder. Raises HomeLocked when another worker has the market."""
        self.lease.take()
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir(parents=True, mode=0o700)
        with self.lease.kept():
            self.fill()

    def fill(self) -> None:
        """Fills the empty folder with what the server holds; without the lease it is to be looked at only."""
        with self._server.asked() as client:
            for file, statements in client.hgetall(self._key("schema")).items():
                tables = SharedTables(self._folder / file)
                tables.fill(json.loads(statements), self._rows(client, file))
                self._files[file] = tables

    def flush(self) -> int:
        """How many changed rows the server has taken now. Raises SharedStateUnavailable or LeaseLost; nothing is lost.

        The rows of all files go together: a page is never closed at the server before its documents are there.
        """
        self._look_for_files()
        batch = self._changes()
        if not batch:
            return 0
        commands = [command for of_file, _ in batch.values() for command in of_file]
        self.lease.write(commands)
        for file, (_, up_to) in batch.items():
            self._files[file].settle(up_to)
        return len(commands) - len(batch)

    def close(self) -> None:
        """Closes the files and lets the market go; what was not flushed is done again by the next worker."""
        self.close_files()
        self.lease.give_up()

    def close_files(self) -> None:
        """Closes the files alone."""
        for tables in self._files.values():
            tables.close()

    def _changes(self) -> dict[str, tuple[list[tuple[Any, ...]], int]]:
        """Commands and the last note they settle, by file."""
        batch = {}
        for file, tables in self._files.items():
            changed, up_to = tables.changes()
            if changed:
                commands: list[tuple[Any, ...]] = [
                    ("HDEL", self._key("rows", file, each.table), each.key)
                    if each.row is None
                    else ("HSET", self._key("rows", file, each.table), each.key, each.row)
                    for each in changed
                ]
                commands.append(("HSET", self._key("schema"), file, json.dumps(tables.schema())))
                batch[file] = commands, up_to
        return batch

    def _rows(self, client: Any, file: str) -> Any:
        prefix = self._key("rows", file, "")
        for name in sorted(client.scan_iter(match=f"{_literal(prefix)}*", count=_SCAN)):
            for _, row in client.hscan_iter(name, count=_SCAN):
                yield name.removeprefix(prefix), row

    def _look_for_files(self) -> None:
        for path in sorted(self._folder.glob("*.db")):
            if path.name not in self._files:
                self._files[path.name] = SharedTables(path)

    def _key(self, *parts: str) -> str:
        return key("market", self._market, *parts)


@contextmanager
def leased_copy(address: str, market: str, folder: Path) -> Iterator[Path]:
    """The folder, with the market's state in it and ours alone; changes are at the server when the context is left.

    Raises HomeLocked while a worker has the market, SharedStateUnavailable or LeaseLost where it cannot be brought
    back.
    """
    with closing(SharedServer(address)) as server:
        state = SharedState(server, market, folder)
        state.open()
        try:
            with state.lease.kept():
                yield folder
            state.flush()
        finally:
            state.close()


@contextmanager
def seen_copy(address: str, market: str) -> Iterator[Path]:
    """A folder with the market's state as the server has it now, to be looked at. Raises SharedStateUnavailable."""
    with closing(SharedServer(address)) as server, TemporaryDirectory(prefix="npswatch-") as folder:
        state = SharedState(server, market, Path(folder))
        state.fill()
        state.close_files()
        yield Path(folder)


def holds_rows(address: str, market: str, file: str, table: str) -> bool:
    """Whether the server has any row of a market's table."""
    with closing(SharedServer(address)) as server, server.asked() as client:
        return bool(client.hlen(key("market", market, "rows", file, table)))


def _literal(text: str) -> str:
    """Text as a pattern that matches it alone; names of markets hold none of a pattern's signs but these."""
    return text.replace("[", "\\[").replace("*", "\\*").replace("?", "\\?")
