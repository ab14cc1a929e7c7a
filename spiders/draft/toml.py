"""A draft as the text of a profile file, with what a person should look at."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from spiders.draft.draft import Draft
from spiders.draft.found import FoundSelector

_ASKED = ("title", "vendor", "price", "category", "ships_from", "ships_to", "stock", "rating", "description")


def profile_text(draft: Draft) -> str:
    """The TOML of the draft: what the reader learnt, how sure it is, and where a person may correct it."""
    profile = draft.profile
    types = ", ".join(f"{count} {kind}" for kind, count in draft.page_types.items())
    lines = [
        f"# Drafted by `npswatch market new` from {draft.pages} pages: {types}.",
        f"# Template {draft.template.version}, kept in the home. Any line may be corrected: see docs/profiles.md.",
        f"name = {_quoted(profile.name)}",
        f"kind = {_quoted(profile.kind)}",
        "pace = 1.0                 # requests a second",
        f"entry_paths = {json.dumps(list(profile.entry_paths))}",
        "",
        "# The least a full run must see; half of what the draft saw.",
        "[minimums]",
        *_pairs(profile.minimums),
        "",
        "# The least share of pages that fill a field; less is an alarm.",
        "[fill]",
        *_pairs(profile.fill),
        "",
        "# Which page type an address shape leads to: # is a number, * a name.",
        "[addresses]",
        *_pairs(profile.addresses),
        "",
        "# Where fields stand. Behind each: on how many pages the selector agreed with the reader; on how many more it",
        "# finds what the reader missed or took from a wrong place.",
        "[selectors]",
        *(
            f"{_quoted(found.key)} = {_quoted(found.css)}  # {found.agreed} of {found.pages}{_more(found)}"
            for found in draft.selectors
        ),
        *_missing(draft),
    ]
    return "\n".join(lines) + "\n"


def _more(found: FoundSelector) -> str:
    return f", {found.mended} more" if found.mended else ""


def _missing(draft: Draft) -> Iterable[str]:
    """A line for each field that no selector was found for, with how often the reader fills it without one."""
    known = {found.key for found in draft.selectors}
    for name in _ASKED:
        key = f"listing.{name}"
        if key not in known and key in draft.filled:
            yield f'# {_quoted(key)} = ""  # read without a selector on {draft.filled[key]:.0%} of listings'


def _pairs(table: Mapping[str, object]) -> Iterable[str]:
    return (f"{key if key.isidentifier() else _quoted(key)} = {_value(value)}" for key, value in table.items())


def _value(value: object) -> str:
    return _quoted(value) if isinstance(value, str) else json.dumps(value)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
