"""Leads gathered from the index: what was named or found, and the documents that belong to it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from crawler.model.errors import BadInput
from crawler.model.identity import stable_id
from index.store import Body, Store

KINDS = ("listing", "vendor", "capture")
_ID = re.compile(r"[0-9a-f]{6,64}")
_WHOLE = 32
_STORES_OWN = ("id", "kind")


@dataclass(frozen=True, kw_only=True, slots=True)
class Leads:
    """Documents of one kind by id, all documents that belong to them as (kind, id, body), and where they came from.

    ``found`` is how many there were in all; ``query`` is None where ids were named.
    """

    kind: str
    ids: tuple[str, ...]
    documents: tuple[tuple[str, str, dict[str, Any]], ...]
    found: int
    query: str | None = None


def named_leads(store: Store, kind: str, ids: Sequence[str]) -> Leads:
    """The documents of those ids, whole or cut short. Raises BadInput naming the first one nobody has."""
    _check_kind(kind)
    if not ids:
        raise BadInput(f"name a {kind} by its id, or search with --query")
    bodies = [_one(store, kind, id_.strip().lower()) for id_ in dict.fromkeys(ids)]
    return _leads(store, kind, bodies, len(bodies))


def found_leads(store: Store, kind: str, query: str, limit: int) -> Leads:
    """The first documents a query finds, newest or best first. Raises BadInput where there are none."""
    _check_kind(kind)
    hits = store.search(query, kind=kind, limit=limit)
    if not hits.bodies:
        raise BadInput(f"the query {query!r} finds no {kind}")
    return _leads(store, kind, hits.bodies, hits.total, query)


def _check_kind(kind: str) -> None:
    if kind not in KINDS:
        raise BadInput(f"a case holds {', '.join(KINDS)}, not {kind!r}")


def _one(store: Store, kind: str, id_: str) -> Body:
    if not _ID.fullmatch(id_):
        raise BadInput(f"{id_!r} is no id: ids are the hexadecimal words `npswatch search` prints first")
    body = store.get(kind, id_)
    if body is not None:
        return body
    hits = store.search(f"id:{id_}*", kind=kind, limit=2) if len(id_) < _WHOLE else None
    if hits is None or not hits.bodies:
        raise BadInput(f"the index has no {kind} {id_}; is it of another --kind, or gone?")
    if hits.total > 1:
        raise BadInput(f"{hits.total} of kind {kind} begin with {id_}; write more of the id")
    return hits.bodies[0]


def _leads(store: Store, kind: str, bodies: Sequence[Body], found: int, query: str | None = None) -> Leads:
    documents: dict[tuple[str, str], dict[str, Any]] = {}
    for body in _with_companions(store, kind, bodies):
        documents[(body["kind"], body["id"])] = _plain(body)
    return Leads(
        kind=kind,
        ids=tuple(dict.fromkeys(body["id"] for body in bodies)),
        documents=tuple((*key, body) for key, body in documents.items()),
        found=found,
        query=query,
    )


def _with_companions(store: Store, kind: str, bodies: Sequence[Body]) -> Iterator[Body]:
    """The documents themselves, their vendors, the sightings that differed, and the captures of them all."""
    gathered = list(bodies)
    if kind == "listing":
        vendors = sorted({_vendor_id(body) for body in bodies if body.get("vendor")})
        gathered += _in_order(store.get_many("vendor", vendors), vendors)
        for body in bodies:
            gathered += sorted(store.scan(f"listing:{body['id']}", "observation"), key=_when_seen)
    yield from gathered
    captures = list(dict.fromkeys(str(body["capture"]) for body in gathered if body.get("capture")))
    yield from _in_order(store.get_many("capture", captures), captures)


def _in_order(found: dict[str, Body], ids: Sequence[str]) -> list[Body]:
    return [found[id_] for id_ in ids if id_ in found]


def _when_seen(body: Body) -> tuple[str, str]:
    return str(body.get("seen", "")), body["id"]


def _vendor_id(body: Body) -> str:
    return stable_id("vendor", body["market"], body["vendor"].casefold())


def _plain(body: Body) -> dict[str, Any]:
    """The body without what the store put beside it, every string writable as UTF-8."""
    said = {name: value for name, value in body.items() if name not in _STORES_OWN}
    text = json.dumps(said, ensure_ascii=False).encode("utf-8", "replace").decode("utf-8")
    return dict(json.loads(text))
