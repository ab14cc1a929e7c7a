import gzip
import hashlib
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from warcio.archiveiterator import ArchiveIterator

from crawler.model.sighting import Capture
from evidence.archive import Archive, Earlier, Exchange
from evidence.record import read_record
from evidence.replay import files_below, pages_in
from evidence.verify import checked_records

URL = "http://market.onion/item?id=1"
PAGE = "<html><body><h1>Тест & <b>3-MMC</b></h1></body></html>".encode()


def exchange(body: bytes = PAGE, url: str = URL, **headers: str) -> Exchange:
    kinds = {"Content-Type": "text/html; charset=utf-8"} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    return Exchange(
        url=url, time=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), method="GET",
        request_headers=(("User-Agent", "x"), ("Cookie", "session=secret")),
        status=200, reason="OK", response_headers=tuple(kinds.items()), body=body,
    )  # fmt: skip


def keep(folder: Path, *exchanges: Exchange) -> list[Capture]:
    with Archive(folder, "market", "run1") as archive:
        return [archive.keep(each) for each in exchanges]


def test_a_capture_says_where_the_record_lies_and_what_the_body_hashes_to(tmp_path: Path) -> None:
    first, second = keep(tmp_path, exchange(), exchange(b"<p>two</p>", URL + "2"))
    with (tmp_path / second.warc).open("rb") as file:
        file.seek(second.offset)
        record = next(iter(ArchiveIterator(file)))
        assert record.rec_headers.get_header("WARC-Target-URI") == URL + "2"
        assert record.content_stream().read() == b"<p>two</p>"
        assert file.tell() <= second.offset + second.length + 65536
    assert second.payload_digest == "sha256:" + hashlib.sha256(b"<p>two</p>").hexdigest()
    assert first.offset < second.offset


def test_a_stranger_verifies_the_archive_with_a_public_tool(tmp_path: Path) -> None:
    capture = keep(tmp_path, exchange())[0]
    tool = [sys.executable, "-m", "warcio.cli", "check", "-v", str(tmp_path / capture.warc)]
    checked = subprocess.run(tool, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert checked.stdout.count("digest pass") >= 2, checked.stdout


def test_the_body_is_kept_as_it_came_and_read_back_as_it_was_meant(tmp_path: Path) -> None:
    packed = gzip.compress(PAGE)
    capture = keep(tmp_path, exchange(packed, Content_Encoding="gzip", Transfer_Encoding="chunked"))[0]
    assert capture.payload_digest == "sha256:" + hashlib.sha256(packed).hexdigest()
    page = next(pages_in(tmp_path / capture.warc))
    assert page.received.body == PAGE
    assert page.received.url == URL
    assert page.time == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def test_sessions_are_not_in_the_archive(tmp_path: Path) -> None:
    capture = keep(tmp_path, exchange())[0]
    content = gzip.decompress((tmp_path / capture.warc).read_bytes())
    assert b"secret" not in content
    assert b"Cookie: withheld" in content


def test_a_run_that_goes_on_adds_to_its_archive(tmp_path: Path) -> None:
    keep(tmp_path, exchange())
    later = keep(tmp_path, exchange(b"<p>later</p>", URL + "9"))[0]
    assert [page.received.url for page in pages_in(tmp_path / later.warc)] == [URL, URL + "9"]


def test_files_are_told_apart_by_content_and_come_in_order(tmp_path: Path) -> None:
    (tmp_path / "b").write_bytes(b"<!DOCTYPE html><title>x</title>")
    (tmp_path / "a.html").write_bytes("﻿<html>юникод".encode("utf-16"))
    (tmp_path / "picture.html").write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00")
    (tmp_path / "truth.jsonl").write_bytes(b'{"title": "<b>x</b>"}\n')
    (tmp_path / "empty").write_bytes(b"")
    capture = keep(tmp_path, exchange())[0]
    (tmp_path / capture.warc).rename(tmp_path / "c")
    files = files_below([tmp_path])
    assert files == sorted(files)
    assert [Path(page.path).name for file in files for page in pages_in(file)] == ["a.html", "b", "c"]


def test_a_page_that_is_as_it_was_is_kept_as_a_revisit_that_names_the_response_it_refers_to(tmp_path: Path) -> None:
    first = keep(tmp_path, exchange())[0]
    record = read_record(tmp_path, first.warc, first.offset, first.length)
    earlier = Earlier(record=record, warc=first.warc, offset=first.offset, length=first.length)
    with Archive(tmp_path, "market", "run2") as archive:
        again = archive.keep_unchanged(replace(exchange(b"", ETag='"1"'), status=304, reason="Not Modified"), earlier)
    assert (again.refers_to, again.status) == (first.record_id, 304)
    assert (again.warc, again.offset, again.length) == (first.warc, first.offset, first.length)
    assert again.payload_digest == first.payload_digest
    path = tmp_path / "market" / "run2.warc.gz"
    with path.open("rb") as file:
        revisit = next(each for each in ArchiveIterator(file) if each.rec_type == "revisit")
        headers = dict(revisit.rec_headers.headers)
        assert revisit.http_headers.get_statuscode() == "304"
    assert headers["WARC-Record-ID"] == again.record_id
    assert headers["WARC-Refers-To"] == first.record_id
    assert headers["WARC-Refers-To-Target-URI"] == URL
    assert headers["WARC-Refers-To-Date"] == record.time
    assert headers["WARC-Profile"].endswith("/revisit/server-not-modified")
    assert [each.kind for each in checked_records(path)] == ["warcinfo", "revisit", "request"]
    tool = [sys.executable, "-m", "warcio.cli", "check", "-v", str(path)]
    assert subprocess.run(tool, capture_output=True, text=True, check=False).returncode == 0
    assert list(pages_in(path)) == [], "a page is not read twice from one body"
