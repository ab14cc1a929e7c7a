"""A list of mirrors is believed only when the pinned key has signed it and still may."""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from config.profiles import Profile
from crawler.home import Home
from crawler.mirrors.book import MirrorBook
from crawler.mirrors.signed_list import read_signed_list
from crawler.model.errors import AddressRefused, BadInput, MirrorsRefused
from tests.crawler.mirrors.keys import Signer, signer
from tests.crawler.tor.networks import unpublished_onion


@pytest.fixture(scope="module")
def market() -> Signer:
    return signer()


@pytest.fixture(scope="module")
def clone() -> Signer:
    return signer()


def refused(page: bytes, key: bytes, pinned: str, later: timedelta = timedelta(0)) -> str:
    with pytest.raises(MirrorsRefused) as caught:
        read_signed_list(page, key, pinned, datetime.now(UTC) + later)
    assert "\n" not in str(caught.value)
    return caught.value.reason


def test_a_list_the_pinned_key_signed_gives_its_addresses_in_order(market: Signer) -> None:
    one, two = unpublished_onion(), unpublished_onion()
    page = market.signed("Our mirrors:", f"- http://{one}/", f"- {two.upper()}:8080 (new)", f"again http://{one}/x")
    found = read_signed_list(page, market.public, market.fingerprint.lower(), datetime.now(UTC))
    assert found.addresses == (f"http://{one}/", f"http://{two}:8080/")
    assert found.fingerprint == market.fingerprint
    assert abs(found.signed - datetime.now(UTC)) < timedelta(minutes=5)


def test_a_list_within_a_page_is_found_and_only_what_is_signed_counts(market: Signer) -> None:
    good, bad = unpublished_onion(), unpublished_onion()
    block = market.signed("R&D: <b>mirrors</b>", f"http://{good}/").decode()
    text = block.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    page = f"<html><p>http://{bad}/</p><pre>{text}</pre>http://{bad}/</html>"
    assert read_signed_list(page.encode(), market.public, market.fingerprint, datetime.now(UTC)).addresses == (
        f"http://{good}/",
    )


def test_what_is_not_signed_is_refused(market: Signer) -> None:
    assert refused(f"http://{unpublished_onion()}/".encode(), market.public, market.fingerprint) == "unsigned"


def test_a_list_signed_by_another_key_is_refused_whichever_key_it_brings(market: Signer, clone: Signer) -> None:
    page = clone.signed(f"http://{unpublished_onion()}/")
    assert refused(page, market.public, market.fingerprint) == "wrong key"
    assert refused(page, clone.public, market.fingerprint) == "wrong key"


def test_a_changed_letter_breaks_the_signature(market: Signer) -> None:
    page = market.signed("mirrors", f"http://{unpublished_onion()}/").replace(b"mirrors", b"mirrorz")
    assert refused(page, market.public, market.fingerprint) == "broken signature"
    torn = market.signed("mirrors")[:-120] + b"\n-----END PGP SIGNATURE-----\n"
    assert refused(torn, market.public, market.fingerprint) == "broken signature"


def test_a_list_past_its_time_is_refused(market: Signer) -> None:
    address = f"http://{unpublished_onion()}/"
    page = market.signed("Valid until: 2026-01-31", address)
    assert refused(page, market.public, market.fingerprint) == "expired"
    short = signer(validity_seconds=3600)
    page = short.signed(address)
    assert refused(page, short.public, short.fingerprint, timedelta(days=2)) == "expired"


def test_a_list_without_an_onion_service_is_refused(market: Signer) -> None:
    wrong = "a" * 56 + ".onion"
    assert refused(market.signed(f"http://{wrong}/", "http://example.com/"), market.public, market.fingerprint) == (
        "no address in it"
    )


# --- the book of a market ------------------------------------------------------------------------------------------


def book(home: Path, pinned: str | None) -> MirrorBook:
    return MirrorBook(Home.at(home), "harbour", Profile(name="harbour", mirror_key=pinned))


def test_an_older_list_is_refused_when_it_comes_again_and_a_newer_one_replaces_it(home: Path, market: Signer) -> None:
    own, first, second = (f"http://{unpublished_onion()}/" for _ in range(3))
    the_book = book(home, market.fingerprint)
    the_book.add(own)
    old = market.signed(first)
    assert the_book.accept(old, market.public) == (first,)
    assert the_book.accept(old) == ()
    time.sleep(1.1)  # signatures are dated to the second
    assert the_book.accept(market.signed(second)) == (second,)
    assert [each.address for each in the_book.mirrors()] == [own, second]
    with pytest.raises(MirrorsRefused) as caught:
        the_book.accept(old)
    assert caught.value.reason == "older than the list accepted last"
    assert [each.address for each in the_book.mirrors()] == [own, second]


def test_without_a_pinned_key_no_list_is_believed(home: Path, market: Signer) -> None:
    page = market.signed(f"http://{unpublished_onion()}/")
    with pytest.raises(MirrorsRefused, match="names no mirror_key"):
        book(home, None).accept(page, market.public)
    with pytest.raises(MirrorsRefused, match="--key KEYFILE"):
        book(home, market.fingerprint).accept(page)


def test_an_address_the_operator_removed_does_not_come_back_by_a_list(home: Path, market: Signer) -> None:
    first, second = (f"http://{unpublished_onion()}/" for _ in range(2))
    the_book = book(home, market.fingerprint)
    the_book.accept(market.signed(first, second), market.public)
    the_book.remove(first)
    assert the_book.accept(market.signed(first, second)) == ()
    assert [each.address for each in the_book.mirrors()] == [second]
    the_book.add(first)
    assert {each.address: each.source for each in the_book.mirrors()} == {first: "operator", second: "signed list"}


def test_only_what_can_be_asked_for_is_accepted(home: Path) -> None:
    the_book = book(home, None)
    with pytest.raises(AddressRefused):
        the_book.add("http://example.com/")
    with pytest.raises(BadInput, match="is no address of harbour"):
        the_book.remove(f"http://{unpublished_onion()}/")


def test_the_address_that_lived_last_comes_first(home: Path) -> None:
    addresses = [f"http://{unpublished_onion()}/" for _ in range(3)]
    the_book = book(home, None)
    for each in addresses:
        the_book.add(each)
    the_book.lives(addresses[2])
    assert Home.at(home).addresses("harbour") == (addresses[2], addresses[0], addresses[1])


def test_client_keys_stay_when_addresses_are_written(home: Path) -> None:
    the_home = Home.at(home)
    host, key = unpublished_onion(), "A" * 52
    the_home.market_file("harbour").parent.mkdir()
    the_home.market_file("harbour").write_text(f'addresses = []\n[client_keys]\n"{host}" = "descriptor:x25519:{key}"\n')
    book(home, None).add(f"http://{host}/")
    assert the_home.client_keys("harbour") == {host.removesuffix(".onion"): "A" * 43 + "="}
    the_home.market_file("harbour").write_text(f'[client_keys]\n"{host}" = "short"\n')
    with pytest.raises(BadInput, match="x25519"):
        the_home.client_keys("harbour")
