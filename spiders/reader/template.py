"""What a site taught: frozen, versioned, written to and read from TOML."""

from __future__ import annotations

import hashlib
import json
import tomllib
from dataclasses import dataclass, field
from functools import cached_property

from crawler.model.errors import BadInput

_VERSION_LENGTH = 16


@dataclass(frozen=True)
class Place:
    """Where a field stands on pages of one type: the path of its element, with how many pages agreed of how many.

    ``nth`` counts the elements of this path from 0.
    """

    page_type: str
    field: str
    path: str
    crc: int
    agreed: int
    pages: int
    nth: int = 0


@dataclass(frozen=True)
class Template:
    """The lessons of one site.

    ``frame`` are texts that stand at the same place on pages of several types, as ``place text``; ``title_words`` are
    folded parts of the document title that most pages share; ``title_types`` says to which page type a part of the
    document title belongs, ``shapes`` to which an address shape leads; ``places`` where fields stand; ``signs`` are
    path numbers that only pages of one type have; ``trims`` the words every value of a field begins and ends with;
    ``categories`` the folded names of the site's categories, ``sellers`` those of its vendors.
    ``selectors`` are those a profile stated. ``version`` is a hash of all of it: the same bytes read with the same
    version give the same values.
    """

    frame: frozenset[str] = frozenset()
    title_words: frozenset[str] = frozenset()
    shapes: dict[str, str] = field(default_factory=dict)
    places: tuple[Place, ...] = ()
    signs: dict[str, tuple[int, ...]] = field(default_factory=dict)
    title_types: dict[str, str] = field(default_factory=dict)
    trims: dict[str, tuple[str, str]] = field(default_factory=dict)
    selectors: dict[str, str] = field(default_factory=dict)
    categories: frozenset[str] = frozenset()
    sellers: frozenset[str] = frozenset()
    pages: int = 0

    @cached_property
    def version(self) -> str:
        """The template's hash, 16 hexadecimal digits."""
        return hashlib.sha256(self.to_toml().encode()).hexdigest()[:_VERSION_LENGTH]

    def place(self, page_type: str, name: str) -> Place | None:
        """Where the field stands on pages of this type, when the site taught it."""
        return next((place for place in self.places if (place.page_type, place.field) == (page_type, name)), None)

    def to_toml(self) -> str:
        """The template as TOML, always the same text for the same lessons."""
        lines = [
            f"pages = {self.pages}",
            f"frame = {_list(sorted(self.frame))}",
            f"title_words = {_list(sorted(self.title_words))}",
        ]
        if self.categories:
            lines.append(f"categories = {_list(sorted(self.categories))}")
        if self.sellers:
            lines.append(f"sellers = {_list(sorted(self.sellers))}")
        lines += ["", "[shapes]"]
        lines += [f"{_quoted(shape)} = {_quoted(kind)}" for shape, kind in sorted(self.shapes.items())]
        lines += ["", "[title_types]"]
        lines += [f"{_quoted(part)} = {_quoted(kind)}" for part, kind in sorted(self.title_types.items())]
        lines += ["", "[trims]"]
        lines += [f"{_quoted(name)} = {_list(list(ends))}" for name, ends in sorted(self.trims.items())]
        lines += ["", "[signs]"]
        lines += [f"{kind} = {json.dumps(sorted(crcs))}" for kind, crcs in sorted(self.signs.items())]
        if self.selectors:
            lines += ["", "[selectors]"]
            lines += [f"{_quoted(name)} = {_quoted(css)}" for name, css in sorted(self.selectors.items())]
        for place in sorted(self.places, key=lambda place: (place.page_type, place.field)):
            lines += [
                "",
                "[[place]]",
                f"page_type = {_quoted(place.page_type)}",
                f"field = {_quoted(place.field)}",
                f"path = {_quoted(place.path)}",
                f"crc = {place.crc}",
                f"agreed = {place.agreed}",
                f"pages = {place.pages}",
                *([f"nth = {place.nth}"] if place.nth else []),
            ]
        return "\n".join(lines) + "\n"

    @classmethod
    def from_toml(cls, text: str) -> Template:
        """The template that ``to_toml`` wrote. Raises BadInput for anything else."""
        try:
            table = tomllib.loads(text)
            return cls(
                frame=frozenset(table["frame"]),
                title_words=frozenset(table["title_words"]),
                categories=frozenset(table.get("categories", ())),
                sellers=frozenset(table.get("sellers", ())),
                shapes=dict(table["shapes"]),
                places=tuple(Place(**row) for row in table.get("place", ())),
                title_types=dict(table["title_types"]),
                trims={name: (ends[0], ends[1]) for name, ends in table["trims"].items()},
                selectors=dict(table.get("selectors", {})),
                signs={kind: tuple(crcs) for kind, crcs in table["signs"].items()},
                pages=int(table["pages"]),
            )
        except (tomllib.TOMLDecodeError, AttributeError, KeyError, TypeError, ValueError) as error:
            raise BadInput(f"no reader template: {error}") from error


def frame_word(crc: int, folded: str) -> str:
    """A text at a place, as ``Template.frame`` lists it."""
    return f"{crc:x} {folded}"


def _quoted(text: str) -> str:
    """A TOML string; TOML knows no pairs of surrogates, so that letters beyond the first plane stay as they are."""
    scalars = text.encode("utf-8", "replace").decode()
    return json.dumps(scalars, ensure_ascii=False).replace("\x7f", "\\u007f")


def _list(words: list[str]) -> str:
    return "[" + ", ".join(map(_quoted, words)) + "]"
