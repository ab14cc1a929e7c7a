"""Places as ISO codes with the page's words; languages of few words."""

from __future__ import annotations

import pytest

from pipelines.language import find_language
from pipelines.place import country_of, find_places

PLACES = [
    ("Germany, Austria", [("Germany", "DE"), ("Austria", "AT")]),
    (
        "Austria, Belgium, France and Finland",
        [("Austria", "AT"), ("Belgium", "BE"), ("France", "FR"), ("Finland", "FI")],
    ),
    ("WW except US", [("WW except US", "WW")]),
    ("EU except UK, DE", [("EU except UK, DE", "EU")]),
    ("Весь мир кроме России", [("Весь мир кроме России", "WW")]),
    ("Европа и США", [("Европа", "EU"), ("США", "US")]),
    ("Bosnia & Herzegovina", [("Bosnia & Herzegovina", "BA")]),
    ("Narnia", [("Narnia", None)]),
]


@pytest.mark.parametrize(("text", "expected"), PLACES)
def test_a_list_of_places_is_split_and_coded(text: str, expected: list[tuple[str, str | None]]) -> None:
    assert [(place.text, place.country) for place in find_places(text)] == expected


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("US", "US"),
        ("UK", "GB"),
        ("Ташкент", "UZ"),
        ("Oʻzbekiston", "UZ"),
        ("Қазақстан", "KZ"),
        ("Тоҷикистон", "TJ"),
        ("افغانستان", "AF"),
        ("🇳🇱", "NL"),
        ("Worldwide", "WW"),
        ("Весь мир", "WW"),
        ("Berlin, Germany", "DE"),
        ("the Netherlands", "NL"),
    ],
)
def test_a_place_is_known_in_many_languages(text: str, code: str) -> None:
    assert country_of(text) == code


LANGUAGES = [
    ("Шишки Gorilla Glue 3г", "ru"),
    ("Лирика 300мг 14 капсул", "ru"),
    ("Wiet Lemon Haze 5 gram", "nl"),
    ("Uncut coke tester with free shipping", "en"),
    ("Кокс чистый 1 г, клад", "ru"),
    ("Geroin sotiladi, narxi arzon", "uz-Latn"),
    ("Наша бор, етказиб берамиз", "uz-Cyrl"),
    ("Апиын сатылады, бағасы арзан", "kk"),
    ("Наша сатабыз, баасы жакшы", "ky"),
    ("Афюни тоза фурӯхта мешавад", "tg"),
    ("هروئین خالص موجود است", "fa-AF"),
    ("د افغانستان چرس ښه کیفیت", "ps"),
    ("Гашиш є в наявності", "uk"),
    ("Amphetamin trocken, schneller Versand", "de"),
    ("Wiet van eigen kweek, snelle verzending", "nl"),
    ("Résine de qualité, livraison rapide", "fr"),
    ("Hachís de calidad con envío rápido", "es"),
    ("Fumo ottimo, spedizione veloce", "it"),
    ("Esrar var, hızlı kargo", "tr"),
    ("Кристалл 3-MMC quality shipping fast", "mixed"),
    ("3-CMC 15g", "und"),
    ("", "und"),
]


@pytest.mark.parametrize(("title", "tag"), LANGUAGES)
def test_a_title_has_a_language(title: str, tag: str) -> None:
    assert find_language(title) == tag
