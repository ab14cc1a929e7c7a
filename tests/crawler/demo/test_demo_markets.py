"""The demo markets as a visitor finds them: every page by links, every key real, nothing foreign."""

from __future__ import annotations

import hashlib
import http.client
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pysequoia
import pytest
from lxml import html

from config.profiles import MARKETS_FOLDER, read_profile
from crawler.demo.catalogue import read_catalogue
from crawler.demo.markets import MARKETS, open_site
from crawler.demo.server import running_sites
from crawler.demo.site import DemoSite

REPOSITORY = Path(__file__).parents[3]
CHARSETS = {"quartz": "utf-8", "harbour": "windows-1252", "dvor": "utf-8"}
KEY_START, KEY_END = "-----BEGIN PGP PUBLIC KEY BLOCK-----", "-----END PGP PUBLIC KEY BLOCK-----"


@dataclass(frozen=True, kw_only=True)
class Visit:
    """A market walked by its links over HTTP: pages as trees by address, and the statuses met."""

    site: DemoSite
    pages: dict[str, html.HtmlElement]
    charsets: set[str]
    statuses: set[int]
    sizes: dict[str, int]


def links(tree: html.HtmlElement, address: str) -> list[str]:
    parts = [urlsplit(urljoin(address, str(href))) for href in tree.xpath("//a/@href")]
    return [part.path + (f"?{part.query}" if part.query else "") for part in parts]


def walk(name: str) -> Visit:
    site = open_site(name)
    visit = Visit(site=site, pages={}, charsets=set(), statuses=set(), sizes={})
    with running_sites([name]) as running:
        connection = http.client.HTTPConnection("127.0.0.1", running.ports[name], timeout=10)
        waiting = ["/"]
        while waiting:
            address = waiting.pop()
            if address in visit.pages or address.startswith(site.actions):
                continue
            connection.request("GET", address)
            response = connection.getresponse()
            body = response.read()
            visit.statuses.add(response.status)
            visit.charsets.add(str(response.headers.get_content_charset()))
            visit.sizes[address] = len(body)
            visit.pages[address] = html.document_fromstring(body.decode(CHARSETS[name]))
            waiting += links(visit.pages[address], address)
        connection.close()
    return visit


@pytest.fixture(scope="module", params=MARKETS)
def visit(request: pytest.FixtureRequest) -> Visit:
    return walk(request.param)


def is_sorted_view(address: str) -> bool:
    return any(word in urlsplit(address).query for word in ("sort=", "view="))


def test_every_page_is_reached_by_links_and_no_other(visit: Visit) -> None:
    reached = {address for address in visit.pages if not is_sorted_view(address)}
    assert reached == set(visit.site.totals().pages)


def test_every_link_leads_to_a_page(visit: Visit) -> None:
    assert visit.statuses == {200}


def test_listings_and_vendors_are_pages(visit: Visit) -> None:
    totals = visit.site.totals()
    assert set(totals.listings) | set(totals.vendors) <= set(totals.pages)
    assert len(set(totals.listings)) == len(totals.listings) >= 70
    assert 8 <= len(set(totals.vendors)) == len(totals.vendors) <= 12


def test_the_charset_is_the_one_stated(visit: Visit) -> None:
    name = visit.site.name
    assert visit.charsets == {CHARSETS[name]}
    stated = visit.pages["/"].xpath("//meta/@charset | //meta[@http-equiv]/@content")
    assert CHARSETS[name] in str(stated[0]).lower()


def test_nothing_points_elsewhere(visit: Visit) -> None:
    for address, tree in visit.pages.items():
        for target in tree.xpath("//@href | //@src | //@action"):
            assert str(target).startswith("/"), (address, target)
            assert not str(target).startswith("//"), (address, target)
        assert not tree.xpath("//script"), address


def test_no_form_posts(visit: Visit) -> None:
    for tree in visit.pages.values():
        assert {str(method).lower() for method in tree.xpath("//form/@method")} <= {"get"}


def test_every_vendor_page_shows_a_key_with_the_fingerprint_beside_it(visit: Visit) -> None:
    for address in visit.site.totals().vendors:
        text = visit.pages[address].text_content()
        block = text[text.index(KEY_START) : text.index(KEY_END) + len(KEY_END)]
        fingerprint = pysequoia.Cert.from_bytes(block.encode()).fingerprint.upper()
        assert fingerprint in text.replace(" ", "").upper(), address


def test_listing_pages_are_of_a_real_size(visit: Visit) -> None:
    sizes = [visit.sizes[address] for address in visit.site.totals().listings]
    assert min(sizes) >= 8_000
    assert max(sizes) <= 32_000


def test_the_profile_fits_what_is_there(visit: Visit) -> None:
    profile = read_profile(MARKETS_FOLDER / f"{visit.site.name}.toml")
    totals = visit.site.totals()
    assert profile.selectors == {}
    assert profile.minimums["listings"] <= len(totals.listings)
    assert profile.minimums["vendors"] <= len(totals.vendors)
    assert profile.minimums["pages"] <= len(totals.pages)
    assert set(profile.entry_paths) <= set(totals.pages)


@pytest.mark.parametrize("name", MARKETS)
def test_a_market_is_the_same_in_every_process(name: str) -> None:
    code = "import hashlib,sys;from crawler.demo.markets import open_site;s=open_site(sys.argv[1]);"
    code += "print(hashlib.sha256(b''.join(s.render(p).body for p in s.totals().pages)).hexdigest())"
    run = subprocess.run(
        [sys.executable, "-c", code, name], cwd=REPOSITORY, capture_output=True, text=True, check=True,
        env={"PYTHONHASHSEED": "4711"},
    )  # fmt: skip
    site = open_site(name)
    here = hashlib.sha256(b"".join(site.render(page).body for page in site.totals().pages)).hexdigest()
    assert run.stdout.strip() == here


@pytest.mark.parametrize("name", MARKETS)
def test_offers_are_plausible(name: str) -> None:
    catalogue = read_catalogue(name)
    titles = [(listing.title, listing.vendor.handle) for listing in catalogue.listings]
    assert len(set(titles)) == len(titles)
    assert any(listing.stock == 0 for listing in catalogue.listings)
    for listing in catalogue.listings:
        each = [tier.usd / tier.amount for tier in listing.tiers]
        assert each == sorted(each, reverse=True), listing.title
        assert 40 <= sum(len(paragraph.split()) for paragraph in listing.description) <= 170, listing.title
