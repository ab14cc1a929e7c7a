"""Responses that mean harm, or are broken: each is named in the run, and the pages beside them are read."""

import gzip
import io
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from crawler.frontier.ledger import Ledger
from tests.crawler.crawls import crawl, found
from tests.sites import Answer, Page, Request, Site
from tests.small_market import listing_paths, small_market

Publish = Callable[[int], str]
_HTML = {"Content-Type": "text/html; charset=utf-8"}


def bomb(megabytes: int) -> bytes:
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb", compresslevel=9) as file:
        for _ in range(megabytes):
            file.write(b"<p>" + b"a" * (1 << 20))
    return packed.getvalue()


def loop(request: Request) -> Answer:
    number = int(request.path.partition("=")[2] or 0)
    return Answer(status=302, headers={"Location": f"/listing/1?step={number + 1}"})


def run_with(site: Site, pages: dict[str, Page], home: Path, tor: dict[str, str], publish: Publish) -> dict[str, Any]:
    """A run over a market of four listings of which some answer otherwise."""
    site.pages = small_market(4) | pages
    return crawl(home, tor, publish(site.port))


def failures(home: Path) -> dict[str, str]:
    ledger = Ledger(home / "state" / "small" / "ledger.db")
    try:
        return {"/" + url.split("/", 3)[3]: why for url, why in ledger.failures()}
    finally:
        ledger.close()


def test_a_page_of_fifty_megabytes_is_given_up_and_named(
    home: Path, tor: dict[str, str], publish: Publish, site: Site
) -> None:
    run = run_with(site, {"/listing/1": Answer(body=b"<p>" + b"a" * (50 << 20))}, home, tor, publish)
    assert run["failed"] == 1
    assert "larger than" in failures(home)["/listing/1"]
    assert {each["listing_id"] for each in found(home)} == listing_paths(4) - {"/listing/1"}


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_a_decompression_bomb_is_not_unpacked_and_named(
    home: Path, tor: dict[str, str], publish: Publish, site: Site, encoding: str
) -> None:
    body = bomb(200) if encoding == "gzip" else zlib.compress(b"a" * (200 << 20), 9)
    answer = Answer(body=body, headers=_HTML | {"Content-Encoding": encoding})
    run = run_with(site, {"/listing/1": answer}, home, tor, publish)
    assert run["failed"] == 1
    assert "/listing/1" in failures(home)
    assert len(found(home)) == 3


def test_a_redirect_loop_ends_and_is_named(home: Path, tor: dict[str, str], publish: Publish, site: Site) -> None:
    looping = {f"/listing/1?step={number}": loop for number in range(1, 30)}
    run = run_with(site, {"/listing/1": loop, **looping}, home, tor, publish)
    assert run["failed"] == 1
    assert "redirect" in failures(home)["/listing/1"]
    assert len([path for path in site.paths_asked() if path.startswith("/listing/1")]) <= 7


def test_a_page_in_another_charset_than_it_says_is_read_all_the_same(
    home: Path, tor: dict[str, str], publish: Publish, site: Site
) -> None:
    text = "<html><meta charset='utf-8'><h1>Мефедрон 2г кристалл</h1><table><tr><th>Цена</th><td>2500 руб</td></tr>"
    text += "</table><p>Описание товара на русском языке, отправляем каждый день и отвечаем на все вопросы.</p>"
    text += "<button>Купить</button>"
    run_with(site, {"/listing/1": Answer(body=text.encode("windows-1251"))}, home, tor, publish)
    listing = next(each for each in found(home) if each["listing_id"] == "/listing/1")
    assert listing["title"] == "Мефедрон 2г кристалл"


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", "text/html"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40, "image/png"),
        (b"\x00\x01\x02" * 5000, "text/html"),
        (b"%PDF-1.7 " + b"\xff\xfe" * 900, "application/pdf"),
    ],
    ids=["an empty body", "a picture", "zeros said to be a page", "a document"],
)
def test_what_is_no_page_is_kept_as_a_capture_and_never_becomes_a_listing(
    home: Path, tor: dict[str, str], publish: Publish, site: Site, body: bytes, kind: str
) -> None:
    run = run_with(site, {"/listing/1": Answer(body=body, headers={"Content-Type": kind})}, home, tor, publish)
    assert run["reached"] == len(site.pages)
    assert len([each for each in found(home, kind="capture") if each["url"].endswith("/listing/1")]) == 1
    assert {each["listing_id"] for each in found(home)} == listing_paths(4) - {"/listing/1"}


def test_a_site_that_answers_errors_is_asked_again_and_then_named(
    home: Path, tor: dict[str, str], publish: Publish, site: Site
) -> None:
    broken = Answer(status=503, body=b"<html><title>503 Service Unavailable</title><h1>Service Unavailable</h1>")
    run = run_with(site, {"/listing/1": broken}, home, tor, publish)
    assert 4 <= site.paths_asked().count("/listing/1") <= 12
    assert run["gates"], run
    assert len(found(home)) == 3


def test_headers_that_lie_about_the_length_do_not_stop_the_run(
    home: Path, tor: dict[str, str], publish: Publish, site: Site
) -> None:
    # A body that ends before its length leaves the connection unusable; the page is asked for again, then given up.
    lying = Answer(body=b"<html>", headers=_HTML | {"Content-Length": "x"})
    run_with(site, {"/listing/1": lying}, home, tor, publish)
    assert len(found(home)) == 3
