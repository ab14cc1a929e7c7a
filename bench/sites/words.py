"""The content tables of the invented sites: goods, names and the words of each language."""

import csv
import re
import tomllib
import unicodedata
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from pathlib import Path

CONTENT = Path(__file__).parent / "content"
NPS_FAMILIES = ("cathinones", "cannabinoids", "benzos", "psychedelics", "dissociatives")
EASTERN_DIGITS = str.maketrans("0123456789.,", "۰۱۲۳۴۵۶۷۸۹٫٬")


@dataclass(frozen=True, kw_only=True, slots=True)
class Good:
    """Something sold: its names, its family, the unit it is sold in and an invented price a unit in US dollars."""

    name: str
    name_ru: str
    family: str
    unit: str
    usd: float

    @property
    def root(self) -> str:
        """The family's parent among the category roots."""
        if self.family == "digital":
            return "digital"
        return "nps" if self.family in NPS_FAMILIES else "drugs"


@dataclass(frozen=True, kw_only=True, slots=True)
class Words:
    """The words of one language, as its content file holds them."""

    decimal: str
    thousands: str
    units: dict[str, str]
    names: str
    titles: list[str]
    digital_titles: list[str]
    marks: list[str]
    brands: list[str]
    purity: list[str]
    about: list[str]
    lines: list[str]
    good: list[str]
    bad: list[str]
    countries: list[str]
    destinations: list[str]
    faq: list[str]
    news: list[str]
    rules: list[str]
    families: dict[str, str]
    roots: dict[str, str]
    cities: list[str] = field(default_factory=list)
    districts: list[str] = field(default_factory=list)
    drops: list[str] = field(default_factory=list)

    def number(self, value: Decimal, group: bool = True) -> str:
        """A number as this language writes it."""
        text = f"{value:,f}" if group else f"{value:f}"
        return text.replace(",", "\0").replace(".", self.decimal).replace("\0", self.thousands)

    def quantity(self, amount: Decimal, unit: str, wide: bool = True) -> str:
        """An amount with its unit; digital goods have none."""
        gap = " " if wide else ""
        return f"{self.number(amount)}{gap}{self.units[unit]}" if self.units[unit] else ""


def rows(file: str) -> list[dict[str, str]]:
    """The rows of a tab-separated table, comment lines left out."""
    lines = (CONTENT / file).read_text(encoding="utf-8").splitlines()
    return list(csv.DictReader([line for line in lines if not line.startswith("#")], delimiter="\t"))


@cache
def words_of(language: str) -> Words:
    """The words of a language: en, ru, uk, uz, uz_cyrl, kk, fa, de or nl."""
    return Words(**tomllib.loads((CONTENT / f"{language}.toml").read_text(encoding="utf-8")))


@cache
def goods() -> tuple[Good, ...]:
    """All goods of the catalogue."""
    return tuple(
        Good(name=r["name"], name_ru=r["name_ru"], family=r["family"], unit=r["unit"], usd=float(r["usd"]))
        for r in rows("goods.tsv")
    )


@cache
def vendor_names(scripts: tuple[str, ...]) -> tuple[str, ...]:
    """Invented vendor names in the scripts asked for."""
    return tuple(r["name"] for r in rows("vendors.tsv") if r["script"] in scripts)


@cache
def buyers() -> tuple[str, ...]:
    """Masked buyer names."""
    return tuple((CONTENT / "buyers.txt").read_text(encoding="utf-8").split())


def slug(text: str) -> str:
    """A text as shops put it into addresses: ASCII letters and digits with hyphens, may be empty."""
    ascii_text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return "-".join(re.findall(r"[a-z0-9]+", ascii_text))
