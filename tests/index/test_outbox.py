import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from crawler.model.errors import StoreUnavailable
from crawler.model.sighting import Document
from index.opening import open_store
from index.outbox import Outbox, Spool, Standing
from index.store import Rejection, Store

CHECKOUT = Path(__file__).parent.parent.parent


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
    (refused,) = outbox.refused()
    assert (refused.kind, refused.id) == ("listing", "bad")
    assert "first_seen" in refused.reason


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


def version(number: int, id_: str = "one", **more: object) -> Document:
    return Document(kind="listing", id=id_, body={"market": "m", "title": f"lot {number}"} | more)


BAD = version(0, "bad", first_seen="no date at all")


class Watched:
    """A store that remembers each batch it was given."""

    def __init__(self, store: Store) -> None:
        self.store, self.batches = store, list[list[Document]]()

    def put(self, documents: Sequence[Document]) -> tuple[Rejection, ...]:
        self.batches.append(list(documents))
        return self.store.put(documents)


def test_two_versions_of_a_document_never_travel_in_one_batch_and_the_later_one_stays(
    tmp_path: Path, store: Store
) -> None:
    outbox = Outbox(tmp_path / "outbox.db")
    outbox.post([version(1), version(7, "other"), version(2), version(3)])
    watched = Watched(store)
    outbox.deliver(watched)  # type: ignore[arg-type]
    assert [[each.body["title"] for each in batch] for batch in watched.batches] == [
        ["lot 1", "lot 7"], ["lot 2"], ["lot 3"],
    ]  # fmt: skip
    assert (store.get("listing", "one") or {})["title"] == "lot 3"


def test_a_refused_document_leaves_when_a_later_version_is_taken(tmp_path: Path, store: Store) -> None:
    outbox = Outbox(tmp_path / "outbox.db")
    outbox.post([BAD])
    outbox.deliver(store)
    outbox.post([version(2, "bad")])
    outbox.deliver(store)
    assert outbox.counts().rejected == 0
    assert outbox.retry() == 0


def test_a_refused_document_offered_again_never_replaces_a_later_one_that_waits(tmp_path: Path, store: Store) -> None:
    outbox = Outbox(tmp_path / "outbox.db")
    outbox.post([BAD])
    outbox.deliver(store)
    outbox.post([version(2, "bad")])
    assert outbox.retry() == 0
    outbox.deliver(store)
    assert (store.get("listing", "bad") or {})["title"] == "lot 2"


def test_what_was_refused_is_offered_again_or_dropped_by_an_act_that_is_noted(tmp_path: Path, store: Store) -> None:
    outbox = Outbox(tmp_path / "outbox.db")
    outbox.post([BAD, version(1)])
    outbox.deliver(store)
    assert outbox.retry() == 1
    outbox.deliver(store)
    assert outbox.drop("2026-01-01T00:00:00Z", "a date nobody can read") == 1
    assert (outbox.counts().rejected, outbox.counts().dropped) == (0, 1)
    (noted,) = outbox.dropped()
    assert (noted.id, noted.why, noted.time) == ("bad", "a date nobody can read", "2026-01-01T00:00:00Z")
    assert "first_seen" in noted.reason


def test_an_outbox_says_of_each_document_how_it_stands(tmp_path: Path, store: Store) -> None:
    spool: Spool = Outbox(tmp_path / "outbox.db")
    spool.post([BAD, version(1, "taken")])
    spool.deliver(store)
    spool.post([version(1, "late")])
    standing = spool.standing("listing", ["bad", "taken", "late", "unknown"])
    assert standing == Standing(waiting=frozenset({"late"}), rejected=frozenset({"bad"}), dropped=frozenset())


def test_two_processes_never_deliver_one_markets_documents_at_once(tmp_path: Path, store: Store) -> None:
    here, there = Outbox(tmp_path / "outbox.db"), Outbox(tmp_path / "outbox.db")
    here.post([version(1)])
    late: list[threading.Thread] = []

    class Slow:
        """A store in whose work another process starts to deliver a newer version."""

        def put(self, taken: Sequence[Document]) -> tuple[Rejection, ...]:
            if not late:
                there.post([version(2)])
                late.append(threading.Thread(target=there.deliver, args=(store,)))
                late[0].start()
                time.sleep(0.2)
                assert store.count("*") == 0, "the other one overtook"
            return store.put(taken)

    here.deliver(Slow())  # type: ignore[arg-type]
    late[0].join()
    assert (store.get("listing", "one") or {})["title"] == "lot 2"


def test_a_full_disk_is_said_in_a_sentence_and_all_or_nothing_was_kept(tmp_path: Path) -> None:
    program = (
        "import resource, signal, sys\n"
        "from pathlib import Path\n"
        "from crawler.model.errors import NoSpace\n"
        "from crawler.model.sighting import Document\n"
        "from index.outbox import Outbox\n"
        "outbox = Outbox(Path(sys.argv[1]))\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, resource.RLIM_INFINITY))\n"
        "post = lambda n: [Document(kind='listing', id=f'{n}-{i}', body={'title': 'x' * 900}) for i in range(10)]\n"
        "for n in range(1000):\n"
        "    try:\n"
        "        outbox.post(post(n))\n"
        "    except NoSpace as error:\n"
        "        print(n, error)\n"
        "        break\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "outbox.db")],
        capture_output=True, text=True, check=False, cwd=CHECKOUT,
    )  # fmt: skip
    kept, _, words = done.stdout.partition(" ")
    assert "cannot be written" in words, done.stdout + done.stderr
    assert "free space there" in words
    assert Outbox(tmp_path / "outbox.db").counts().waiting == int(kept) * 10
