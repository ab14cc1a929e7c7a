"""The account of a run: every response its archive holds is in the index, refused, waiting, or left to the next run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from crawler.model.errors import StoreUnavailable
from crawler.model.identity import stable_id
from index.outbox import Spool
from index.store import Store


@dataclass(frozen=True, kw_only=True, slots=True)
class Account:
    """How many responses the archive of a run holds, and where each of them is.

    ``captured`` is counted in the archive itself, ``indexed`` in the index itself: neither rests on the other, nor on
    the counters of the crawl. ``left`` were kept and not read, the next run reads them. ``fault`` says what does not
    add up.
    """

    captured: int = 0
    indexed: int = 0
    rejected: int = 0
    spooled: int = 0
    dropped: int = 0
    left: int = 0
    fault: str | None = None

    def as_fields(self) -> dict[str, int | bool]:
        """The account as it stands in a run document, numbers that are usually 0 only where they are not."""
        fields: dict[str, int | bool] = {"captured": self.captured, "indexed": self.indexed}
        fields |= {name: value for name, value in (("left", self.left), ("dropped", self.dropped)) if value}
        return fields | {"reconciled": self.fault is None}


def reconcile(
    record_ids: Sequence[str], market: str, spool: Spool, open_index: Callable[[], Store], left: Sequence[str] = ()
) -> Account:
    """The account of the responses a run kept, by the record ids in its archive.

    ``left`` are those its own process says it leaves to the next run. An index that cannot be asked is a fault of the
    account unless everything is accounted for without it.
    """
    ids = tuple(dict.fromkeys(_document_ids(market, record_ids)))
    standing = spool.standing("capture", ids)
    unasked = ""
    try:
        indexed = frozenset(open_index().get_many("capture", ids))
    except StoreUnavailable as error:
        indexed, unasked = frozenset(), str(error)
    rejected = standing.rejected - indexed
    waiting = standing.waiting - indexed - rejected
    dropped = standing.dropped - indexed - rejected - waiting
    known = indexed | rejected | waiting | dropped
    remaining = frozenset(_document_ids(market, left)) & frozenset(ids) - known
    return Account(
        captured=len(ids),
        indexed=len(indexed),
        rejected=len(rejected),
        spooled=len(waiting),
        dropped=len(dropped),
        left=len(remaining),
        fault=_fault(len(ids) - len(known | remaining), len(record_ids) - len(ids), unasked),
    )


def _document_ids(market: str, record_ids: Sequence[str]) -> list[str]:
    return [stable_id("capture", market, record) for record in record_ids]


def _fault(missing: int, twice: int, unasked: str) -> str | None:
    if missing and unasked:
        return f"{missing} captured pages could not be looked for in the index: {unasked}"
    if missing:
        return f"the account does not add up: {missing} captured pages are neither indexed, refused nor waiting"
    if twice:
        return f"the account does not add up: {twice} records of the archive bear the id of another"
    return None
