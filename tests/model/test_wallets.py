"""Checksums of wallets, and fingerprints of keys."""

from __future__ import annotations

import warnings
from collections.abc import Callable

import pytest

from bench.gold.made_identifiers import broken, made
from crawler.model.pgp import find_key_blocks, fingerprints
from crawler.model.wallets import is_btc, is_eth, is_ltc, is_tox, is_xmr, keccak

KINDS = [
    ("btc_legacy", is_btc),
    ("btc_p2sh", is_btc),
    ("btc_segwit", is_btc),
    ("btc_taproot", is_btc),
    ("eth", is_eth),
    ("xmr", is_xmr),
    ("xmr_sub", is_xmr),
    ("ltc_segwit", is_ltc),
    ("tox", is_tox),
]


@pytest.mark.parametrize("number", range(8))
@pytest.mark.parametrize(("kind", "check"), KINDS)
def test_a_right_checksum_passes_and_a_wrong_one_does_not(kind: str, check: Callable[[str], bool], number: int) -> None:
    address = made(kind, f"wallet {number}")
    assert check(address)
    assert not check(broken(address))
    assert not check(address[:-1])


def test_addresses_of_the_standards_are_read() -> None:
    assert is_btc("BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4")  # BIP-173
    assert is_btc("bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0")  # BIP-350
    assert not is_btc("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kemeawh")  # BIP-350: version 0 with the other constant
    assert is_eth("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed")  # EIP-55


def test_keccak_is_the_one_before_sha3() -> None:
    assert keccak(b"").hex() == "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"


def test_a_key_block_gives_the_fingerprints_of_key_and_subkeys() -> None:
    import pysequoia

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        key = pysequoia.Cert.generate("Test <t@mail.example>")
    spoilt = f"hello\n{key}bye".replace("\n", " \n")
    (block,) = find_key_blocks(spoilt)
    found = fingerprints(block)
    assert found[0] == key.fingerprint.upper()
    assert len(found) > 1
    assert all(len(one) == 40 for one in found)


def test_what_is_no_key_has_no_fingerprint() -> None:
    begin, end = "-----BEGIN PGP PUBLIC KEY BLOCK-----", "-----END PGP PUBLIC KEY BLOCK-----"
    assert fingerprints(f"{begin}\n\nAAAA\n{end}") == ()
    assert find_key_blocks("no key here") == ()
