"""A case gathered from Elasticsearch holds what one gathered from the embedded index holds."""

from __future__ import annotations

from collections.abc import Callable

from casework.cases.book import CaseBook
from crawler.model.sighting import Document
from index.opening import open_store
from index.store import Store
from tests.casework.cases.conftest import OFFICER


def test_both_stores_give_the_same_case(
    book: CaseBook, case_store: Store, new_elasticsearch_address: Callable[[], str]
) -> None:
    server = open_store(new_elasticsearch_address())
    for kind in ("listing", "vendor", "observation", "capture"):
        bodies = case_store.scan("*", kind)
        plain = [({k: v for k, v in body.items() if k not in ("id", "kind")}, body["id"]) for body in bodies]
        assert server.put([Document(kind=kind, id=id_, body=body) for body, id_ in plain]) == ()
    server.refresh()
    for number, store in (("sqlite", case_store), ("elasticsearch", server)):
        book.new_case(number, title="T", officer=OFFICER)
        book.add_found(number, "listing", "vendor:NordicLab", store=store, officer=OFFICER)
        some = store.search("market:сад", limit=1, sort="id").bodies[0]["id"]
        book.add_to_case(number, "listing", [some[:10]], store=store, officer=OFFICER)
    server.close()
    gathered = [
        {(each.kind, each.id, each.digest) for each in book.case(number).snapshots}
        for number in ("sqlite", "elasticsearch")
    ]
    assert gathered[0] == gathered[1]
    assert len(gathered[0]) > 12
