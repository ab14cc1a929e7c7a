"""The rows of a desk that many machines share: each works on a copy, the server has what all of them wrote."""

from __future__ import annotations

import logging
import secrets
import time
from pathlib import Path
from typing import Any

from redis.exceptions import WatchError

from crawler.model.errors import BadInput
from crawler.shared.server import SharedServer, key
from crawler.shared.tables import SharedTables

_LOG = logging.getLogger(__name__)
_ROWS, _VERSION, _SALT = key("desk", "rows"), key("desk", "version"), key("desk", "salt")
_SALT_BYTES = 32
_LEFT_ALONE_SECONDS = 5.0


class SharedRows:
    """Brings a desk's file and the server to the same rows; a row that another machine wrote meanwhile wins.

    While the server is away the desk works on with what it has; what was written then goes there as soon as it can.
    """

    def __init__(self, path: Path, address: str) -> None:
        self._server = SharedServer(address)
        self._tables = SharedTables(path)
        self._tables.fill((), ())
        self._known: dict[tuple[str, str], str] = {}
        self._version: str | None = None
        self._not_before = 0.0

    def exchange(self) -> None:
        """Takes what others wrote and gives what was written here."""
        if time.monotonic() < self._not_before:
            return
        try:
            with self._server.asked() as client:
                while not self._exchanged(client):
                    pass
        except BadInput as error:
            _LOG.warning("the shared desk waits: %s", error)
            self._not_before = time.monotonic() + _LEFT_ALONE_SECONDS

    def number(self, table: str) -> int:
        """A number no machine has given to a row of this table. Raises SharedStateUnavailable."""
        with self._server.asked() as client:
            return int(client.incr(key("desk", "ids", table)))

    def salt(self) -> bytes:
        """The salt with which every machine makes the same key of the same passphrase; no secret of its own.

        Raises SharedStateUnavailable.
        """
        with self._server.asked() as client:
            client.setnx(_SALT, secrets.token_bytes(_SALT_BYTES).hex())
            return bytes.fromhex(client.get(_SALT))

    def close(self) -> None:
        """Gives what is left to give, then ends the connection."""
        self.exchange()
        self._tables.close()
        self._server.close()

    def _exchanged(self, client: Any) -> bool:
        with client.pipeline() as line:
            line.watch(_VERSION)
            version = line.get(_VERSION)
            if version != self._version:
                self._take(line.hgetall(_ROWS))
                self._version = version
            changed, up_to = self._tables.changes()
            if not changed:
                return True
            rows = {(each.table, each.key): each.row for each in changed if each.row is not None}
            line.multi()
            line.hset(_ROWS, mapping={f"{table} {pk}": row for (table, pk), row in rows.items()})
            line.incr(_VERSION)
            try:
                *_, now = line.execute()
            except WatchError:
                return False
        self._known.update(rows)
        self._version = str(now)
        self._tables.settle(up_to)
        return True

    def _take(self, told: dict[str, str]) -> None:
        """Takes rows that changed at the server; of those met for the first time, none that waits to go there."""
        rows = {(name.partition(" ")[0], name.partition(" ")[2]): row for name, row in told.items()}
        waiting = {(each.table, each.key) for each in self._tables.changes()[0]}
        ours = waiting - self._known.keys()
        news = {at: row for at, row in rows.items() if self._known.get(at) != row and at not in ours}
        self._tables.take_in((table, pk, row) for (table, pk), row in news.items())
        self._known = rows
