"""Keys and wallets of invented vendors, as strict software sees them."""

from __future__ import annotations

import pysequoia
import pytest
from bip_utils import Base58Decoder, XmrAddrDecoder

from crawler.demo.catalogue import read_catalogue
from crawler.demo.markets import MARKETS
from crawler.demo.openpgp import public_key
from crawler.demo.wallets import bitcoin_address, monero_address

MADE = 1_700_000_000


def test_a_key_is_the_same_for_the_same_seed_and_name() -> None:
    assert public_key("a", "A <a@a.example>", MADE) == public_key("a", "A <a@a.example>", MADE)
    assert public_key("a", "A", MADE).fingerprint != public_key("b", "A", MADE).fingerprint


def test_a_key_is_accepted_by_strict_software_and_can_be_encrypted_to() -> None:
    for number in range(50):
        key = public_key(f"seed {number}", f"Vendor {number} <v@v.example>", MADE + number)
        certificate = pysequoia.Cert.from_bytes(key.block.encode())
        assert certificate.fingerprint.upper() == key.fingerprint
        assert [str(name) for name in certificate.user_ids] == [f"Vendor {number} <v@v.example>"]
        message = pysequoia.encrypt(bytes=b"an address", recipients=[certificate])
        assert message.startswith(b"-----BEGIN PGP MESSAGE-----")


def test_a_key_whose_bytes_were_changed_is_not_accepted() -> None:
    block = public_key("a", "Abc <a@a.example>", MADE).block
    lines = block.splitlines()
    lines[5] = lines[5][:20] + ("A" if lines[5][20] != "A" else "B") + lines[5][21:]
    with pytest.raises(Exception, match=r"."):
        pysequoia.encrypt(bytes=b"x", recipients=[pysequoia.Cert.from_bytes("\n".join(lines).encode())])


def test_wallet_addresses_have_right_checksums() -> None:
    for number in range(30):
        assert len(Base58Decoder.CheckDecode(bitcoin_address(str(number)))) == 21
        assert XmrAddrDecoder.DecodeAddr(monero_address(str(number)), net_ver=b"\x12")


def test_some_vendors_sell_on_two_markets_under_one_key_and_another_name() -> None:
    handles: dict[str, set[str]] = {}
    markets: dict[str, int] = {}
    for market in MARKETS:
        for vendor in read_catalogue(market).vendors:
            handles.setdefault(vendor.key.fingerprint, set()).add(vendor.handle)
            markets[vendor.key.fingerprint] = markets.get(vendor.key.fingerprint, 0) + 1
    twice = [fingerprint for fingerprint, count in markets.items() if count > 1]
    assert len(twice) == 4
    assert all(len(handles[fingerprint]) == 2 for fingerprint in twice)
