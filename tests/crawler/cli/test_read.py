import gzip
import json
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from evidence.archive import Archive, Exchange
from tests.crawler.crawls import npswatch
from tests.small_market import listing_paths, small_market


def saved(folder: Path, listings: int = 12) -> Path:
    """A small market saved page by page."""
    folder.mkdir(parents=True)
    for number, (path, page) in enumerate(small_market(listings).items()):
        name = path.strip("/").replace("/", "_").replace("?", "_") or f"home{number}"
        assert not callable(page)
        (folder / f"{name}.html").write_bytes(page.body)
    return folder


def exchange(url: str, body: bytes, content_type: str = "text/html", status: int = 200) -> Exchange:
    """A page as a market sent it."""
    return Exchange(
        url=url, time=datetime(2026, 1, 2, tzinfo=UTC), method="GET", request_headers=(), status=status, reason="OK",
        response_headers=(("Content-Type", content_type),) if content_type else (), body=body,
    )  # fmt: skip


def kept(folder: Path, *exchanges: Exchange) -> Path:
    """A WARC file of them."""
    with Archive(folder, "market", "run") as archive:
        for each in exchanges:
            archive.keep(each)
    return folder / "market" / "run.warc.gz"


def archived(folder: Path, host: str, listings: int = 12) -> Path:
    """A small market in a WARC file."""
    pages = {path: page for path, page in small_market(listings).items() if not callable(page)}
    return kept(folder, *(exchange(f"http://{host}{path}", page.body) for path, page in pages.items()))


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_a_folder_is_read_page_by_page_in_the_order_of_its_paths(home: Path, tmp_path: Path) -> None:
    folder = saved(tmp_path / "pages")
    pages = lines(npswatch(home, "read", str(folder)).stdout)
    assert [page["path"] for page in pages] == sorted(str(path) for path in folder.iterdir())
    listings = [page["listing"] for page in pages if page["page_type"] == "listing"]
    assert len(listings) == 12
    assert {each["vendor"] for each in listings} == {"northlight", "kettle_row"}
    assert all(each["price"]["currency"] == "USD" and each["ships_from"]["country"] == "NL" for each in listings)


def test_a_base_url_makes_links_whole(home: Path, tmp_path: Path) -> None:
    folder = saved(tmp_path / "pages", 2)
    pages = lines(npswatch(home, "read", str(folder), "--base-url", "http://market.onion/").stdout)
    assert {url for page in pages for url in page.get("links", {}).get("listing", ())} == {
        f"http://market.onion{path}" for path in listing_paths(2)
    }


def test_an_archive_gives_a_line_a_response_with_its_address(home: Path, tmp_path: Path) -> None:
    path = archived(tmp_path, "market.onion")
    pages = lines(npswatch(home, "read", str(path)).stdout)
    assert [page["url"] for page in pages] == [f"http://market.onion{key}" for key in small_market(12)]
    assert {page["path"] for page in pages} == {str(path)}
    assert sum(page["page_type"] == "listing" for page in pages) == 12


def test_reading_twice_says_the_same(home: Path, tmp_path: Path) -> None:
    folder = saved(tmp_path / "pages")
    assert npswatch(home, "read", str(folder)).stdout == npswatch(home, "read", str(folder)).stdout


def test_what_is_no_page_is_named_and_the_rest_is_read(home: Path, tmp_path: Path) -> None:
    folder = saved(tmp_path / "pages", 1)
    (folder / "zz.png").write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00")
    done = npswatch(home, "read", str(folder))
    assert done.returncode == 0
    assert "zz.png: no page in it" in done.stderr
    assert len(lines(done.stdout)) == len(small_market(1))


def test_a_torn_archive_gives_what_it_holds_and_exit_code_2(home: Path, tmp_path: Path) -> None:
    path = archived(tmp_path, "market.onion")
    path.write_bytes(path.read_bytes()[:-700])
    done = npswatch(home, "read", str(path))
    assert done.returncode == 2
    assert "cannot be read to its end" in done.stderr
    assert len(lines(done.stdout)) > 5


def test_a_path_that_is_not_there_and_a_profile_nobody_wrote_are_exit_code_2(home: Path, tmp_path: Path) -> None:
    assert "no such file" in npswatch(home, "read", str(tmp_path / "gone")).stderr
    done = npswatch(home, "read", str(saved(tmp_path / "pages", 1)), "--market", "nowhere")
    assert (done.returncode, "no profile nowhere" in done.stderr) == (2, True)


def test_each_html_response_is_a_line_and_nothing_else_is(home: Path, tmp_path: Path) -> None:
    page = b"<html><body><p>a page</p></body></html>"
    answers = {
        "plain": ("text/html", page), "shouted": ("TEXT/HTML; Charset=UTF-8", page),
        "xhtml": ("application/xhtml+xml", page), "untold": ("", page), "untold-by-server": ("text/plain", page),
        "empty": ("text/html", b""), "style": ("text/css", b"/* <div> */ p {}"), "feed": ("text/xml", b"<rss></rss>"),
        "script": ("text/javascript", b"x = '<div>'"), "data": ("application/json", b'{"html": "<p>"}'),
        "picture": ("image/png", b"\x89PNG"), "words": ("text/plain", b"only words"), "other-words": ("", b"words"),
    }  # fmt: skip
    path = kept(
        tmp_path,
        *(exchange(f"http://m.onion/{name}", body, kind) for name, (kind, body) in answers.items()),
        exchange("http://m.onion/moved", page, status=302),
        exchange("http://m.onion/broken", page, status=500),
    )
    read = [page["url"].rpartition("/")[2] for page in lines(npswatch(home, "read", str(path)).stdout)]
    assert read == ["plain", "shouted", "xhtml", "untold", "untold-by-server", "empty", "moved", "broken"]


def test_a_wacz_file_gives_the_pages_of_its_archives(home: Path, tmp_path: Path) -> None:
    archive = archived(tmp_path / "kept", "market.onion")
    package = tmp_path / "market.wacz"
    with zipfile.ZipFile(package, "w") as made:
        made.write(archive, "archive/run.warc.gz")
        made.writestr("pages/pages.jsonl", "{}")
        made.writestr("datapackage.json", "{}")
    told = [page | {"path": ""} for page in lines(npswatch(home, "read", str(package)).stdout)]
    assert told == [page | {"path": ""} for page in lines(npswatch(home, "read", str(archive)).stdout)]
    package.write_bytes(package.read_bytes()[:-100])
    torn = npswatch(home, "read", str(package))
    assert (torn.returncode, "cannot be read as WACZ" in torn.stderr) == (2, True)


def test_packed_files_are_told_apart_by_what_is_in_them(home: Path, tmp_path: Path) -> None:
    pages = saved(tmp_path / "pages", 1)
    (pages / "index.cdx.gz").write_bytes(gzip.compress(b"onion,market)/ 2026 {}"))
    (pages / "page.gz").write_bytes(gzip.compress(b"<html><body>packed"))
    done = npswatch(home, "read", str(pages))
    assert (done.returncode, len(done.stderr.splitlines())) == (0, 1), done.stderr
    assert "index.cdx.gz: no page in it" in done.stderr
    assert str(pages / "page.gz") in {page["path"] for page in lines(done.stdout)}
    (pages / "torn.warc.gz").write_bytes(b"\x1f\x8bnothing that was ever packed")
    done = npswatch(home, "read", str(pages))
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 2), done.stderr


def test_records_that_lie_about_time_and_status_are_read_all_the_same(home: Path, tmp_path: Path) -> None:
    record = gzip.decompress(kept(tmp_path, exchange("http://m.onion/", b"<html><p>page")).read_bytes())
    for before, after in ((b"HTTP/1.1 200", b"HTTP/1.1 2x0"), (b"WARC-Date: 2026", b"WARC-Date: some")):
        assert before in record
        record = record.replace(before, after)
    path = tmp_path / "lying.warc"
    path.write_bytes(record)
    done = npswatch(home, "read", str(path))
    assert (done.returncode, len(lines(done.stdout))) == (0, 1), done.stderr


def test_a_site_met_late_is_learnt_as_well_as_the_first(home: Path, tmp_path: Path) -> None:
    first, late = tmp_path / "first", tmp_path / "late"
    alone = lines(npswatch(home, "read", str(archived(late, "late.onion"))).stdout)
    many = [exchange(f"http://first.onion/{n}", b"<html><p>page %d" % n) for n in range(2_100)]
    path = kept(first, *many)
    path.write_bytes(path.read_bytes() + (late / "market" / "run.warc.gz").read_bytes())
    together = lines(npswatch(home, "read", str(path)).stdout)
    assert [page | {"path": ""} for page in together[2_100:]] == [page | {"path": ""} for page in alone]
