"""The contract of both stores: documents are put, got, searched, counted and charted the same way everywhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from crawler.model.sighting import Document

Body = dict[str, Any]
"""A document's body as it was put, with its ``id`` and ``kind`` beside."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Rejection:
    """A document a store did not take: its kind and id, and why."""

    kind: str
    id: str
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Hits:
    """What a search found: how many in all, and the bodies of the page asked for."""

    total: int
    bodies: tuple[Body, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Point:
    """One interval of a series: its first moment, the number of values in it and what they come to.

    ``percentiles`` holds those asked for, by their number (50.0 is the median); the server's are estimates when an
    interval holds thousands of values.
    """

    time: datetime
    count: int
    minimum: float
    average: float
    maximum: float
    percentiles: dict[float, float]


class Store(Protocol):
    """Where documents are kept and found. Every method raises StoreUnavailable when the home cannot be reached.

    Queries are those of `index.query` and raise BadQuery; an unknown kind raises BadInput. Sorting is by ``field`` or
    ``-field``: documents without it come last both ways, ties by id. Without a sort, hits come by relevance when the
    query has words, else newest first. Methods may be called from several threads.
    """

    def put(self, documents: Sequence[Document]) -> tuple[Rejection, ...]:
        """The documents that were not taken; each of the others replaces the one with its kind and id."""
        ...

    def get(self, kind: str, id: str) -> Body | None:  # noqa: A002  # the contract's word
        """The body of one document with its id and kind, or None."""
        ...

    def get_many(self, kind: str, ids: Sequence[str]) -> dict[str, Body]:
        """The bodies of those that exist, by id."""
        ...

    def search(
        self, query: str, *, kind: str = "listing", limit: int = 20, offset: int = 0, sort: str | None = None
    ) -> Hits:
        """One page of what the query finds, and how many there are in all."""
        ...

    def scan(self, query: str, kind: str = "listing") -> Iterator[Body]:
        """All the query finds, by id, without a limit."""
        ...

    def count(self, query: str, kind: str = "listing") -> int:
        """How many documents the query finds."""
        ...

    def facets(
        self, query: str, fields: Sequence[str], kind: str = "listing", size: int = 20
    ) -> dict[str, list[tuple[str, int]]]:
        """For each field of words its most common values with their documents, most first, ties by value."""
        ...

    def series(
        self,
        query: str,
        *,
        kind: str = "listing",
        time_field: str,
        value_field: str,
        interval: str = "week",
        percentiles: Sequence[float] = (),
    ) -> list[Point]:
        """The values over time, by hour, day, week (from Monday), month or year in UTC; empty intervals left out."""
        ...

    def refresh(self) -> None:
        """Nothing; afterwards everything put before is found."""
        ...

    def close(self) -> None:
        """Nothing; gives back files and connections."""
        ...
