import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.model.errors import AddressRefused
from crawler.model.onion import check_onion, is_onion, onion_checksum


def made_onion(key: bytes) -> str:
    return base64.b32encode(key + onion_checksum(key) + b"\x03").decode().lower() + ".onion"


@given(st.binary(min_size=32, max_size=32))
def test_a_well_formed_onion_is_accepted_in_any_case_and_below_subdomains(key: bytes) -> None:
    host = made_onion(key)
    assert check_onion(host.upper()) == check_onion("www." + host) == host.removesuffix(".onion")


@given(st.binary(min_size=32, max_size=32), st.integers(0, 55), st.sampled_from("abcdefghijklmnopqrstuvwxyz234567"))
def test_one_wrong_letter_is_noticed(key: bytes, place: int, letter: str) -> None:
    label = made_onion(key).removesuffix(".onion")
    wrong = label[:place] + letter + label[place + 1 :]
    assert is_onion(wrong + ".onion") == (wrong == label)


@pytest.mark.parametrize(
    ("host", "why"),
    [
        ("example.com", "no onion service"),
        ("onion", "no onion service"),
        ("expyuzz4wqqyqhjn.onion", "56 letters"),
        ("1" * 56 + ".onion", "base32"),
        ("a" * 56 + ".onion", "checksum"),
        ("a" * 56 + ".onion.example.com", "no onion service"),
    ],
)
def test_an_address_that_is_none_says_why(host: str, why: str) -> None:
    with pytest.raises(AddressRefused, match=why):
        check_onion(host)
