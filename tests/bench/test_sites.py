"""The invented sites: deterministic, whole, and true about themselves."""

import base64
import hashlib
import html
import json
import re
import struct
from pathlib import Path
from typing import Any

import pytest

from bench.sites.__main__ import main
from bench.sites.pgp import crc24
from bench.sites.registry import HELD_OUT, all_sites
from bench.sites.site import Page

LISTINGS = 40
SITES = list(all_sites())
BLOCK = re.compile(r"-----BEGIN PGP PUBLIC KEY BLOCK-----(.*?)-----END PGP PUBLIC KEY BLOCK-----", re.DOTALL)


def pages_of(name: str, seed: int = 7) -> list[Page]:
    return list(all_sites()[name](LISTINGS, seed).pages())


def text_of(page: Page, name: str) -> str:
    return page.body.decode(all_sites()[name].charset)


def fingerprint_in(block: str) -> str:
    """The fingerprint of the first packet of an armoured key, after its checksum was compared."""
    lines = [line.strip() for line in re.sub(r"<[^>]*>", "\n", html.unescape(block)).splitlines()]
    body = [line for line in lines if line and ": " not in line]
    data = base64.b64decode("".join(body[:-1]))
    assert crc24(data) == int.from_bytes(base64.b64decode(body[-1][1:]), "big")
    assert data[0] == 0x98
    packet = data[2 : 2 + data[1]]
    return hashlib.sha1(b"\x99" + struct.pack(">H", len(packet)) + packet, usedforsecurity=False).hexdigest().upper()


def key_of(address: str) -> str:
    return re.sub(r"^https?://[^/]+", "", address)


@pytest.mark.parametrize("name", SITES)
def test_the_same_seed_gives_the_same_bytes_and_another_seed_does_not(name: str) -> None:
    assert pages_of(name) == pages_of(name)
    assert pages_of(name) != pages_of(name, seed=8)


@pytest.mark.parametrize("name", SITES)
def test_a_site_has_a_module_of_its_name_and_pages_of_every_kind(name: str) -> None:
    site = all_sites()[name]
    assert site.name == name
    kinds = {p.truth["page_type"] for p in pages_of(name)}
    expected = {"listing", "category", "feedback", "login", "captcha", "queue", "error", "other"}
    assert kinds == expected | ({"vendor"} if site.has_vendor_pages else set())


@pytest.mark.parametrize("name", SITES)
def test_every_page_has_an_address_of_its_own_and_every_listing_a_page(name: str) -> None:
    pages = pages_of(name)
    addresses = [p.url for p in pages]
    assert len(set(addresses)) == len(addresses)
    assert sum(p.truth["page_type"] == "listing" for p in pages) == LISTINGS


@pytest.mark.parametrize("name", SITES)
def test_every_card_leads_to_a_listing_and_every_next_to_a_page_and_both_stand_in_the_markup(name: str) -> None:
    pages = pages_of(name)
    kinds = {key_of(p.url): p.truth["page_type"] for p in pages}
    for page in pages:
        text = html.unescape(text_of(page, name))
        for card in page.truth.get("items", []):
            assert kinds[key_of(card["url"])] == "listing"
            assert card["url"] in text
        after = page.truth.get("next")
        assert after is None or (key_of(after) in kinds and after in text)


@pytest.mark.parametrize("name", SITES)
def test_what_the_truth_says_of_a_listing_stands_on_its_page(name: str) -> None:
    for page in pages_of(name):
        if page.truth["page_type"] != "listing":
            continue
        text = " ".join(html.unescape(re.sub(r"<[^>]*>", " ", text_of(page, name))).split())
        told = [page.truth.get("title_alt", page.truth["title"]), page.truth["vendor"], page.truth["ships_from"]]
        told += [r["text"] for r in page.truth.get("feedback", [])] + page.truth.get("cities", [])
        told.append(page.truth["description"])
        for words in [w for w in told if w]:
            assert " ".join(words.split()) in text


@pytest.mark.parametrize("name", [n for n in SITES if all_sites()[n].has_vendor_pages])
def test_key_blocks_hash_to_the_fingerprint_in_the_truth(name: str) -> None:
    vendors = [p for p in pages_of(name) if p.truth["page_type"] == "vendor"]
    blocks = [BLOCK.findall(text_of(p, name)) for p in vendors]
    assert any(blocks)
    for page, found in zip(vendors, blocks, strict=True):
        wanted = page.truth["pgp_fingerprint"]
        assert [fingerprint_in(b) for b in found] == ([wanted] if wanted else [])


def test_the_command_line_writes_pages_and_a_truth_file_that_names_each_of_them(tmp_path: Path) -> None:
    assert main([str(tmp_path), "--site", SITES[0], "--listings", "12"]) == 0
    lines = (tmp_path / SITES[0] / "truth.jsonl").read_text(encoding="utf-8").splitlines()
    truths: list[dict[str, Any]] = [json.loads(line) for line in lines]
    assert {t["path"] for t in truths} == {f"{SITES[0]}/{f.name}" for f in (tmp_path / SITES[0]).glob("*.html")}


def test_held_out_sites_are_written_apart(tmp_path: Path) -> None:
    main([str(tmp_path / "held"), "--held-out", "--listings", "3"])
    main([str(tmp_path / "rest"), "--development", "--listings", "3"])
    assert {f.name for f in (tmp_path / "held").iterdir()} == HELD_OUT
    assert {f.name for f in (tmp_path / "rest").iterdir()} == set(SITES) - HELD_OUT


def test_nothing_to_write_is_an_error_with_one_line_on_what_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(tmp_path), "--listings", "0"]) == 2
    assert "at least one" in capsys.readouterr().err
