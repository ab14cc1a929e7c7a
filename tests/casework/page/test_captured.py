from __future__ import annotations

from pathlib import Path

import pytest

from casework.page.captured import captured_page, page_text
from crawler.model.errors import BadInput
from crawler.model.sighting import Document
from evidence.record import KeptRecord
from index.opening import open_store
from index.store import Store
from tests.casework.page.made_market import listing_id


def _record(body: bytes, kind: str = "text/html") -> KeptRecord:
    return KeptRecord(
        record_id="<urn:uuid:1>",
        url="http://a.example/",
        time="2026-01-01T00:00:00Z",
        status=200,
        headers=(("Content-Type", kind),),
        body=body,
        payload_digest="sha256:",
    )


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"<h1>One</h1><p>two <b>words</b></p><script>no()</script><style>p{}</style>three", "One\ntwo words\nthree"),
        ("<meta charset=windows-1251><p>Мефедрон".encode("cp1251"), "Мефедрон"),
        ("<p>Мефедрон</p>".encode("utf-16"), "Мефедрон"),
        (b"<table><tr><td>a</td><td>b</td></tr></table>", "a\nb"),
        (b"<a href=/1>One</a><a href=/2>T<b>wo</b></a>", "One Two"),
        (b"<img alt='jar'><input type=submit value=Buy>", "[picture: jar] [Buy]"),
        ("<p><b>Рейтинг</b><i>нет</i></p>".encode(), "Рейтинг нет"),
        (b"<svg><text>x</text></svg>after<!-- hidden --><template>t</template>", "after"),
        (b"", ""),
        (b"<?xml version='1.0' encoding='latin-1'?><p>ok", "ok"),
    ],
)
def test_a_page_as_text_is_what_a_reader_would_see(body: bytes, expected: str) -> None:
    assert page_text(_record(body)) == expected


def test_a_page_nested_without_end_gives_text_all_the_same() -> None:
    assert "deep" in page_text(_record(b"<div>" * 200 + b"deep" + b"<b>" * 100_000))


def test_a_binary_is_said_to_be_no_text() -> None:
    with pytest.raises(BadInput, match="no text"):
        page_text(_record(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(range(256)) * 4))


def test_a_capture_on_disk_is_verified_against_the_index(made_store: Store, made_home: Path) -> None:
    listing = made_store.get("listing", listing_id(7))
    assert listing is not None
    page = captured_page(made_store, made_home / "captures", listing["capture"])
    assert page is not None
    assert page.verified
    assert "Ships from the middle of nowhere." in page.text
    assert "steal()" not in page.text


def test_a_capture_whose_file_is_gone_says_so(made_store: Store, tmp_path: Path) -> None:
    listing = made_store.get("listing", listing_id(7))
    assert listing is not None
    page = captured_page(made_store, tmp_path, listing["capture"])
    assert page is not None
    assert not page.verified
    assert "not among the captures" in page.fault


@pytest.mark.parametrize(
    ("change", "fault"),
    [({"payload_digest": "sha256:00"}, "the index says another"), ({"warc": "../../etc/passwd"}, "outside")],
)
def test_an_index_that_was_tampered_with_is_found_out(
    made_store: Store, made_home: Path, tmp_path: Path, change: dict[str, str], fault: str
) -> None:
    listing = made_store.get("listing", listing_id(7))
    capture = made_store.get("capture", listing["capture"]) if listing else None
    assert capture is not None
    store = open_store(f"sqlite:///{tmp_path}/index.db")
    body = {key: value for key, value in capture.items() if key not in ("id", "kind")}
    store.put([Document(kind="capture", id="c", body=body | change), Document(kind="capture", id="empty", body={})])
    page, empty = (captured_page(store, made_home / "captures", id_) for id_ in ("c", "empty"))
    store.close()
    assert page is not None
    assert empty is not None
    assert fault in page.fault
    assert not page.verified
    assert "does not say where" in empty.fault
