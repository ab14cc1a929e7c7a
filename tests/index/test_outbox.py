from collections.abc import Sequence
from pathlib import Path

import pytest

from crawler.model.errors import StoreUnavailable
from crawler.model.sighting import Document
from index.outbox import Outbox
from index.store import Rejection, Store, open_store


def documents(count: int) -> list[Document]:
    return [
        Document(kind="listing", id=f"id{n}", body={"market": "m", "title": f"3-MMC {n}g", "url": f"http://x/{n}"})
        for n in range(count)
    ]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(f"sqlite:///{tmp_path}/index.db")


def test_what_was_posted_survives_the_death_of_its_process_and_is_delivered_in_order(
    tmp_path: Path, store: Store
) -> None:
    Outbox(tmp_path / "outbox.db").post(documents(700))  # never closed: the process died
    outbox = Outbox(tmp_path / "outbox.db")
    assert outbox.counts().waiting == 700
    assert outbox.deliver(store) == 700
    assert outbox.counts().waiting == 0
    assert store.count("*") == 700


def test_delivering_twice_changes_nothing(tmp_path: Path, store: Store) -> None:
    outbox = Outbox(tmp_path / "outbox.db")
    for _ in range(2):
        outbox.post(documents(5))
        outbox.deliver(store)
    assert store.count("*") == 5


def test_an_index_that_is_down_leaves_everything_waiting(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "outbox.db")
    outbox.post(documents(3))
    with pytest.raises(StoreUnavailable):
        outbox.deliver(open_store("http://127.0.0.1:9"))
    assert outbox.counts().waiting == 3


def test_a_refused_document_is_kept_with_the_reason_and_the_others_arrive(tmp_path: Path, store: Store) -> None:
    outbox = Outbox(tmp_path / "outbox.db")
    bad = Document(kind="listing", id="bad", body={"market": "m", "first_seen": "no date at all"})
    outbox.post([*documents(2), bad, *documents(4)[2:]])
    outbox.deliver(store)
    assert store.count("*") == 4
    assert (outbox.counts().waiting, outbox.counts().rejected) == (0, 1)
    ((kind, id_, reason),) = outbox.rejections()
    assert (kind, id_) == ("listing", "bad")
    assert "first_seen" in reason


def test_documents_posted_while_others_are_delivered_are_not_lost(tmp_path: Path, store: Store) -> None:
    outbox = Outbox(tmp_path / "outbox.db")
    outbox.post(documents(3))

    class Interrupted:
        """A store during whose work more arrives."""

        def put(self, taken: Sequence[Document]) -> tuple[Rejection, ...]:
            if taken[0].id == "id0":
                outbox.post(documents(6)[3:])
            return store.put(taken)

    outbox.deliver(Interrupted())  # type: ignore[arg-type]
    assert store.count("*") == 6
