"""The store on a server: Elasticsearch through its official client, one versioned index and alias a kind.

``npswatch-listing`` is an alias of ``npswatch-listing-000001``. When the fields, the folding or a template change, the
next index is filled from the bodies of the one before, and the alias moves; writers are refused (and keep what they
have) meanwhile.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, TypeVar

import elasticsearch
from elastic_transport import ObjectApiResponse
from elasticsearch import helpers

from crawler.model.errors import StoreUnavailable
from crawler.model.sighting import Document
from index.address import ElasticsearchAddress
from index.elasticsearch_client import client_of
from index.elasticsearch_indices import Indices, found_by
from index.elasticsearch_query import ID, Clause, clause, order, shown_path, sort_path
from index.entry import Entry, Unfit, entry
from index.fields import kind_named
from index.query import Sort, parse, parse_sort, scored
from index.series import Interval, facet_field, moment_of, series_fields
from index.store import Body, Hits, Point, Rejection

_WINDOW = 10_000
_SCAN_PAGE = 500
_CHUNK = 500
_CHUNK_BYTES = 8_000_000
_BUSY = (429, 502, 503, 504)
_RETRIES = 5
_FIRST_PAUSE = 0.2
_LONGEST_PAUSE = 5.0
_TOO_LARGE = 413
_REFUSED_FOR_GOOD = (400, _TOO_LARGE)
_KEEP_OPEN = "2m"

Answer = TypeVar("Answer")


class ElasticsearchStore:
    """A store on a server; makes its indices where they are missing. Keeps the contract of `index.store.Store`."""

    def __init__(self, address: ElasticsearchAddress) -> None:
        self._address = address
        self._client = client_of(address)
        self._indices = Indices(self._client, address.prefix)
        try:
            with self._reaching():
                self._patiently(self._indices.prepare)
        except StoreUnavailable:
            self._client.close()
            raise

    def put(self, documents: Sequence[Document]) -> tuple[Rejection, ...]:
        """See `index.store.Store.put`; when StoreUnavailable is raised some may have been taken, none is damaged."""
        rejected = []
        actions = []
        for document in documents:
            try:
                actions.append(self._action(entry(document)))
            except Unfit as unfit:
                rejected.append(Rejection(kind=document.kind, id=document.id, reason=str(unfit)))
        with self._reaching():
            rejected.extend(self._write(actions))
        return tuple(rejected)

    def get(self, kind: str, id: str) -> Body | None:  # noqa: A002
        """See `index.store.Store.get`."""
        return self.get_many(kind, [id]).get(id)

    def get_many(self, kind: str, ids: Sequence[str]) -> dict[str, Body]:
        """See `index.store.Store.get_many`."""
        index = self._alias(kind)
        found: dict[str, Body] = {}
        for start in range(0, len(ids), _SCAN_PAGE):
            ask = partial(
                self._client.mget, index=index, ids=list(ids[start : start + _SCAN_PAGE]), source_excludes=["find"]
            )
            found.update((hit["_id"], _body(kind, hit)) for hit in self._asked(ask)["docs"] if hit.get("found"))
        return found

    def search(
        self, query: str, *, kind: str = "listing", limit: int = 20, offset: int = 0, sort: str | None = None
    ) -> Hits:
        """See `index.store.Store.search`."""
        node = parse(query, kind)
        asked = parse_sort(sort, kind) if sort else None
        by = _order(kind, asked, by_words=asked is None and bool(scored(node)))
        limit, offset = max(limit, 0), max(offset, 0)
        if offset + limit > _WINDOW:
            return self._deep(kind, clause(node), by, limit, offset)
        answer = self._search(kind, query=clause(node), sort=by, size=limit, from_=offset, track_total_hits=True)
        return Hits(total=_total(answer), bodies=tuple(_body(kind, hit) for hit in answer["hits"]["hits"]))

    def scan(self, query: str, kind: str = "listing") -> Iterator[Body]:
        """See `index.store.Store.scan`; sees the index as it was when the scan began."""
        for hit in self._walk(kind, clause(parse(query, kind)), [{ID: "asc"}], _SCAN_PAGE, source=True):
            yield _body(kind, hit)

    def count(self, query: str, kind: str = "listing") -> int:
        """See `index.store.Store.count`."""
        query_clause, index = clause(parse(query, kind)), self._alias(kind)
        return int(self._asked(lambda: self._client.count(index=index, query=query_clause))["count"])

    def facets(
        self, query: str, fields: Sequence[str], kind: str = "listing", size: int = 20
    ) -> dict[str, list[tuple[str, int]]]:
        """See `index.store.Store.facets`."""
        asked = [facet_field(name, kind_named(kind)) for name in fields]
        by = [{"_count": "desc"}, {"_key": "asc"}]
        counts = {field.name: {"terms": {"field": shown_path(field), "size": size, "order": by}} for field in asked}
        answer = self._search(kind, query=clause(parse(query, kind)), size=0, aggregations=counts)
        return {field.name: _counted(answer["aggregations"][field.name]) for field in asked} if asked else {}

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
        """See `index.store.Store.series`."""
        when, value = series_fields(time_field, value_field, kind_named(kind))
        values: Clause = {"stats": {"stats": {"field": sort_path(value)}}}
        if percentiles:
            field = sort_path(value)
            values["percents"] = {"percentiles": {"field": field, "percents": list(percentiles), "keyed": False}}
        width = Interval.named(interval).value
        over: Clause = {"field": sort_path(when), "calendar_interval": width, "min_doc_count": 1}
        answer = self._search(
            kind,
            query=clause(parse(query, kind)),
            size=0,
            aggregations={"points": {"date_histogram": over, "aggregations": values}},
        )
        buckets = answer["aggregations"]["points"]["buckets"]
        return [_point(bucket) for bucket in buckets if bucket["stats"]["count"]]

    def refresh(self) -> None:
        """Nothing; afterwards everything put before is found."""
        self._asked(lambda: self._client.indices.refresh(index=self._indices.all_aliases()))

    def close(self) -> None:
        """Nothing; the connections are closed."""
        self._client.close()

    def _alias(self, kind: str) -> str:
        return self._indices.alias(kind_named(kind).name)

    def _action(self, made: Entry) -> dict[str, Any]:
        document = made.document
        return {
            "_op_type": "index",
            "_index": self._alias(document.kind),
            "_id": document.id,
            "_source": {**document.body, "find": found_by(made)},
        }

    def _write(self, actions: list[dict[str, Any]]) -> list[Rejection]:
        """Those the server refused; a request it calls too large is cut in two until it is one document's fault."""
        try:
            return self._written(actions)
        except elasticsearch.ApiError as error:
            if error.status_code != _TOO_LARGE:
                raise
            if len(actions) == 1:
                kind, reason = self._indices.kind_of(actions[0]["_index"]), _reason(error.body)
                return [Rejection(kind=kind, id=actions[0]["_id"], reason=f"{error.status_code}: {reason}")]
        half = len(actions) // 2
        return self._write(actions[:half]) + self._write(actions[half:])

    def _written(self, actions: list[dict[str, Any]]) -> list[Rejection]:
        answers = helpers.streaming_bulk(
            self._client,
            actions,
            chunk_size=_CHUNK,
            max_chunk_bytes=_CHUNK_BYTES,
            raise_on_error=False,
            max_retries=_RETRIES,
            initial_backoff=_FIRST_PAUSE,
            max_backoff=_LONGEST_PAUSE,
            retry_on_status=_BUSY,
            require_alias=True,
        )
        return [self._rejection(answer["index"]) for taken, answer in answers if not taken]

    def _rejection(self, answer: dict[str, Any]) -> Rejection:
        error = answer.get("error")
        reason = _reason(error)
        if answer["status"] not in _REFUSED_FOR_GOOD:
            raise StoreUnavailable(f"the index at {self._address.shown()} takes nothing now: {reason}")
        return Rejection(kind=self._indices.kind_of(answer["_index"]), id=answer["_id"], reason=reason)

    def _deep(self, kind: str, query: Clause, by: list[Clause], limit: int, offset: int) -> Hits:
        """A page beyond the server's window, reached by walking to it; bodies are fetched for that page alone."""
        total = self._search(kind, query=query, size=0, track_total_hits=True)
        wanted: list[str] = []
        for place, hit in enumerate(self._walk(kind, query, by, _WINDOW, source=False)):
            if place >= offset + limit:
                break
            if place >= offset:
                wanted.append(hit["_id"])
        bodies = self.get_many(kind, wanted)
        return Hits(total=_total(total), bodies=tuple(bodies[id_] for id_ in wanted if id_ in bodies))

    def _walk(self, kind: str, query: Clause, by: list[Clause], page: int, *, source: bool) -> Iterator[dict[str, Any]]:
        """All hits in order, from one point in time."""
        index = self._alias(kind)
        opened = self._asked(lambda: self._client.open_point_in_time(index=index, keep_alive=_KEEP_OPEN))
        pit, after = str(opened["id"]), None
        try:
            while True:
                answer = self._page_after(pit, query, by, page, after, source=source)
                hits = answer["hits"]["hits"]
                yield from hits
                if len(hits) < page:
                    return
                pit, after = answer["pit_id"], hits[-1]["sort"]
        finally:
            self._asked(lambda: self._client.close_point_in_time(id=pit))

    def _page_after(
        self, pit: str, query: Clause, by: list[Clause], page: int, after: list[Any] | None, *, source: bool
    ) -> ObjectApiResponse[Any]:
        return self._asked(
            lambda: self._client.search(
                pit={"id": pit, "keep_alive": _KEEP_OPEN},
                query=query,
                sort=by,
                size=page,
                search_after=after,
                track_total_hits=False,
                source={"excludes": ["find"]} if source else False,
            )
        )

    def _search(self, kind: str, **request: Any) -> ObjectApiResponse[Any]:
        index = self._alias(kind)
        return self._asked(lambda: self._client.search(index=index, source_excludes=["find"], **request))

    def _asked(self, ask: Callable[[], Answer]) -> Answer:
        with self._reaching():
            return self._patiently(ask)

    def _patiently(self, ask: Callable[[], Answer]) -> Answer:
        """The answer, asked again after growing pauses while the server says it is busy."""
        pause = _FIRST_PAUSE
        for _ in range(_RETRIES):
            try:
                return ask()
            except elasticsearch.ApiError as error:
                if error.status_code not in _BUSY:
                    raise
            time.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)
        return ask()

    @contextmanager
    def _reaching(self) -> Iterator[None]:
        shown = self._address.shown()
        try:
            yield
        except elasticsearch.UnsupportedProductError as error:
            raise StoreUnavailable(f"what answers at {shown} is no Elasticsearch") from error
        except (elasticsearch.AuthenticationException, elasticsearch.AuthorizationException) as error:
            raise StoreUnavailable(f"the index at {shown} refuses this user: {_reason(error.body)}") from error
        except elasticsearch.ApiError as error:
            raise StoreUnavailable(
                f"the index at {shown} answers {error.status_code}: {_reason(error.body)}"
            ) from error
        except elasticsearch.TransportError as error:
            raise StoreUnavailable(f"the index at {shown} cannot be reached: {error}") from error


def _order(kind: str, sort: Sort | None, *, by_words: bool) -> list[Clause]:
    if by_words:
        return [{"_score": "desc"}, {ID: "asc"}]
    named = kind_named(kind)
    return order(sort or Sort(field=named.fields[named.newest], descending=True))


def _body(kind: str, hit: dict[str, Any]) -> Body:
    return {**hit["_source"], "id": hit["_id"], "kind": kind}


def _total(answer: ObjectApiResponse[Any]) -> int:
    return int(answer["hits"]["total"]["value"])


def _counted(aggregation: dict[str, Any]) -> list[tuple[str, int]]:
    buckets = aggregation["buckets"]
    return [(str(bucket.get("key_as_string", bucket["key"])), int(bucket["doc_count"])) for bucket in buckets]


def _point(bucket: dict[str, Any]) -> Point:
    stats = bucket["stats"]
    percents = bucket.get("percents", {}).get("values", [])
    return Point(
        time=moment_of(bucket["key"]),
        count=int(stats["count"]),
        minimum=stats["min"],
        average=stats["avg"],
        maximum=stats["max"],
        percentiles={each["key"]: each["value"] for each in percents},
    )


def _reason(error: Any) -> str:
    """The server's own words, with those of the cause."""
    if isinstance(error, dict) and isinstance(error.get("error"), dict):
        error = error["error"]
    if not isinstance(error, dict):
        return str(error)[:400]
    cause = error.get("caused_by", {}).get("reason")
    reason = str(error.get("reason") or error.get("type"))
    return f"{reason}: {cause}"[:400] if cause else reason[:400]
