"""What narrows a search besides its words: values picked from the facets, and the links that pick and drop them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlencode

from crawler.model.errors import BadInput
from index.folding import fold

FACETS = {
    "substance": "Substance",
    "class": "Class",
    "market": "Market",
    "vendor": "Vendor",
    "ships_from": "Ships from",
    "form": "Form",
    "language": "Language",
    "crime": "Linked crime",
}
"""The fields whose values are counted beside a search, with their headings."""


@dataclass(frozen=True, slots=True)
class Filter:
    """One value picked: any of the values of one field will do, all fields must hold."""

    field: str
    value: str

    @classmethod
    def read(cls, text: str) -> Filter:
        """The filter an address names as ``field:value``. Raises BadInput."""
        field, colon, value = text.partition(":")
        if not colon or field not in FACETS or not fold(value):
            raise BadInput(f"no filter {text[:80]!r}; there are {', '.join(FACETS)}, each with a value after a colon")
        return cls(field, value)

    def __str__(self) -> str:
        return f"{self.field}:{self.value}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Search:
    """All that a search's address says: words, filters, order and page (from 1)."""

    words: str = ""
    filters: tuple[Filter, ...] = ()
    sort: str = ""
    page: int = 1

    def query(self, without: str = "") -> str:
        """The search as one query; ``without`` leaves the filters of one field out."""
        fields = dict.fromkeys(each.field for each in self.filters if each.field != without)
        groups = [_any_of(each for each in self.filters if each.field == field) for field in fields]
        if not groups:
            return self.words.strip() or "*"
        return " ".join([f"({self.words})", *groups] if self.words.strip() else groups)

    def toggled(self, picked: Filter) -> Search:
        """The search with the value picked, or dropped where it was; on its first page."""
        kept = tuple(each for each in self.filters if each != picked)
        chosen = kept if len(kept) < len(self.filters) else (*kept, picked)
        return Search(words=self.words, filters=chosen, sort=self.sort)

    def at(self, page: int) -> Search:
        """The same search on another page."""
        return Search(words=self.words, filters=self.filters, sort=self.sort, page=page)

    def address(self) -> str:
        """The link to this search."""
        parts = [("q", self.words)] if self.words else []
        parts += [("f", str(each)) for each in self.filters]
        parts += [("sort", self.sort)] if self.sort else []
        parts += [("page", str(self.page))] if self.page > 1 else []
        return "/?" + urlencode(parts) if parts else "/"


def field_query(field: str, value: str) -> str:
    """A query for a value of one field, quoted; quotation marks cannot stand in a query's phrase and become blanks."""
    bare = value.replace('"', " ")
    return f'{field}:"{bare}"'


def _any_of(filters: Iterable[Filter]) -> str:
    parts = [field_query(each.field, each.value) for each in filters]
    return parts[0] if len(parts) == 1 else f"({' OR '.join(parts)})"
