"""Identifiers: right checksums only, others beside a word that names them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.gold.made_identifiers import broken, made
from pipelines.identifiers import find_identifiers

CHECKED = [
    ("btc_legacy", "btc"),
    ("btc_p2sh", "btc"),
    ("btc_segwit", "btc"),
    ("btc_taproot", "btc"),
    ("ltc_segwit", "ltc"),
    ("eth", "eth"),
    ("xmr", "xmr"),
    ("xmr_sub", "xmr"),
    ("onion", "onion"),
    ("tox", "tox"),
]
ONION = made("onion", "test")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("mail snowfox@mail.example please", {"emails": ("snowfox@mail.example",)}),
        ("shop [at] letters [dot] example", {"emails": ("shop@letters.example",)}),
        ("Jabber acid@xmpp.example with OTR", {"jabber": ("acid@xmpp.example",)}),
        ("Пишите в телеграм: @sneg_optom", {"telegram": ("@sneg_optom",)}),
        ("https://t.me/chui_joldo", {"telegram": ("@chui_joldo",)}),
        ("Wickr me: pastafarm77.", {"wickr": ("pastafarm77",)}),
        ("Signal +1 202-555-0143 only", {"signal": ("+12025550143",)}),
        ("Телефон +7 999 000-11-22", {"phone": ("+79990001122",)}),
        ("session id 05" + "ab" * 32, {"session": ("05" + "ab" * 32,)}),
        (
            "PGP: 7226 C4AC BD75 9A62 017E 48C1 053F DE9D 0D32 E3F5",
            {"pgp_fingerprints": ("7226C4ACBD759A62017E48C1053FDE9D0D32E3F5",)},
        ),
        (f"{ONION[:31]} {ONION[31:]}", {"onion": (ONION,)}),
        (f"{ONION[:56]}[.]onion", {"onion": (ONION,)}),
        (f"{ONION[:56]} dot onion", {"onion": (ONION,)}),
    ],
)
def test_an_identifier_is_found(text: str, expected: dict[str, tuple[str, ...]]) -> None:
    assert find_identifiers(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "@everyone who asks gets the same answer",
        "rebates @ 5 percent",
        "order number +1 202 555 0143 99",
        "hash 7226C4ACBD759A62017E48C1053FDE9D0D32E3F5",
        "ticket 9f86d081884c7d659a2feaa0c55ad015",
        "meet at noon",
        "",
        "0x75Ee3f8C99F179f4406Be4c2489b06101A89e",
    ],
)
def test_what_only_looks_like_one_is_left_alone(text: str) -> None:
    assert find_identifiers(text) == {}


@pytest.mark.parametrize(("maker", "kind"), CHECKED)
def test_a_checksum_decides(maker: str, kind: str) -> None:
    right = made(maker, "test")
    assert find_identifiers(f"write to {right} now") == {kind: (right,)}
    assert find_identifiers(f"write to {broken(right)} now") == {}


@given(st.text(max_size=400))
def test_any_text_is_survived(text: str) -> None:
    assert all(values for values in find_identifiers(text).values())
