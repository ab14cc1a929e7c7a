"""Amounts in titles: mass, volume, count, dose, form."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.amount import find_amount
from pipelines.substance import find_substances

AMOUNTS = [
    ("10x 1g 3-MMC", {"quantity_g": "10"}),
    ("3x1g sampler", {"quantity_g": "3"}),
    ("ketamine 1 g x 5", {"quantity_g": "5"}),
    ("0.25g ketamine", {"quantity_g": "0.25"}),
    ("3,5 гр меф", {"quantity_g": "3.5"}),
    ("Half ounce of weed", {"quantity_g": "14.1747615"}),
    ("¼ lb weed", {"quantity_g": "113.3980925"}),
    ("2 1/2 g coke", {"quantity_g": "2.5"}),
    ("QP kush", {"quantity_g": "113.398"}),
    ("1.5kg hash", {"quantity_g": "1500"}),
    ("ГЕРОИНА полкило", {"quantity_g": "500"}),
    ("هروئین ۱۰ گرم", {"quantity_g": "10"}),
    ("MDMA 84% 10g harvest 2025", {"quantity_g": "10"}),
    ("Cocaine 1g 2g 5g", {}),
    ("Cocaine 0.5-1g", {}),
    ("5 × 10 pills (50) Bromazolam 2 mg", {"count": 50, "dose_mg": "2", "form": "pill"}),
    ("LSD 100 mcg x 25", {"count": 25, "dose_mg": "0.1"}),
    ("ACID tabs 25 pcs 150ug LSD", {"count": 25, "dose_mg": "0.15", "form": "blotter"}),
    ("Tramadol (200mg/pill) 30 pills", {"count": 30, "dose_mg": "200", "form": "pill"}),
    ("1 000 pills MDMA 220mg", {"count": 1000, "dose_mg": "220", "form": "pill"}),
    ("Экстази таблетки 10шт по 200мг", {"count": 10, "dose_mg": "200", "form": "pill"}),
    ("28 Valium roche", {"count": 28}),
    ("Xanax 2mg x 1,000 Bars", {"count": 1000, "dose_mg": "2", "form": "pill"}),
    ("Percocet 10/325mg x 30 tabs", {"count": 30, "dose_mg": "10", "form": "pill"}),
    ("Stilnox Zolpidem 10mgx20", {"count": 20, "dose_mg": "10"}),
    ("10 bags x 0.5g heroin", {"quantity_g": "5"}),
    ("ketamine 10ml vials x 5", {"volume_ml": "50", "form": "liquid"}),
    ("Percocet 5mg/325mg #60", {"count": 60, "dose_mg": "5"}),
    ("OG Kush, Ounce", {"quantity_g": "28.349523"}),
    ("6-APB 100mg pellets (10)", {"count": 10, "dose_mg": "100", "form": "pill"}),
    ("28 AMNESIA HAZE CANNABIS", {}),
    ("ROLEX XTC 280Mg", {"dose_mg": "280", "form": "pill"}),
    ('20 x "EVIL EYE" 265mg', {"count": 20, "dose_mg": "265", "form": "pill"}),
    ("QP (112g) weed", {"quantity_g": "112"}),
    ("15X distillate cartridge", {"count": 15, "form": "vape"}),
    ("2-FMA 1000mg", {"quantity_g": "1"}),
    ("GBL 1 litre", {"volume_ml": "1000"}),
    ("Testosterone 250mg/ml 10ml vial", {"volume_ml": "10", "form": "liquid"}),
    ("25I-NBOMe blotters 800ug × 50", {"count": 50, "dose_mg": "0.8", "form": "blotter"}),
    ("Gras 50 Gramm, 8,50 € pro Gramm", {"quantity_g": "50"}),
    ("Etizolam 1mg - 250 pellets", {"count": 250, "dose_mg": "1", "form": "pill"}),
    ("Tramadol 225 mg, 10 x 10 blister", {"count": 100, "dose_mg": "225"}),
    ("Heroin no.4 Afghan 0.25 g", {"quantity_g": "0.25"}),
    ("Екстазі 10 пігулок 250 мг", {"count": 10, "dose_mg": "250", "form": "pill"}),
    ("1,000 Ecstasy pills 220mg", {"count": 1000, "dose_mg": "220", "form": "pill"}),
    ("Signal +49 151 2345 6789 Kokain 0.5g", {"quantity_g": "0.5"}),
]


@pytest.mark.parametrize(("title", "expected"), AMOUNTS)
def test_a_title_states_its_amounts(title: str, expected: dict[str, object]) -> None:
    amount = find_amount(title, find_substances(title))
    found = {name: getattr(amount, name) for name in ("quantity_g", "volume_ml", "count", "dose_mg", "form")}
    values = {name: Decimal(value) if name[-2:] in ("_g", "ml", "mg") else value for name, value in expected.items()}  # type: ignore[arg-type]
    assert {name: value for name, value in found.items() if value is not None} == values


@given(st.integers(1, 99), st.integers(1, 999))
def test_a_multiplier_multiplies_on_either_side(times: int, grams: int) -> None:
    assert find_amount(f"{times}x {grams}g stuff").quantity_g == times * grams
    assert find_amount(f"stuff {grams} g x {times}").quantity_g == times * grams


@given(st.text(max_size=300))
def test_any_text_is_survived(text: str) -> None:
    amount = find_amount(text)
    assert amount.quantity_g is None or amount.quantity_g >= 0
