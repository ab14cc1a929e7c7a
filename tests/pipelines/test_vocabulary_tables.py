"""The vocabulary as data: no doubles, no clashes, no everyday words without a guard, right check digits."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from config.vocabulary import read_table, table, tree
from pipelines.folding import squeeze
from pipelines.review_queue import CLASSES
from pipelines.vocabulary import load_vocabulary

SUBSTANCES = table("substances")
ALIASES = table("aliases")
COMMON_WORDS = Path(__file__).with_name("common_words.txt").read_text(encoding="utf-8").split()


def cas_is_right(number: str) -> bool:
    """Whether a CAS number's last digit is the check digit of the others."""
    if not re.fullmatch(r"\d{2,7}-\d{2}-\d", number):
        return False
    *digits, check = [int(digit) for digit in number.replace("-", "")]
    return sum(place * digit for place, digit in enumerate(reversed(digits), 1)) % 10 == check


def test_there_are_at_least_900_substances_of_which_500_are_nps() -> None:
    assert len(SUBSTANCES) >= 900
    assert sum(row["nps"] == "yes" for row in SUBSTANCES) >= 500


def test_every_row_has_a_name_a_class_of_the_closed_list_and_a_source() -> None:
    faults = [row for row in SUBSTANCES if row["class"] not in CLASSES or row["nps"] not in ("yes", "no")]
    assert faults == []
    assert [row for row in (*SUBSTANCES, *ALIASES) if not row["source"].strip()] == []


def test_no_substance_stands_twice() -> None:
    counts = Counter(squeeze(row["name"]) for row in SUBSTANCES)
    assert [name for name, count in counts.items() if count > 1] == []


def test_every_alias_belongs_to_a_listed_substance() -> None:
    names = {row["name"] for row in SUBSTANCES}
    assert [row["alias"] for row in ALIASES if row["substance"] not in names] == []


def test_no_alias_names_two_substances() -> None:
    owners: dict[str, set[str]] = {}
    for row in ALIASES:
        owners.setdefault(squeeze(row["alias"]), set()).add(row["substance"])
    for row in SUBSTANCES:
        owners.setdefault(squeeze(row["name"]), set()).add(row["name"])
    assert {alias: found for alias, found in owners.items() if len(found) > 1} == {}


def test_compiled_keys_lead_to_one_substance_each() -> None:
    clashes = {
        key: [alias.entry.name for alias in found]
        for key, found in load_vocabulary().aliases.items()
        if len({alias.entry.name for alias in found if not alias.stem}) > 1
    }
    assert clashes == {}


@pytest.mark.parametrize("word", COMMON_WORDS)
def test_an_everyday_word_is_never_a_certain_name(word: str) -> None:
    assert [alias.entry.name for alias in load_vocabulary().aliases.get(squeeze(word), ()) if not alias.weak] == []


def test_cas_numbers_have_right_check_digits() -> None:
    assert [row["cas"] for row in SUBSTANCES if row["cas"] and not cas_is_right(row["cas"])] == []


def test_a_cas_number_or_control_stands_only_beside_its_source() -> None:
    pairs = [(row[f"{name}_source"], row[name]) for row in SUBSTANCES for name in ("cas", "control")]
    assert [pair for pair in pairs if bool(pair[0].strip()) != bool(pair[1].strip())] == []


def test_several_hundred_substances_have_a_cas_number_and_no_two_the_same() -> None:
    numbers = Counter(row["cas"] for row in SUBSTANCES if row["cas"])
    assert len(numbers) >= 450
    assert [number for number, count in numbers.items() if count > 1] == []


def test_the_strength_of_a_name_is_one_of_the_five() -> None:
    assert {row["strength"] for row in ALIASES} == {"", "weak", "form", "pill", "brand"}


@pytest.mark.parametrize(
    ("number", "right"), [("7732-18-5", True), ("7732-18-4", False), ("50-00-0", True), ("50000", False)]
)
def test_a_wrong_check_digit_is_noticed(number: str, right: bool) -> None:
    assert cas_is_right(number) is right


def test_wording_outside_english_is_marked_unreviewed() -> None:
    faults = [
        row["alias"]
        for row in ALIASES
        if set(row["languages"].split()) - {"en", "mul"} and row["review"] not in ("unreviewed", "reviewed")
    ]
    assert faults == []


def test_names_known_to_be_no_nps_are_not_marked_so() -> None:
    never = {"LSD", "MDMA", "DMT", "Ketamine", "GHB", "Tramadol", "Pregabalin", "Alprazolam", "Diazepam", "Clonazepam"}
    marked = {row["name"]: row["nps"] for row in SUBSTANCES}
    assert {name: marked[name] for name in never if marked[name] != "no"} == {}


def test_each_pattern_of_emergent_names_has_an_example_it_raises() -> None:
    from pipelines.emergent import find

    missed = [
        row["class"]
        for row in tree("emergent")["pattern"]
        if row["class"] not in {c.substance_class for c in find(row["example"])}
    ]
    assert missed == []


def test_remarks_and_empty_lines_of_a_table_are_skipped(tmp_path: Path) -> None:
    (tmp_path / "t.tsv").write_text("# remark\nname\tvalue\n\na\t1\n", encoding="utf-8")
    assert read_table(tmp_path / "t.tsv") == ({"name": "a", "value": "1"},)
