"""Linked crime: flags with their words, near misses left alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.linked_crime import find_linked_crimes

FLAGGED = [
    ("Bitcoin mixer and laundering service", "money_laundering"),
    ("Отмыв денег через обнал", "money_laundering"),
    ("Glock 19 with two magazines", "weapons"),
    ("Пистолет ПМ боевой", "weapons"),
    ("To'pponcha sotiladi", "weapons"),
    ("سلاح کلاشینکوف", "weapons"),
    ("Fake driving licence UK", "forged_documents"),
    ("Сохта паспорт", "forged_documents"),
    ("Faux passeport", "forged_documents"),
    ("Fresh fullz US", "cybercrime"),
    ("Banking trojan", "cybercrime"),
    ("Bribe price list", "corruption"),
    ("Взятка таможне", "corruption"),
    ("Human trafficking at your service", "human_trafficking"),
    ("Illegal crossing to UK by boat", "migrant_smuggling"),
    ("Donate to the jihad fighters", "terrorism"),
    ("Перевоз людей через границу без документов", "migrant_smuggling"),
    ("Тапанша сатылады, оқтарымен", "weapons"),
    ("Акчаны адалдоо кызматы", "money_laundering"),
    ("İnsan ticareti kadınlar", "human_trafficking"),
    ("Hacked Spotify accounts x100", "cybercrime"),
]
CLEAN = [
    "Gun oil for rifle cleaning 100ml",
    "AK-47 strain weed 5g",
    "Water pistol summer toy",
    "Laundry detergent pods",
    "Monopoly play money set",
    "Driving theory course",
    "Trojan horse wooden model kit",
    "Model photography course for girls",
    "Bomb bath salts fizzy",
    "Автомат для газированной воды",
    "Обложка для паспорта, кожа",
    "Pistolet à colle chaude 40 W",
    "Возврат денег гарантируем",
    "Shotgun shell shot glass",
    "Строительный пистолет для пены",
    "",
]


@pytest.mark.parametrize(("title", "flag"), FLAGGED)
def test_a_crime_that_is_named_is_flagged(title: str, flag: str) -> None:
    assert list(find_linked_crimes(title)) == [flag]


@pytest.mark.parametrize("title", CLEAN)
def test_a_near_miss_is_not_flagged(title: str) -> None:
    assert find_linked_crimes(title) == {}


def test_a_flag_shows_the_words_that_raised_it() -> None:
    assert find_linked_crimes("Selling a Glock 19, cheap") == {"weapons": "Glock 19"}


@given(st.text(max_size=400))
def test_any_text_is_survived(text: str) -> None:
    assert all(words in text for words in find_linked_crimes(text).values())
