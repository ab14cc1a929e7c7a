"""The gold set is what its README says, and its score tool can tell a perfect answer from a broken one."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from bip_utils import (
    EthAddrDecoder,
    P2PKHAddrDecoder,
    P2SHAddrDecoder,
    P2TRAddrDecoder,
    P2WPKHAddrDecoder,
    XmrAddrDecoder,
)
from stem.descriptor.hidden_service import HiddenServiceDescriptorV3

from bench.gold.lines import AMOUNTS, CLASSES, CRIMES, FORMS, IDENTIFIER_KINDS, Line, acceptable, read_lines
from bench.gold.made_identifiers import broken, made
from bench.gold.ordinary import ordinary_titles
from bench.gold.score import main, score

GOLD = Path(__file__).parents[2] / "bench" / "gold"
FILES = ("tune", "held_out")
LANGUAGES = frozenset(
    "en ru uz-Latn uz-Cyrl kk ky tg uk de nl fr es it tr fa fa-AF ps pl pt mixed und".split()  # noqa: SIM905
)
CURRENCIES = frozenset(
    ["USD", "EUR", "GBP", "RUB", "UZS", "KZT", "KGS", "TJS", "UAH", "TRY", "CHF", "AUD", "CAD", "BTC", "XMR"]
)


def gold(name: str) -> list[Line]:
    return read_lines(GOLD / f"{name}.jsonl")


def both() -> list[Line]:
    return [line for name in FILES for line in gold(name)]


def perfect(line: Line) -> Line:
    """The answer that says exactly what is expected."""
    expected = line["expected"]
    answer: Line = {"id": line["id"]}
    for key in (*AMOUNTS, "form", "price", "currency", "identifiers", "linked_crimes"):
        if expected.get(key) is not None:
            answer[key] = expected[key]
    answer["language"] = acceptable(expected["language"])[0]
    answer["substances"] = [
        {key: acceptable(value)[0] for key, value in one.items()} for one in expected.get("substances", [])
    ]
    return answer


def write(path: Path, lines: list[Line]) -> str:
    path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")
    return str(path)


@pytest.mark.parametrize("name", FILES)
def test_each_half_holds_at_least_240_titles(name: str) -> None:
    assert len(gold(name)) >= 240


def test_ids_are_unique_over_both_halves() -> None:
    ids = [line["id"] for line in both()]
    assert len(set(ids)) == len(ids)


def test_no_title_is_in_both_halves_or_twice_in_one() -> None:
    titles = ["".join(unicodedata.normalize("NFKC", line["title"]).casefold().split()) for line in both()]
    assert len(set(titles)) == len(titles)


def test_every_line_has_the_four_keys_and_only_known_expectations() -> None:
    known = {*AMOUNTS, "substances", "form", "price", "currency", "language"}
    known |= {"identifiers", "identifiers_also", "linked_crimes"}
    for line in both():
        assert line.keys() == {"id", "title", "description", "expected"}
        assert line["expected"].keys() <= known, line["id"]


def test_classes_forms_crimes_languages_and_currencies_are_of_the_closed_lists() -> None:
    for line in both():
        expected = line["expected"]
        for one in expected.get("substances", []):
            assert set(acceptable(one["class"])) <= CLASSES, line["id"]
        assert expected.get("form") in FORMS | {None}
        assert set(expected.get("linked_crimes", [])) <= CRIMES
        assert set(acceptable(expected["language"])) <= LANGUAGES
        assert expected.get("currency") in CURRENCIES | {None}
        assert (expected.get("price") is None) == (expected.get("currency") is None)


def test_every_expected_language_of_the_mission_is_in_both_halves() -> None:
    for name in FILES:
        seen = {tag for line in gold(name) for tag in acceptable(line["expected"]["language"])}
        assert seen >= LANGUAGES - {"pl", "pt"}


def test_sixty_titles_offer_no_substance_and_forty_names_are_emergent() -> None:
    lists = [line["expected"]["substances"] for line in both() if "substances" in line["expected"]]
    assert sum(not one for one in lists) >= 60
    assert sum(bool(one.get("emergent")) for ones in lists for one in ones) >= 40


def test_an_emergent_name_stands_in_its_line_as_written() -> None:
    for line in both():
        words = line["title"] + (line["description"] or "")
        for one in line["expected"].get("substances", []):
            assert not one.get("emergent") or one["name"] in words, line["id"]


def test_identifier_kinds_are_those_of_the_contract() -> None:
    kinds = {kind for line in both() for kind in line["expected"]["identifiers"]}
    assert kinds == IDENTIFIER_KINDS


def decode_coin(kind: str, address: str) -> bytes:
    """The payload of an address; ValueError where its checksum is wrong."""
    if kind == "eth":
        return bytes(EthAddrDecoder.DecodeAddr(address))
    if kind == "xmr":
        return bytes(XmrAddrDecoder.DecodeAddr(address, net_ver=b"\x12" if address[0] == "4" else b"\x2a"))
    prefix = {"btc": "bc", "ltc": "ltc"}[kind]
    if address.startswith(f"{prefix}1p"):
        return bytes(P2TRAddrDecoder.DecodeAddr(address, hrp=prefix))
    if address.startswith(f"{prefix}1"):
        return bytes(P2WPKHAddrDecoder.DecodeAddr(address, hrp=prefix))
    if address[0] in "3M":
        return bytes(P2SHAddrDecoder.DecodeAddr(address, net_ver=b"\x05" if kind == "btc" else b"\x32"))
    return bytes(P2PKHAddrDecoder.DecodeAddr(address, net_ver=b"\x00" if kind == "btc" else b"\x30"))


def expected_identifiers(*kinds: str) -> list[tuple[str, str]]:
    return [(kind, one) for line in both() for kind in kinds for one in line["expected"]["identifiers"].get(kind, [])]


def test_every_expected_coin_address_has_a_right_checksum() -> None:
    found = expected_identifiers("btc", "xmr", "eth", "ltc")
    assert len(found) >= 20
    for kind, address in found:
        assert decode_coin(kind, address)


def test_every_expected_onion_has_a_right_checksum() -> None:
    found = expected_identifiers("onion")
    assert len(found) >= 8
    for _, address in found:
        assert len(HiddenServiceDescriptorV3.identity_key_from_address(address)) == 32


@pytest.mark.parametrize(("kind", "coin"), [("btc_legacy", "btc"), ("btc_segwit", "btc"), ("xmr", "xmr")])
def test_a_broken_address_has_a_wrong_checksum(kind: str, coin: str) -> None:
    address = broken(made(kind, "anything"))
    with pytest.raises(ValueError, match=r"."):
        decode_coin(coin, address)


def test_mail_and_jabber_use_reserved_domains_only() -> None:
    for _, address in expected_identifiers("emails", "jabber"):
        assert address.endswith(".example")


@pytest.mark.parametrize("name", FILES)
def test_a_perfect_prediction_scores_one_everywhere(name: str) -> None:
    lines = gold(name)
    for measure, tally in score(lines, [perfect(line) for line in lines]).items():
        wanted = 0.0 if measure.startswith(("language wrong", "language und")) else 1.0
        assert tally.share == wanted, measure
        assert tally.of > 0, measure


@pytest.mark.parametrize("name", FILES)
def test_an_empty_prediction_finds_nothing(name: str) -> None:
    lines = gold(name)
    tallies = score(lines, [{"id": line["id"]} for line in lines])
    for kind in ("substances", "emergent", "identifiers", "linked_crimes"):
        assert tallies[f"{kind} recall"].share == 0.0
    assert tallies["quantity_g stated"].share == 0.0
    assert tallies["language right, described"].share == 0.0


@pytest.mark.parametrize(
    ("field", "value", "measure"),
    [
        ("substances", [{"name": "Flour", "class": "traditional", "nps": False}], "substances F1"),
        ("substances", [{"name": "Flour", "class": "nitazenes", "nps": True, "emergent": True}], "emergent precision"),
        ("quantity_g", 123456, "quantity_g"),
        ("count", 123456, "count"),
        ("dose_mg", 123456, "dose_mg"),
        ("volume_ml", 123456, "volume_ml"),
        ("form", "patch", "form"),
        ("currency", "JPY", "price stated"),
        ("language", "eo", "language right, title"),
        ("identifiers", {"btc": ["1BoatSLRHtKNngkdXEeobR76b53LETtpyT"]}, "identifiers precision"),
        ("linked_crimes", [*sorted(CRIMES)], "linked_crimes precision"),
    ],
)
def test_a_broken_field_lowers_its_measure(field: str, value: Any, measure: str) -> None:
    lines = gold("tune")
    tallies = score(lines, [{**perfect(line), field: value} for line in lines])
    assert tallies[measure].share < 0.5
    assert tallies[measure].misses


def test_a_wrong_class_is_counted_only_where_the_name_is_right() -> None:
    lines = gold("tune")
    answers = [perfect(line) for line in lines]
    answers[0]["substances"][0]["class"] = "piperazines"
    tallies = score(lines, answers)
    assert tallies["class"].right == tallies["class"].of - 1
    assert tallies["substances F1"].share == 1.0


def test_the_interval_narrows_as_more_is_asked() -> None:
    tallies = score(gold("tune"), [perfect(line) for line in gold("tune")])
    wide, narrow = (tallies[name].interval() for name in ("volume_ml stated", "quantity_g stated"))
    assert wide[0] < narrow[0] < narrow[1] <= 1.0


def test_the_tool_prints_every_measure_and_the_misses_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = gold("tune")
    answers = [perfect(line) for line in lines]
    answers[3]["quantity_g"] = 777
    predicted = write(tmp_path / "predicted.jsonl", answers)
    assert main([str(GOLD / "tune.jsonl"), predicted, "--show", "quantity_g"]) == 0
    printed = capsys.readouterr().out
    assert "identifiers precision" in printed
    assert f"{lines[3]['id']}  quantity_g: expected" in printed


@pytest.mark.parametrize("text", ["{", "[1]\n", '{"id": "t0001"}\n', '{"id": "t0001"}\n{"id": "t0001"}\n'])
def test_files_that_cannot_be_scored_end_with_2_and_a_reason(
    text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "predicted.jsonl"
    path.write_text(text, encoding="utf-8")
    assert main([str(GOLD / "tune.jsonl"), str(path)]) == 2
    assert capsys.readouterr().err


def test_ordinary_titles_are_many_different_and_always_the_same() -> None:
    titles = ordinary_titles()
    assert len(set(titles)) == len(titles) >= 5000
    assert titles[:50] == ordinary_titles(50)


def test_no_ordinary_title_is_a_gold_title_or_names_an_emergent_substance() -> None:
    ordinary = {title.casefold() for title in ordinary_titles()}
    everything = "\n".join(ordinary)
    for line in both():
        assert line["title"].casefold() not in ordinary
        for one in line["expected"].get("substances", []):
            assert not one.get("emergent") or one["name"].casefold() not in everything
