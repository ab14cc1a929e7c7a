"""How much is sold: total mass, volume, count, dose of a unit, form."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache

from config import vocabulary
from crawler.model.money import find_money
from crawler.model.numbers import NUMBER, decimal_of
from crawler.model.page import Offer, Substance
from crawler.model.sighting import Sighting
from crawler.model.values import Source
from pipelines.text import evened

_MILLIGRAM = Decimal("0.001")
_SAME = Decimal("0.02")
_LARGEST_COUNT = 10_000_000
_FRACTIONS = {"½": Decimal("0.5"), "¼": Decimal("0.25"), "¾": Decimal("0.75"), "⅛": Decimal("0.125")}
_FLUID_OUNCE = Decimal("29.5735") / Decimal("28.349523")
_NO_DIGIT = re.compile(r"\D")
_COUNTED = ("MDMA", "LSD", "Amphetamine", "Methadone", "Morphine", "Fentanyl", "Hydroxyzine", "Promethazine")
_BLOTTED = ("LSD", "NBO", "-LAD", "DOB", "DOI", "DOC")


@dataclass(frozen=True, kw_only=True, slots=True)
class Amount:
    """What a text says of the amount: grams, millilitres, units, milligrams a unit, form."""

    quantity_g: Decimal | None = None
    volume_ml: Decimal | None = None
    count: int | None = None
    dose_mg: Decimal | None = None
    form: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class _Measure:
    kind: str
    value: Decimal
    times: int | None
    start: int
    end: int


@dataclass(frozen=True, kw_only=True, slots=True)
class _Grammar:
    slang: re.Pattern[str]
    slang_grams: Mapping[str, Decimal]
    measure: re.Pattern[str]
    units: Mapping[str, tuple[str, Decimal]]
    words: Mapping[str, Decimal]
    count: re.Pattern[str]
    counted: Mapping[str, str]
    forms: tuple[tuple[str, re.Pattern[str]], ...]
    dosed_classes: frozenset[str]
    dosed_names: frozenset[str]
    dosed_words: frozenset[str]
    weighed_names: frozenset[str]


def read_amount(sighting: Sighting) -> Sighting:
    """The sighting with the amounts its listing's title states, or where it states none, its description's form."""
    listing = sighting.page.listing
    if listing is None or not listing.title:
        return sighting
    offer = listing.offer or Offer()
    amount = find_amount(listing.title, offer.substances)
    found = {name: value for name in Amount.__dataclass_fields__ if (value := getattr(amount, name)) is not None}
    if not found:
        return sighting
    source = Source(words=listing.title, rule="grammar:title", confidence=0.9)
    sources = {**listing.sources, **{f"offer.{name}": source for name in found}}
    changed = replace(listing, offer=replace(offer, **found), sources=sources)
    return replace(sighting, page=replace(sighting.page, listing=changed))


def find_amount(text: str, substances: tuple[Substance, ...] = ()) -> Amount:
    """The amounts a title states. ``substances`` decide whether milligrams are a mass or the dose of a unit."""
    plain = _without_second_strength(_without_money(evened(text)).lower())
    grammar = _grammar()
    form = _form(plain, substances, grammar)
    measures = _measures(plain, grammar)
    rest = _blanked(plain, measures)
    count = _count(rest, substances, grammar)
    weights = [one for one in measures if one.kind == "mass"]
    volumes = [one for one in measures if one.kind == "volume"]
    if count is None and (form in ("pill", "blotter", "vape", "patch") or any(one.value < 1 for one in weights)):
        count = _loose_count(rest)
    if _is_dosed(weights, count, form, substances, grammar):
        pills = form is None and (_are_pills_by_name(substances, grammar) or _is_mdma(substances))
        return _of_units(weights, volumes, count, "pill" if pills else form)
    if form == "liquid" and not volumes and any(word in plain for word in ("oz", "ounce")):
        volumes, weights = [replace(one, kind="volume", value=one.value * _FLUID_OUNCE) for one in weights], []
    if form is None and count is not None and _are_pills_by_name(substances, grammar):
        form = "pill"
    return Amount(quantity_g=_total(weights), volume_ml=_total(volumes), count=count, form=form)


def _is_mdma(substances: tuple[Substance, ...]) -> bool:
    """Whether all that is offered is MDMA: with the dose of a unit, that unit is a pill."""
    return bool(substances) and all(one.name == "MDMA" for one in substances)


def _are_pills_by_name(substances: tuple[Substance, ...], grammar: _Grammar) -> bool:
    return any(one.matched_text.lower() in grammar.dosed_words for one in substances)


def _of_units(weights: list[_Measure], volumes: list[_Measure], count: int | None, form: str | None) -> Amount:
    doses = [one for one in weights if one.value < 1]
    times = next((one.times for one in doses if one.times), None)
    heavy = [one for one in weights if one.value >= 1]
    return Amount(
        dose_mg=_one([one.value / _MILLIGRAM for one in doses]),
        count=count if count is not None else times,
        quantity_g=_total(heavy),
        volume_ml=_total(volumes),
        form=form,
    )


def _without_money(text: str) -> str:
    for match in find_money(text):
        text = text[: match.start] + " " * (match.end - match.start) + text[match.end :]
    return _CALLED.sub(lambda match: " " * len(match[0]), text)


_SECOND_STRENGTH = re.compile(
    r"(?<![\w.,/])(\d{1,3}(?:[.,]\d{1,2})?)(\s?(?:mg|мг))?\s?/\s?\d{1,3}(?:[.,]\d{1,2})?\s?(?:mg|мг)(?!\w|\s?/)"
)


def _without_second_strength(text: str) -> str:
    """The text with the first strength of a combination alone: "8mg/2mg", "10/325 mg"; of the same length."""
    return _SECOND_STRENGTH.sub(lambda match: f"{match[1]}mg".ljust(len(match[0])), text)


def _blanked(text: str, measures: Iterable[_Measure]) -> str:
    for one in measures:
        text = text[: one.start] + "\x00" * (one.end - one.start) + text[one.end :]
    return text


def _measures(text: str, grammar: _Grammar) -> list[_Measure]:
    found = [
        _Measure(kind="mass", value=grammar.slang_grams[match[0]], times=None, start=match.start(), end=match.end())
        for match in grammar.slang.finditer(text)
    ]
    written = (_measure(match, grammar) for match in grammar.measure.finditer(_blanked(text, found)))
    measures = [*filter(None, written), *found]
    return measures or [
        _Measure(kind="mass", value=_ALONE_GRAMS[match["unit"]], times=None, start=match.start(), end=match.end())
        for match in _ALONE.finditer(text)
    ]


_ALONE = re.compile(r"(?:^|[,|(/–-])\s?(?P<unit>ounce|oz|kilo|pound)\s?(?=$|[,|)/–-])")
_ALONE_GRAMS = {
    "ounce": Decimal("28.349523"),
    "oz": Decimal("28.349523"),
    "kilo": Decimal(1000),
    "pound": Decimal("453.59237"),
}


def _measure(match: re.Match[str], grammar: _Grammar) -> _Measure | None:
    kind, size = grammar.units[match["unit"]]
    number = _number(match, grammar)
    if number is None or match["from"] or (match["per"] and kind == "mass"):
        return None
    times = match["before"] or match["after"]
    return _Measure(
        kind=kind,
        value=number * size,
        times=int(_NO_DIGIT.sub("", times)) if times else None,
        start=match.start(),
        end=match.end(),
    )


def _number(match: re.Match[str], grammar: _Grammar) -> Decimal | None:
    if match["word"]:
        return grammar.words.get(" ".join(match["word"].split()))
    if match["sign"]:
        return _FRACTIONS[match["sign"]] + Decimal(match["whole"] or 0)
    if match["upper"]:
        lower = int(match["lower"])
        return Decimal(match["more"] or 0) + Decimal(match["upper"]) / lower if lower else None
    digits = match["number"]
    return decimal_of(digits) if digits[0] not in ".," else Decimal("0." + digits[1:])


def _total(measures: list[_Measure]) -> Decimal | None:
    return _one([one.value * (one.times or 1) for one in measures if one.value])


def _one(values: list[Decimal]) -> Decimal | None:
    """The value all agree on; None where a title states several (tiers, ranges)."""
    if not values or any(abs(value - values[0]) > _SAME * values[0] for value in values):
        return None
    return values[0].normalize() if values[0] != values[0].to_integral_value() else values[0].quantize(Decimal(1))


def _count(text: str, substances: tuple[Substance, ...], grammar: _Grammar) -> int | None:
    counts = [_units(match["n"], grammar) * int(match["m"] or 1) for match in grammar.count.finditer(text)]
    if not counts:
        unitary = (one for one in substances if _comes_in_units(one, grammar) or one.name in _COUNTED)
        counts = [count for one in unitary if (count := _count_before(text, one.matched_text.lower(), grammar))]
    counts = [count for count in counts if 0 < count <= _LARGEST_COUNT]
    return counts[0] if counts else None


def _units(number: str, grammar: _Grammar) -> int:
    said = grammar.words.get(number)
    return int(said if said is not None else Decimal(_NO_DIGIT.sub("", number) or 0))


def _count_before(text: str, name: str, grammar: _Grammar) -> int | None:
    """A bare number before the name of what comes in units: "28 Valium", "10 ecstasy pills", "two LSD tabs"."""
    match = re.search(
        rf"(?<![\w.,#№/-])(\d{{1,3}}(?:[.,]\d{{3}}){{1,2}}|\d{{1,6}}|[^\W\d]{{2,12}})\s?[x×х]?\s{re.escape(name)}(?!\w)",
        text,
    )
    if match is None or not (match[1][0].isdigit() or match[1] in grammar.words):
        return None
    return _units(match[1], grammar) or None


_TIMES = "[x×х*✕]"
_CONTAINER = (
    r"(?:\s?(?:bags?|baggies|packs?|packets?|sachets?|beutel|tütchen|zakjes?|pochons?|bolsas?|bolsitas?|bustine"
    r"|пакет\w{0,3}|зип\w{0,3}|vials?|bottles?|flaschen?|ampoules?|флакон\w{0,3}|ампул\w{0,2}))?"
)
_TIMES_BEFORE = re.compile(rf"(?<![\w.,#№-])(\d{{1,6}})\s?{_TIMES}(?=\s[\"'«“]?(?:\d-?)?[a-zа-я]|$)")
_PACKED = re.compile(
    rf"(?<![\w.,#№-])(?:(?P<m>\d{{1,4}})\s?{_TIMES}\s?)?(?P<n>\d{{1,5}})\s?-?(?:er|pack|ct|count|blisters?|блистер\w*)(?!\w)"
)
_CALLED = re.compile(r"(?<![\w+])(?:\+|00)[1-9](?:[ ()./-]{0,2}\d){7,14}(?!\w)")
_LOOSE = re.compile(
    r"(?:(?<!\w)(?:[x×х]|par|por|per|pack of|packs of|box of|lot de|boîte de|set of|strips? of|#(?=\d\d)|caja con"
    r"|caja de|doos van|№)\s?"
    r"|(?<!/),?\s(?!(?:19|20)\d\d$)(?=\d{2,6}$))(\d{1,3}(?:[.,]\d{3})+(?!\d)|\d{1,6})(?![\d.,]*\w)"
)
_BRACKETED = re.compile(r"[(\[{]\s?(\d{1,4})\s?[)\]}]")


def _loose_count(text: str) -> int | None:
    """A number of units named without a unit, believed only beside a dose: "x30", "par 10", "№20"."""
    packed = _PACKED.search(text)
    if packed:
        return int(packed["n"]) * int(packed["m"] or 1)
    match = _LOOSE.search(text) or _TIMES_BEFORE.search(text) or _BRACKETED.search(text)
    return int(_NO_DIGIT.sub("", match[1])) if match else None


def _is_dosed(
    weights: list[_Measure], count: int | None, form: str | None, substances: tuple[Substance, ...], grammar: _Grammar
) -> bool:
    small = [one for one in weights if one.value < 1]
    if not small:
        return False
    if form in ("pill", "blotter") or count is not None:
        return True
    if any(_comes_in_units(one, grammar) for one in substances):
        return form not in ("powder", "crystal")
    return any(one.times and one.value < Decimal("0.05") for one in small) and form not in ("powder", "crystal")


def _comes_in_units(substance: Substance, grammar: _Grammar) -> bool:
    return (
        substance.substance_class in grammar.dosed_classes
        or (substance.substance_class == "traditional" and substance.name not in grammar.weighed_names)
        or substance.name in grammar.dosed_names
        or substance.matched_text.lower() in grammar.dosed_words
        or any(mark in substance.name for mark in _BLOTTED)
    )


def _form(text: str, substances: tuple[Substance, ...], grammar: _Grammar) -> str | None:
    plain = re.sub(r"(?<=[a-z])4(?=[a-z])", "a", text)
    form = next((form for form, words in grammar.forms if words.search(plain)), None)
    blotted = any(mark in one.name for one in substances for mark in _BLOTTED)
    return "blotter" if form == "pill" and blotted and re.search(r"\btabs?\b", text) else form


@cache
def _grammar() -> _Grammar:
    units, forms = vocabulary.tree("units"), vocabulary.tree("forms")
    dosed = forms.pop("dosed")
    slang = {word: Decimal(grams) for grams, words in units["slang"].items() for word in words}
    words = {word: Decimal(value) for value, said in units["words"].items() for word in said}
    counted = {word: form for form, said in units["count"].items() for word in said}
    sizes = {
        word: (kind, Decimal(size))
        for kind in ("mass", "volume")
        for size, said in units[kind].items()
        for word in said
    }
    return _Grammar(
        slang=re.compile(rf"(?<![\w,.]){_either(slang)}(?!\w)"),
        slang_grams=slang,
        measure=_measure_pattern(sizes, words),
        units=sizes,
        words=words,
        count=_count_pattern(counted, words),
        counted=counted,
        forms=tuple((form, re.compile(rf"(?<!\w){_either_with_endings(said)}(?!\w)")) for form, said in forms.items()),
        dosed_classes=frozenset(dosed["classes"]),
        dosed_names=frozenset(dosed["names"]),
        dosed_words=frozenset(dosed["words"]),
        weighed_names=frozenset(dosed["weighed"]),
    )


def _measure_pattern(sizes: Mapping[str, object], words: Mapping[str, object]) -> re.Pattern[str]:
    number = (
        rf"(?:(?P<whole>\d)?(?P<sign>[½¼¾⅛])|(?:(?P<more>\d{{1,2}})\s)?(?P<upper>\d)/(?P<lower>\d{{1,2}})(?!\d)|(?P<number>{NUMBER}|[.,]\d{{1,6}})"
        rf"|(?P<word>{_either(words)}))"
    )
    return re.compile(
        rf"(?:(?<![\w.,])(?P<before>\d{{1,5}}){_CONTAINER}\s?{_TIMES}\s?|(?<![\d.,№#])(?<!\d/)(?<![a-zа-я]-)(?<![a-zа-я]))(?P<from>(?<![\w.,-])(?:(?:\d{{1,4}}(?:[.,]\d{{1,3}})?\s?[-–]\s?){{1,4}}|(?:\d{{1,4}}\s?/\s?){{2,5}}))?+{number}"
        rf"\s?-?(?P<unit>{_either(sizes)})\.?(?:(?!\w|-[a-z])|(?=[xх]\d))(?P<per>\s?/\s?(?:ml|мл))?+"
        rf"(?:{_CONTAINER}\s?{_TIMES}\s?(?P<after>\d{{1,3}}(?:[.,]\d{{3}})+(?!\d)|\d{{1,5}})(?![\d.,]*\s?(?:{_either(sizes)})(?!\w)))?+"
    )


def _count_pattern(counted: Mapping[str, str], words: Mapping[str, Decimal]) -> re.Pattern[str]:
    kinds = _either(counted)
    return re.compile(
        rf"(?<![\w.,#№$€£:-])(?<!\d/)(?:(?P<m>\d{{1,4}})\s?{_TIMES}\s?)?"
        rf"(?P<n>{_either(words)}(?=\s)|\d{{1,3}}(?:[ .,]\d{{3}})+(?!\d)|\d{{1,7}})(?:\s|\x00)?(?:{kinds})\.?(?!\w)"
    )


def _either(words: Iterable[str]) -> str:
    return "(?:" + "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True)) + ")"


def _either_with_endings(words: Iterable[str]) -> str:
    parts = (re.escape(word.removesuffix("*")) + (r"\w{0,12}" if word.endswith("*") else "") for word in words)
    return "(?:" + "|".join(sorted(parts, key=len, reverse=True)) + ")"


class AmountPipeline:
    """Scrapy's form of `read_amount`."""

    def process_item(self, item: Sighting) -> Sighting:
        """The sighting with its amounts."""
        return read_amount(item)
