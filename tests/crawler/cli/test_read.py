import json
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


def archived(folder: Path, host: str, listings: int = 12) -> Path:
    """A small market in a WARC file."""
    with Archive(folder, "market", "run") as archive:
        for path, page in small_market(listings).items():
            assert not callable(page)
            archive.keep(
                Exchange(
                    url=f"http://{host}{path}", time=datetime(2026, 1, 2, tzinfo=UTC), method="GET", request_headers=(),
                    status=200, reason="OK", response_headers=(("Content-Type", "text/html"),), body=page.body,
                )
            )  # fmt: skip
    return folder / "market" / "run.warc.gz"


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
