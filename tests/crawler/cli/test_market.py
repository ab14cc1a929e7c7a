"""`npswatch market`: drafted, recorded, checked, listed; nothing private in the profile's folder."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from config.profiles import read_profile
from tests.crawler.cli.test_read import archived, lines, saved
from tests.crawler.crawls import found, npswatch
from tests.sites import Answer, Site
from tests.small_market import small_market

# No valid onion of the live network: it is made of the alphabet, its checksum is wrong.
ONION = "b" * 56 + ".onion"
LISTING = f"""<html><title>3-MMC 5g - Small Market</title><body><!-- call me at boss@mail.example -->
<nav>Welcome, greyofficer <a href='http://{ONION}/logout'>Logout</a></nav><h1>3-MMC 5g crystal</h1>
<table><tr><th>Price</th><td>$60.50</td></tr>
<tr><th>Vendor</th><td><a href='/vendor/north_light'>north_light</a></td></tr>
<tr><th>Ships from</th><td>Netherlands</td></tr></table><h2>Description</h2><div class='description'><p>Write to
north_light@jabber.example or send to bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4 and wait for a day or two.</p></div>
<script>var key = 'A1b2C3d4E5f6G7h8I9j0K1l2M3n4';</script>
<form action='/buy'><input type='hidden' name='csrf' value='77aa88bb99cc'><input name='amount'><button>Buy</button>
</form></body></html>"""


@pytest.fixture(autouse=True)
def markets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of profiles of this test's own."""
    folder = tmp_path / "markets"
    folder.mkdir()
    monkeypatch.setenv("NPSWATCH_MARKETS", str(folder))
    return folder


def drafted(home: Path, tmp_path: Path, *more: str) -> Path:
    """A folder of saved pages with a drafted profile, called small."""
    pages = saved(tmp_path / "pages", 24)
    done = npswatch(home, "market", "new", "small", "--from", str(pages), *more)
    assert done.returncode == 0, done.stderr
    return pages


def listings(text: str) -> list[dict[str, Any]]:
    return [page["listing"] for page in lines(text) if page["page_type"] == "listing"]


def test_a_draft_from_saved_pages_is_a_profile_without_fault_and_its_template_is_in_the_home(
    home: Path, tmp_path: Path, markets: Path
) -> None:
    pages = saved(tmp_path / "pages", 24)
    done = npswatch(home, "market", "new", "small", "--from", str(pages), "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    profile = read_profile(markets / "small.toml")
    assert profile.fill["listing.price"] == 0.8
    assert profile.minimums["listings"] == 12
    assert profile.selectors["listing.title"] == "h1"
    assert (home / "templates" / "small" / f"{told['template']}.toml").is_file()
    assert told["page_types"]["listing"] == 24
    assert told["filled"]["listing.price"] == 1.0


def test_pages_read_with_the_draft_say_the_same_each_time_and_by_its_version(home: Path, tmp_path: Path) -> None:
    pages = drafted(home, tmp_path)
    current = (home / "templates" / "small" / "current").read_text().strip()
    read = npswatch(home, "read", str(pages), "--market", "small").stdout
    assert len(listings(read)) == 24
    assert read == npswatch(home, "read", str(pages), "--market", "small").stdout
    assert read == npswatch(home, "read", str(pages), "--market", "small", "--template", current).stdout


def test_a_draft_from_an_archive_knows_the_addresses_but_not_the_host(
    home: Path, tmp_path: Path, markets: Path
) -> None:
    path = archived(tmp_path / "kept", ONION, 24)
    assert npswatch(home, "market", "new", "small", "--from", str(path)).returncode == 0
    assert read_profile(markets / "small.toml").addresses["/listing/#"] == "listing"
    assert ".onion" not in (markets / "small.toml").read_text()


def test_a_draft_can_be_made_from_a_first_crawl_and_the_address_stays_in_the_home(
    home: Path, tmp_path: Path, markets: Path, tor: dict[str, str], publish: Callable[[int], str], site: Site
) -> None:
    site.pages = small_market(24)
    address = publish(site.port)
    ports = ["--tor-socks", tor["socks"], "--tor-control", tor["control"]]
    source = ["--from", address, "--pace", "none", "--limit-pages", "20"]
    done = npswatch(home, "market", "new", "small", *source, *ports, "--json")
    assert done.returncode == 0, done.stderr
    assert len(site.asked) == 20
    assert json.loads(done.stdout)["pages"] == 20
    host = address.split("/")[2]
    assert host in (home / "markets" / "small.toml").read_text()
    assert all(host not in path.read_text() for path in markets.rglob("*") if path.is_file())
    assert found(home, kind="run")[0]["pages"] == 20


def test_a_profile_that_is_there_is_not_overwritten_unasked(home: Path, tmp_path: Path, markets: Path) -> None:
    pages = drafted(home, tmp_path)
    (markets / "small.toml").write_text('name = "small"\n')
    done = npswatch(home, "market", "new", "small", "--from", str(pages))
    assert (done.returncode, "--replace" in done.stderr) == (2, True)
    assert npswatch(home, "market", "new", "small", "--from", str(pages), "--replace").returncode == 0
    assert "selectors" in (markets / "small.toml").read_text()


@pytest.mark.parametrize(
    ("name", "source", "code", "word"),
    [
        ("Small Market", ".", 2, "cannot be a market's name"),
        ("market", ".", 2, "cannot be a market's name"),
        ("small", "nowhere", 2, "no such file"),
        ("small", "empty", 2, "no page in it"),
        ("small", "gates", 1, "no listing, category or vendor"),
        ("small", "http://example.com/", 2, "example.com"),
        ("small", "ftp://example.com/", 2, "begins with http:// or https://"),
    ],
)
def test_what_no_profile_can_be_drafted_from_is_told(
    home: Path, tmp_path: Path, markets: Path, name: str, source: str, code: int, word: str
) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "gates").mkdir()
    login = "<html><title>Login</title><form><input name=user><input type=password><button>Login</button></form>"
    (tmp_path / "gates" / "a.html").write_text(login)
    path = source if "://" in source else str(tmp_path / source)
    done = npswatch(home, "market", "new", name, "--from", path)
    assert (done.returncode, word in done.stderr) == (code, True), done.stderr
    assert list(markets.iterdir()) == []


def test_a_recorded_case_names_nobody_and_passes_its_check(home: Path, tmp_path: Path, markets: Path) -> None:
    drafted(home, tmp_path)
    (tmp_path / "one.html").write_text(LISTING)
    done = npswatch(home, "market", "record", "small", str(tmp_path / "one.html"), "--hide", "greyofficer")
    assert done.returncode == 0, done.stderr
    (case,) = (markets / "small" / "cases").glob("*.html")
    both = case.read_text() + case.with_suffix(".json").read_text()
    private = ("greyofficer", "north_light", "bc1q", "boss@mail", "north_light@jabber", "A1b2C3d4", "77aa88bb99cc")
    assert [word for word in private if word in both] == []
    assert ".onion" not in both
    said = json.loads(case.with_suffix(".json").read_text())
    assert said["page_type"] == "listing"
    assert said["listing"]["title"] == "3-MMC 5g crystal"
    assert said["listing"]["vendor"] == "vendorA"
    assert said["listing"]["price"] == {"amount": 60.5, "currency": "USD"}
    done = npswatch(home, "market", "check", "small")
    assert (done.returncode, "small: good - 1 case," in done.stdout) == (0, True), done.stdout


def test_a_case_that_is_read_otherwise_is_named_with_page_and_field(home: Path, tmp_path: Path, markets: Path) -> None:
    pages = drafted(home, tmp_path)
    assert npswatch(home, "market", "record", "small", str(pages / "listing_4.html")).returncode == 0
    (case,) = (markets / "small" / "cases").glob("*.json")
    said = json.loads(case.read_text())
    said["listing"]["vendor"] = "somebody"
    del said["listing"]["stock"]
    said["listing"]["rating"] = 4
    case.write_text(json.dumps(said))
    done = npswatch(home, "market", "check", "small", "--json")
    assert done.returncode == 1
    faults = {fault["fault"] for fault in json.loads(done.stdout)["faults"]}
    assert {fault.split(":")[0] for fault in faults} == {"listing.vendor", "listing.stock", "listing.rating"}
    assert "listing.stock: nothing was expected, read 7" in faults
    assert "listing.rating: expected 4, nothing was read" in faults
    assert case.stem in npswatch(home, "market", "check").stdout


def test_cases_that_cannot_be_read_are_told_all_at_once_beside_what_differs_in_the_others(
    home: Path, tmp_path: Path, markets: Path
) -> None:
    pages = drafted(home, tmp_path)
    for name in ("listing_4", "listing_5"):
        npswatch(home, "market", "record", "small", str(pages / f"{name}.html"))
    readable, bare = sorted((markets / "small" / "cases").glob("*.json"))
    readable.write_text(json.dumps(json.loads(readable.read_text()) | {"page_type": "other"}))
    bare.unlink()
    (bare.parent / "lonely.json").write_text("{}")
    for name, text in {
        "torn": "{",
        "untyped": '{"page_type": "shelf"}',
        "odd": '{"page_type": "other", "url": 7}',
    }.items():
        (bare.parent / f"{name}.html").write_text("<p>page</p>")
        (bare.parent / f"{name}.json").write_text(text)
    (markets / "other.toml").write_text('name = "other"\n')
    (markets / "other" / "cases").mkdir(parents=True)
    (markets / "other" / "cases" / "bare.html").write_text("<p>page</p>")

    done = npswatch(home, "market", "check", "--json")
    other, small = map(json.loads, done.stdout.splitlines())
    told = {fault["case"]: fault["fault"] for fault in small["faults"]}

    assert (done.returncode, "6 cases cannot be read" in done.stderr) == (2, True), done.stderr
    assert [fault["case"] for fault in other["faults"]] == ["bare"]
    assert "no page for lonely.json; put lonely.html beside it" in told.pop("lonely")
    assert 'page_type: expected "other", read "listing"' in {fault["fault"] for fault in small["faults"]}
    told.pop(readable.stem)
    assert set(told) == {bare.stem, "torn", "untyped", "odd"}
    assert all("npswatch market record small PAGE" in fault for fault in told.values())
    assert npswatch(home, "market", "list").returncode == 0
    printed = npswatch(home, "market", "check", "small").stdout
    assert [fault for fault in told.values() if fault not in printed] == []


def test_the_same_name_has_the_same_stand_in_on_all_pages_of_a_recording(
    home: Path, tmp_path: Path, markets: Path
) -> None:
    pages = drafted(home, tmp_path)
    files = [str(pages / name) for name in ("listing_2.html", "listing_3.html", "vendor_kettle_row.html")]
    assert npswatch(home, "market", "record", "small", *files).returncode == 0
    cases = list((markets / "small" / "cases").iterdir())
    said = [json.loads(path.read_text()) for path in cases if path.suffix == ".json"]
    assert {page["listing"]["vendor"] for page in said if "listing" in page} == {"vendorA", "vendorB"}
    assert "<h1>vendorB</h1>" in "".join(path.read_text() for path in cases)
    assert not re.search("northlight|kettle.row", "".join(path.name + path.read_text() for path in cases))


def test_pages_of_an_archive_are_chosen_by_their_address(home: Path, tmp_path: Path, markets: Path) -> None:
    drafted(home, tmp_path)
    path = archived(tmp_path / "kept", ONION, 12)
    done = npswatch(home, "market", "record", "small", str(path), "--only", "/listing/7", "--json")
    assert [each["page_type"] for each in lines(done.stdout)] == ["listing"]
    (case,) = (markets / "small" / "cases").glob("*.json")
    assert json.loads(case.read_text())["url"] == "http://market.example/listing/7"
    assert npswatch(home, "market", "record", "small", str(path), "--only", "/nothing").returncode == 2


def test_a_profile_nobody_wrote_is_exit_code_2(home: Path, tmp_path: Path) -> None:
    for command in (["check", "oak"], ["record", "oak", str(tmp_path)], ["quarantine", "oak"]):
        done = npswatch(home, "market", *command)
        assert (done.returncode, "oak" in done.stderr) == (2, True), command


def test_all_faults_of_all_profiles_are_told_at_once(home: Path, markets: Path) -> None:
    (markets / "birch.toml").write_text('name = "birch"\npace = -1\ncolour = "red"\n')
    (markets / "elm.toml").write_text('name = "elm"\n[selectors]\n"listing.title" = "a["\n')
    done = npswatch(home, "market", "check")
    assert done.returncode == 2
    assert all(word in done.stderr for word in ("birch: unknown key 'colour'", "birch: pace must", "elm: selector"))


def test_the_list_shows_what_is_known_of_each_market(home: Path, tmp_path: Path) -> None:
    assert "no market is known" in npswatch(home, "market", "list").stdout
    drafted(home, tmp_path)
    (market,) = json.loads(npswatch(home, "market", "list", "--json").stdout)["markets"]
    assert market == {
        "market": "small", "profile": True, "software": None, "cases": 0, "addresses": 0, "held": 0, "last_run": None
    }  # fmt: skip


def test_a_market_that_lost_its_prices_is_held_back_listed_and_released(
    home: Path, markets: Path, tor: dict[str, str], publish: Callable[[int], str], site: Site
) -> None:
    whole = small_market(24)
    site.pages = dict(whole)
    address = publish(site.port)
    words = ["crawl", "small", "--start-url", address, "--pace", "none", "--fresh", "--tor-socks", tor["socks"]]
    assert npswatch(home, *words).returncode == 0
    before = {each["url"]: each for each in found(home)}
    for path, page in whole.items():
        if path.startswith("/listing/"):
            assert isinstance(page, Answer)
            changed = page.body.replace(b"<th>Price</th>", b"<th>Zzz</th>").replace(b"$", b"").replace(b"lot", b"batch")
            site.pages[path] = Answer(body=changed)
    done = npswatch(home, *words, "--json")
    run = json.loads(done.stdout)
    assert (done.returncode, run["verdict"], run["held"]) == (1, "degraded", 24)
    assert any("listing.price" in reason for reason in run["reasons"])
    assert {each["url"]: each for each in found(home)} == before
    (alert,) = found(home, kind="alert")
    assert (alert["market"], "listing.price" in alert["text"]) == ("small", True)
    (market,) = json.loads(npswatch(home, "market", "list", "--json").stdout)["markets"]
    assert (market["held"], market["last_run"]["verdict"]) == (24, "degraded")
    assert market["last_run"]["fill"]["listing.price"] == 0
    held = json.loads(npswatch(home, "market", "quarantine", "small", "--json").stdout)["held"]
    assert {page["url"] for page in held} == set(before)
    done = npswatch(home, "market", "quarantine", "small", "--release")
    assert (done.returncode, "24 still held" in done.stdout) == (1, True)
    (markets / "small.toml").write_text(
        'name = "small"\n[selectors]\n"listing.price" = "table tr:nth-of-type(1) td"\n"page_type.listing" = "form"\n'
    )
    assert npswatch(home, "market", "quarantine", "small", "--release").returncode == 1  # a number has no currency
    done = npswatch(home, "market", "quarantine", "small", "--release", "--as-read")
    assert (done.returncode, "24 pages indexed, 0 still held" in done.stdout) == (0, True), done.stdout
    after = found(home)
    assert {each["url"] for each in after} == set(before)
    assert not any("price" in each for each in after)
    assert all("batch" in each["title"] for each in after)
