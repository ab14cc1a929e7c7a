"""The outbox before a real Elasticsearch whose door misbehaves."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from crawler.model.errors import StoreUnavailable
from crawler.model.sighting import Document
from index.opening import open_store
from index.outbox import Outbox
from index.store import Store
from tests.index.standin import StandIn, stand_in


@pytest.fixture
def door(new_elasticsearch_address: Callable[[], str]) -> Iterator[tuple[StandIn, Store, Store]]:
    """The door before a server, the store through it, and the store past it."""
    address = new_elasticsearch_address()
    prefix = address.rpartition("/")[2]
    with stand_in(address.rpartition("/")[0]) as state:
        past, through = open_store(address), open_store(f"{state.address}/{prefix}")
        yield state, through, past
        through.close()
        past.close()


def filled(folder: Path, count: int = 30) -> Outbox:
    outbox = Outbox(folder / "outbox.db")
    bodies = [{"market": "m", "title": f"lot {n}"} for n in range(count)]
    outbox.post([Document(kind="listing", id=f"id{n}", body=body) for n, body in enumerate(bodies)])
    return outbox


def held(past: Store) -> int:
    past.refresh()
    return past.count("*")


@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_server_is_asked_again_until_it_takes_all(
    tmp_path: Path, door: tuple[StandIn, Store, Store], status: int
) -> None:
    state, through, past = door
    asked: Counter[str] = Counter()

    def busy_twice(path: str) -> tuple[int, dict[str, str]] | None:
        asked[path] += 1
        return (status, {"error": "busy"}) if "_bulk" in path and asked[path] < 3 else None

    state.rule = busy_twice
    outbox = filled(tmp_path)
    for _ in range(4):
        try:
            outbox.deliver(through)
        except StoreUnavailable:
            assert outbox.counts().waiting == 30
    assert (outbox.counts().waiting, held(past)) == (0, 30)


def test_a_line_cut_after_the_server_took_the_documents_makes_no_second_copy(
    tmp_path: Path, door: tuple[StandIn, Store, Store]
) -> None:
    state, through, past = door
    state.cut = lambda path: "_bulk" in path
    outbox = filled(tmp_path)
    with pytest.raises(StoreUnavailable, match="cannot be reached"):
        outbox.deliver(through)
    assert (outbox.counts().waiting, held(past)) == (30, 30)
    state.cut = lambda path: False
    outbox.deliver(through)
    assert (outbox.counts().waiting, held(past)) == (0, 30)


def test_a_server_that_never_answers_is_given_up_and_everything_waits(
    tmp_path: Path, new_elasticsearch_address: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.elasticsearch_client._ANSWER_SECONDS", 5.0)
    address = new_elasticsearch_address()
    open_store(address).close()
    free = threading.Event()
    with stand_in(address.rpartition("/")[0]) as state:
        through = open_store(f"{state.address}/{address.rpartition('/')[2]}")
        state.rule = lambda path: (free.wait(30), None)[1] if "_bulk" in path else None
        outbox = filled(tmp_path)
        with pytest.raises(StoreUnavailable, match="cannot be reached"):
            outbox.deliver(through)
        assert outbox.counts().waiting == 30
        through.close()
        free.set()
        monkeypatch.undo()
        with closing(open_store(f"{state.address}/{address.rpartition('/')[2]}")) as answering:
            outbox.deliver(answering)
    assert outbox.counts().waiting == 0


def test_a_request_too_large_for_the_servers_door_is_cut_until_only_the_one_document_is_refused(
    tmp_path: Path, door: tuple[StandIn, Store, Store]
) -> None:
    state, through, past = door
    state.largest = 8_000
    outbox = filled(tmp_path, 40)
    outbox.post([Document(kind="listing", id="huge", body={"market": "m", "title": "x" * 9_000})])
    outbox.deliver(through)
    assert (outbox.counts().waiting, outbox.counts().rejected, held(past)) == (0, 1, 40)
    (refused,) = outbox.refused()
    assert (refused.id, refused.reason[:3]) == ("huge", "413")


def test_one_document_of_a_bulk_the_server_refuses_is_kept_with_its_reason_and_the_others_arrive(
    tmp_path: Path, door: tuple[StandIn, Store, Store]
) -> None:
    _, through, past = door
    outbox = filled(tmp_path, 5)
    outbox.post([Document(kind="listing", id="odd", body={"market": "m", "price": {"amount": "a lot"}})])
    outbox.deliver(through)
    assert held(past) == 5
    (refused,) = outbox.refused()
    assert refused.id == "odd"
    assert "price.amount" in refused.reason
