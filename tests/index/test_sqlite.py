from __future__ import annotations

import threading
from pathlib import Path

import pytest

from crawler.model.errors import BadInput, StoreUnavailable
from crawler.model.sighting import Document
from index.opening import open_store
from index.sqlite import SqliteStore


def _listing(number: int, title: str = "3-MMC crystal") -> Document:
    return Document(kind="listing", id=f"l{number}", body={"title": title, "market": "birch"})


def test_what_was_put_is_there_after_closing_and_opening(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path}/deep/er/index.db"
    store = open_store(address)
    store.put([_listing(1)])
    store.close()
    again = open_store(address)
    assert [body["id"] for body in again.search("3mmc").bodies] == ["l1"]
    again.close()


def test_an_index_made_with_other_fields_is_made_anew_from_its_bodies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = SqliteStore(tmp_path / "index.db")
    store.put([_listing(number) for number in range(5)])
    store.close()
    monkeypatch.setattr("index.sqlite.field_table_digest", lambda: "another")
    again = SqliteStore(tmp_path / "index.db")
    assert again.count("crystal market:birch") == 5
    assert again.count("*") == 5
    again.close()


def test_threads_write_and_read_side_by_side(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "index.db")
    faults: list[BaseException] = []

    def work(first: int) -> None:
        try:
            for number in range(first, first + 20):
                store.put([_listing(number)])
                assert store.search("crystal", limit=5).total > 0
        except BaseException as fault:
            faults.append(fault)
            raise

    threads = [threading.Thread(target=work, args=(start,)) for start in (0, 20, 40, 60)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not faults
    assert store.count("*") == 80
    store.close()


def test_a_file_that_is_no_index_is_named_and_left_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("not an index " * 100)
    with pytest.raises(StoreUnavailable, match=r"notes\.txt"):
        open_store(f"sqlite:///{file}")
    assert file.read_text() == "not an index " * 100


def test_a_file_in_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(StoreUnavailable, match=r"index\.db"):
        open_store(f"sqlite:///{tmp_path}/file/index.db")


@pytest.mark.parametrize(
    "address", ["sqlite://relative.db", "sqlite:///", "mysql://host/db", "", "http://", "sqlite:x"]
)
def test_an_address_of_no_store_says_how_one_is_written(address: str) -> None:
    with pytest.raises(BadInput, match="sqlite:////absolute"):
        open_store(address)
