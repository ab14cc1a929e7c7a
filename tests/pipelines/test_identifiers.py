"""Identifiers: right checksums only, others beside a word that names them."""

from __future__ import annotations

import hashlib

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
COIN, MONERO, KEY = made("btc_legacy", "split"), made("xmr", "split"), made("pgp4", "split")


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
        (f"{ONION[:28]}-{ONION[28:]}", {"onion": (ONION,)}),
        (f"btc {COIN[:12]}\n{COIN[12:]}", {"btc": (COIN,)}),
        (f"XMR {MONERO[:40]} {MONERO[40:]}", {"xmr": (MONERO,)}),
        (f"Fingerprint: {':'.join(KEY[at : at + 2] for at in range(0, 40, 2))}", {"pgp_fingerprints": (KEY,)}),
        (f"0x{KEY} pgp key", {"pgp_fingerprints": (KEY,)}),
        ("telegram t . me / good_shop1", {"telegram": ("@good_shop1",)}),
        ("email: jo.doe @ proton . me", {"emails": ("jo.doe@proton.me",)}),
        ("mail name@host . tld and more", {"emails": ("name@host.tld",)}),
        ("jabber: bob@jabber . de", {"jabber": ("bob@jabber.de",)}),
        ("3 g @ 40 . more in stock", {}),
        ("lab @ home . ask", {}),
        ("https://t[.]me/good_shop1", {"telegram": ("@good_shop1",)}),
        ("telegramdan: @good_shop1", {"telegram": ("@good_shop1",)}),
        ("@good_shop1 (telegram)", {"telegram": ("@good_shop1",)}),
        ("telegram good_shop1", {"telegram": ("@good_shop1",)}),
        ("Wickr me fastdrop44", {"wickr": ("fastdrop44",)}),
        ("8 912 345 67 89 звоните", {"phone": ("+79123456789",)}),
        ("WhatsApp: 998901234567", {"phone": ("+998901234567",)}),
        ("vendor77{at}proton{.}example mail", {"emails": ("vendor77@proton.example",)}),
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
        "wickr me for details",
        f"license key {made('pgp4', 'licence')}",
        f"tracking {made('btc_legacy', 'x')[:20]} RB123456789CN",
        "1Z999AA10123456784",
        "t.me/joinchat/AAAAAEabcdEFGH12",
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


def test_hashes_tracking_numbers_and_serials_are_never_taken_for_identifiers() -> None:
    cues = ("", "order ", "tracking ", "txid ", "md5 ", "serial no ", "license key ", "invoice ")
    for number in range(2000):
        digest = hashlib.sha256(str(number).encode()).hexdigest()
        word = (digest, digest[:40].upper(), digest[:32], f"RB{number:09d}CN", "1" + digest[:33], f"0x{digest[:40]}")[
            number % 6
        ]
        assert find_identifiers(cues[number % 8] + word) == {}
