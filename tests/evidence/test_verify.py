from __future__ import annotations

import gzip
import hashlib
import zlib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawler.model.errors import BadInput, BadResult
from evidence.archive import Archive, Exchange
from evidence.members import LARGEST_MEMBER, member_at, members
from evidence.verify import checked_records, warc_files


def kept(folder: Path, *bodies: bytes) -> Path:
    with Archive(folder, "market", "run1") as archive:
        for number, body in enumerate(bodies):
            archive.keep(
                Exchange(
                    url=f"http://market.example/{number}",
                    time=datetime(2026, 1, 2, tzinfo=UTC),
                    method="GET",
                    request_headers=(("User-Agent", "x"),),
                    status=200,
                    reason="OK",
                    response_headers=(("Content-Type", "text/html"),),
                    body=body,
                )
            )
    return folder / "market/run1.warc.gz"


def faults(path: Path) -> str:
    try:
        list(checked_records(path))
    except BadResult as error:
        return str(error)
    return ""


def test_every_record_of_an_archive_is_checked_and_told(tmp_path: Path) -> None:
    path = kept(tmp_path, b"<p>one</p>", "<p>два</p>\r\n\r\n".encode())
    records = list(checked_records(path))
    assert [record.kind for record in records] == ["warcinfo", "response", "request", "response", "request"]
    assert records[3].payload_digest == "sha256:" + hashlib.sha256("<p>два</p>\r\n\r\n".encode()).hexdigest()
    assert records[3].url == "http://market.example/1"
    assert records[4].concurrent_to == records[3].record_id
    assert all(record.proofs == 2 for record in records[1:])


def test_one_flipped_bit_anywhere_in_what_a_member_holds_is_found(tmp_path: Path) -> None:
    path = kept(tmp_path, b"<p>one</p>", b"<p>two</p>")
    whole = path.read_bytes()
    header = 10  # time, flags and system of a gzip header are not covered by its checksum
    with path.open("rb") as file:
        starts = [member.offset for member in members(file)]
    covered = [place for place in range(len(whole)) if not any(0 <= place - start < header for start in starts)]
    for place in covered[:: max(1, len(covered) // 150)]:
        damaged = bytearray(whole)
        damaged[place] ^= 1
        path.write_bytes(bytes(damaged))
        assert faults(path).startswith(f"{path}: "), place


def test_a_record_rewritten_with_a_right_checksum_is_still_found(tmp_path: Path) -> None:
    path = kept(tmp_path, b"<p>one</p>", b"<p>two</p>")
    with path.open("rb") as file:
        parts = [member.content for member in members(file)]
    forged = [part.replace(b"<p>two</p>", b"<p>six</p>") for part in parts]
    path.write_bytes(b"".join(gzip.compress(part) for part in forged))
    assert "is not what its WARC-Block-Digest says" in faults(path)


def test_an_archive_that_is_cut_off_is_found(tmp_path: Path) -> None:
    path = kept(tmp_path, b"<p>one</p>")
    path.write_bytes(path.read_bytes()[:-5])
    assert "is cut off" in faults(path)


def test_an_uncompressed_archive_is_checked_the_same_way(tmp_path: Path) -> None:
    path = tmp_path / "plain.warc"
    path.write_bytes(gzip.decompress(kept(tmp_path, b"<p>one</p>").read_bytes()))
    assert len(list(checked_records(path))) == 3
    path.write_bytes(path.read_bytes().replace(b"<p>one</p>", b"<p>two</p>"))
    assert "Digest says" in faults(path)
    path.write_bytes(path.read_bytes()[:-30])
    assert faults(path)


def test_a_page_without_a_digest_proves_nothing(tmp_path: Path) -> None:
    record = (
        b"WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:1>\r\nWARC-Date: 2026-01-02T00:00:00Z\r\n"
        b"WARC-Target-URI: http://a.example/\r\nContent-Type: application/http\r\nContent-Length: 21\r\n\r\n"
        b"HTTP/1.1 200 OK\r\n\r\nhi\r\n\r\n"
    )
    path = tmp_path / "bare.warc"
    path.write_bytes(record)
    assert "carries no digest" in faults(path)


@pytest.mark.parametrize("content", [b"", b"<html>no archive</html>", gzip.compress(b"no archive either", mtime=0)])
def test_what_is_no_archive_is_never_right(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.warc.gz"
    path.write_bytes(content)
    assert faults(path).startswith(str(path))


def test_a_decompression_bomb_is_stopped_at_its_bound(tmp_path: Path) -> None:
    path = tmp_path / "bomb.warc.gz"
    with path.open("wb") as file:
        packer = zlib.compressobj(9, zlib.DEFLATED, zlib.MAX_WBITS | 16)
        for _ in range(LARGEST_MEMBER // (1 << 20) + 2):
            file.write(packer.compress(b"\0" * (1 << 20)))
        file.write(packer.flush())
    assert f"larger than {LARGEST_MEMBER}" in faults(path)


def test_a_member_is_cut_out_byte_for_byte(tmp_path: Path) -> None:
    path = kept(tmp_path, b"<p>one</p>")
    with path.open("rb") as file:
        parts = list(members(file))
        assert b"".join(part.raw for part in parts) == path.read_bytes()
        assert member_at(file, parts[1].offset) == parts[1]
        assert member_at(file, path.stat().st_size) is None


def test_the_archives_of_a_folder_are_found_in_order(tmp_path: Path) -> None:
    path = kept(tmp_path, b"x")
    (tmp_path / "notes.txt").write_text("x")
    assert warc_files(tmp_path) == [path]
    assert warc_files(path) == [path]
    with pytest.raises(BadInput, match="no such file"):
        warc_files(tmp_path / "missing")
    (tmp_path / "empty").mkdir()
    with pytest.raises(BadInput, match="neither a case folder nor"):
        warc_files(tmp_path / "empty")
