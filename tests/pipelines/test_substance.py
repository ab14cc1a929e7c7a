"""Substances named in titles, through the trade's disguises and past false friends."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.emergent import find
from pipelines.substance import find_in_listing, find_substances

NAMED = [
    ("Methamphetmine 5 grams", ["Methamphetamine"]),
    ("Eroinlerimiz saf 3 gram", ["Heroin"]),
    ("2F-DCK 1g", ["2-FDCK"]),
    ("3-MMC big crystals", ["3-MMC"]),
    ("3mmc / 4 MMC mix", ["3-MMC", "Mephedrone"]),
    ("α-PVP 1g", ["α-PVP"]),
    ("A-pvp 1g", ["α-PVP"]),
    ("Альфа-ПВП белый", ["α-PVP"]),
    ("М Е Ф Е Д Р О Н 1г", ["Mephedrone"]),
    ("м.е.ф.е.д.р.о.н", ["Mephedrone"]),
    ("Мепhedrone 2g", ["Mephedrone"]),
    ("Сocaine with a Cyrillic first letter", ["Cocaine"]),
    ("C0ca1ne", ["Cocaine"]),
    ("𝗞𝗲𝘁𝗮𝗺𝗶𝗻𝗲 5𝗴", ["Ketamine"]),
    ("ket\u200bamine", ["Ketamine"]),
    ("Alprazolm tabs", ["Alprazolam"]),
    ("ketamina 5g", ["Ketamine"]),
    ("метамфетамином торгуем", ["Methamphetamine"]),
    ("Gashishdan 2 gramm", ["Hashish"]),
    ("Кокаинның бағасы", ["Cocaine"]),
    ("para-fluoro fentanyl", ["para-Fluorofentanyl"]),
    ("4-fluorofentanyl", ["para-Fluorofentanyl"]),
    ("2-СВ розовая 1шт", ["2C-B"]),
    ("هروئین خالص", ["Heroin"]),
    ("Coke / MDMA / speed 3x1g", ["Cocaine", "MDMA", "Amphetamine"]),
    ("5F-ADB + ADB-FUBINACA", ["5F-ADB", "ADB-FUBINACA"]),
    ("crystal meth 1g", ["Methamphetamine"]),
    ("Гексен N-этилгекседрон (порошок)", ["N-Ethylhexedrone"]),
    ("NEP N-этилпентедрон", ["NEP"]),
    ("3-фтор-N-этилгекседрон 1г", ["3F-N-ethylhexedrone"]),
    ("4-хлорметкатинон 1г", ["4-CMC"]),
    ("4-фторметамфетамина 1г", ["4-FMA"]),
    ("Uncut coke 0,5 gr", ["Cocaine"]),
    ("100 x Red Bull 280mg pills", ["MDMA"]),
    ("20 cachets d'ecstasy 200mg", ["MDMA"]),
    ("10gr. 3F-A-PVP (A-PVP analog)", ["3F-α-PVP"]),
    ("K2 paper infused MDMB-4en-PINACA", ["MDMB-4en-PINACA"]),
    ("QP Space Cookies 25% THC Indoor Weed", ["Cannabis"]),
    ("92% THC Crumble", ["THC"]),
    ("14g coffee shop quality Stardawg", ["Cannabis"]),
    ("1 gram rocky soap bar", ["Hashish"]),
    ("Tusi rosa 2 gramos", ["2C-B"]),
]
NOT_NAMED = [
    "Yangi ko'chat va gul urug'lari",
    "Herbe de Provence bio 100g",
    "Соль для ванн морская 1 кг",
    "speed test of your line",
    "crystal glass vase 1 kg",
    "China porcelain tea set",
    "ice cream machine 2 l",
    "coke zero 12 cans",
    "MDMA test kit 20 uses",
    "Acid wash denim jacket",
    "Марки почтовые СССР 40 шт",
    "Винт М8 100 шт",
    "Angel dust makeup palette",
    "Black Opium perfume 50 ml",
    "Charlie Chaplin DVD",
    "snow globe",
    "Red Bull 24 cans 250 ml",
    "Tesla model 3 key card",
    "Backup concert tickets and fantasy books",
    "heroine novel",
    "Generic Sildenafil 100mg",
    "coffee beans arabica 250 ml",
    "",
]


@pytest.mark.parametrize(("title", "names"), NAMED)
def test_a_title_names_its_substances(title: str, names: list[str]) -> None:
    assert [one.name for one in find_substances(title)] == names


@pytest.mark.parametrize("title", NOT_NAMED)
def test_a_false_friend_is_no_substance(title: str) -> None:
    assert find_substances(title) == ()


def test_a_match_carries_the_words_it_was_read_from() -> None:
    (one,) = find_substances("best М-е-ф-е-д-р-о-н here")
    assert one.matched_text == "М-е-ф-е-д-р-о-н"


def test_an_alias_inside_a_longer_name_is_not_counted() -> None:
    assert [one.name for one in find_substances("5F-MDMB-PICA 10g")] == ["5F-MDMB-PICA"]


def test_a_description_counts_only_where_the_title_is_silent() -> None:
    assert [one.name for one in find_in_listing("3-MMC 1g", "also MDMA and cocaine")[0]] == ["3-MMC"]
    assert [one.name for one in find_in_listing("Special offer", "Pure ketamine needles")[0]] == ["Ketamine"]


COINED = [
    ("2-Cl-4-Me-PiHP 96%", "synthetic cathinones"),
    ("4F-3-Me-α-PVP 10g", "synthetic cathinones"),
    ("3-хлор-N-этилгекседрон 5 г", "synthetic cathinones"),
    ("2-фтордезхлоркетамин 1г", "arylcyclohexylamines"),
    ("3-Br-PHP 5g", "synthetic cathinones"),
    ("Butoxynitazepyne 1g", "nitazenes"),
    ("Циклобутонитазен 1 г", "nitazenes"),
    ("MDMB-5Cl-HEXICA 1 kg", "synthetic cannabinoids"),
    ("N-isobutylheptedrone 1 g", "synthetic cathinones"),
    ("3,4-difluoro-α-PHP 1g", "synthetic cathinones"),
    ("Nitrobromazolam 2mg", "designer benzodiazepines"),
    ("Cycloheptylfentanyl HCl", "fentanyl analogues"),
    ("4-BuO-DMT 500 mg", "tryptamines"),
    ("25Br-NBOEt 500ug", "phenethylamines"),
    ("3-Br-2'-Oxo-PCPr 1g", "arylcyclohexylamines"),
    ("6-Bromo-MDAI 1g", "aminoindanes"),
    ("3-iodobenzylpiperazine", "piperazines"),
]


@pytest.mark.parametrize(("title", "substance_class"), COINED)
def test_an_unlisted_name_that_follows_a_pattern_is_emergent(title: str, substance_class: str) -> None:
    (one,) = find_substances(title)
    assert (one.emergent, one.substance_class) == (True, substance_class)
    assert one.name == one.matched_text == title[: len(one.name)]


@pytest.mark.parametrize("title", ["Bromazolam 2mg", "бромазолам 2мг", "bromzolam 2mg", "MDMB-4en-PINACA", "Clonazolm"])
def test_a_listed_name_is_not_emergent_however_it_is_spelt(title: str) -> None:
    assert [one.emergent for one in find_substances(title)] == [False]


@given(st.text(max_size=400))
def test_any_text_is_survived(text: str) -> None:
    for one in find_substances(text):
        assert one.matched_text in text


@given(st.text(alphabet="aα-,0123456789'NOMePCBrfluoro", max_size=2000))
def test_patterns_do_not_run_away(text: str) -> None:
    assert all(text[one.start : one.end] == one.name for one in find(text))


EVERYDAY = [
    "concert",
    "fantasy",
    "channel",
    "rhythm",
    "assist",
    "assassin",
    "specials",
    "monster",
    "facebook",
    "youtube",
    "mario",
    "batman",
    "skull",
    "grenade",
    "transformers",
    "dominate",
    "illuminate",
    "parsons",
    "pasadena",
    "nipple",
    "meridian",
    "serotonin",
    "carats",
    "bonsai",
    "monday",
    "theme",
    "propylene",
    "methylene",
    "ethylene",
    "glasses",
    "sunglasses",
    "bromas",
    "avanza",
    "vegetal",
    "thema",
    "konzert",
    "fantasie",
    "rhythmus",
    "ambiente",
    "rythme",
    "monstre",
    "avance",
    "spéciale",
    "monstruo",
    "lírica",
    "domini",
    "concerti",
    "концерт",
    "фантазия",
    "монстр",
    "порция",
    "черепаха",
    "индикатор",
    "героиня",
    "нашей",
]


@pytest.mark.parametrize("word", EVERYDAY)
def test_an_everyday_word_with_a_weight_is_no_drug(word: str) -> None:
    assert find_substances(f"{word} 5g") == ()
