from __future__ import annotations

import gzip
import zlib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawler.model.errors import BadInput, BadResult
from crawler.model.sighting import Capture
from evidence.archive import Archive, Exchange
from evidence.record import read_record


def _kept(folder: Path, body: bytes, encoding: str | None = None) -> Capture:
    headers = (("Content-Type", "text/html"), *((("Content-Encoding", encoding),) if encoding else ()))
    exchange = Exchange(
        url="http://market.example/item/1",
        time=datetime(2026, 1, 2, tzinfo=UTC),
        method="GET",
        request_headers=(),
        status=200,
        reason="OK",
        response_headers=headers,
        body=body,
    )
    with Archive(folder, "birch", "run") as archive:
        archive.keep(exchange)
        return archive.keep(exchange)


def test_a_kept_response_is_read_back_with_the_digest_it_was_kept_under(tmp_path: Path) -> None:
    capture = _kept(tmp_path, "<p>мефедрон</p>".encode())
    kept = read_record(tmp_path, capture.warc, capture.offset, capture.length)
    assert kept.content().decode() == "<p>мефедрон</p>"
    assert kept.payload_digest == capture.payload_digest
    assert (kept.url, kept.status, kept.record_id) == (capture.url, 200, capture.record_id)


def _raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


@pytest.mark.parametrize(
    ("encoding", "packed"),
    [
        ("gzip", gzip.compress(b"text", mtime=0)),
        ("deflate", zlib.compress(b"text")),
        ("deflate", _raw_deflate(b"text")),
    ],
)
def test_compression_is_undone_and_the_digest_stays_that_of_the_bytes_received(
    tmp_path: Path, encoding: str, packed: bytes
) -> None:
    capture = _kept(tmp_path, packed, encoding)
    kept = read_record(tmp_path, capture.warc, capture.offset, capture.length)
    assert kept.content() == b"text"
    assert kept.body == packed
    assert kept.payload_digest == capture.payload_digest


def test_a_decompression_bomb_gives_no_more_than_asked_for(tmp_path: Path) -> None:
    capture = _kept(tmp_path, gzip.compress(bytes(50_000_000)), "gzip")
    kept = read_record(tmp_path, capture.warc, capture.offset, capture.length)
    assert len(kept.content(1000)) == 1000


@pytest.mark.parametrize(("encoding", "body"), [("br", b"x"), ("gzip", b"not gzip")])
def test_compression_that_cannot_be_undone_is_said(tmp_path: Path, encoding: str, body: bytes) -> None:
    capture = _kept(tmp_path, body, encoding)
    kept = read_record(tmp_path, capture.warc, capture.offset, capture.length)
    with pytest.raises(BadInput, match="compress"):
        kept.content()


def test_a_body_that_was_changed_is_found_out(tmp_path: Path) -> None:
    capture = _kept(tmp_path, b"<p>twenty</p>")
    file = tmp_path / capture.warc
    whole = file.read_bytes()
    record = gzip.decompress(whole[capture.offset : capture.offset + capture.length])
    forged = gzip.compress(record.replace(b"<p>twenty</p>", b"<p>ninety</p>"))
    file.write_bytes(whole[: capture.offset] + forged)
    with pytest.raises(BadResult, match="not what its payload digest says"):
        read_record(tmp_path, capture.warc, capture.offset, len(forged))


@pytest.mark.parametrize(
    ("warc", "offset", "length"),
    [
        ("../outside.warc.gz", 0, 10),
        ("/etc/passwd", 0, 10),
        ("birch/none.warc.gz", 0, 10),
        ("birch/run.warc.gz", 7, 100),
        ("birch/run.warc.gz", -1, 100),
        ("birch/run.warc.gz", 0, 10**12),
        ("birch/run.warc.gz", 10**9, 100),
    ],
)
def test_a_place_without_a_response_is_named(tmp_path: Path, warc: str, offset: int, length: int) -> None:
    captures = tmp_path / "captures"
    _kept(captures, b"x")
    (tmp_path / "outside.warc.gz").write_bytes(b"x" * 100)
    with pytest.raises(BadInput, match=r"warc|outside|passwd"):
        read_record(captures, warc, offset, length)
