"""Recorded cases: a scrubbed page and the complete JSON of what it says, beside the profile."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config.profiles import Profile, markets_folder
from crawler.model.errors import BadInput
from crawler.model.plain import plain
from crawler.model.reading import Received


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """A page and what it must say; ``expected`` also holds the ``url`` the page is read with."""

    name: str
    page: Path
    expected: dict[str, Any]


def cases_folder(market: str) -> Path:
    """Where a market's cases lie: NAME/cases beside NAME.toml."""
    return markets_folder() / market / "cases"


def read_cases(market: str) -> list[Case]:
    """All cases of a market by name. Raises BadInput for a page without its JSON, or one that is none."""
    folder = cases_folder(market)
    cases = [_case(page) for page in sorted(folder.glob("*.html"))]
    lonely = {path.stem for path in folder.glob("*.json")} - {case.name for case in cases}
    if lonely:
        raise BadInput(f"{folder}: no page for {', '.join(sorted(lonely))}.json")
    return cases


def _case(page: Path) -> Case:
    path = page.with_suffix(".json")
    try:
        expected = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BadInput(f"{path}: no case can be read: {error}; record it with npswatch market record") from error
    if not isinstance(expected, dict) or "page_type" not in expected:
        raise BadInput(f"{path}: holds no page; record it with npswatch market record")
    return Case(name=page.stem, page=page, expected=expected)


def read_as_case(body: bytes, url: str | None, profile: Profile | None) -> dict[str, Any]:
    """What a page says by the profile alone, nothing learnt, without the sources of its fields."""
    from pipelines.understanding import start_sighting, understand
    from spiders.reader import read_page

    raw = read_page(Received(body=body, url=url), profile=profile)
    page: dict[str, Any] = plain(understand(start_sighting(raw, market="", url=url or "")).page)
    if "listing" in page:
        page["listing"].pop("sources", None)
    return ({"url": url} if url else {}) | page


def differences(expected: Any, got: Any, field: str = "") -> Iterator[str]:
    """What differs, one sentence a field; a key that only one of them has differs."""
    if isinstance(expected, dict) and isinstance(got, dict):
        for key in [*expected, *(key for key in got if key not in expected)]:
            inner = f"{field}.{key}" if field else key
            if key not in got:
                yield f"{inner}: expected {_short(expected[key])}, nothing was read"
            elif key not in expected:
                yield f"{inner}: nothing was expected, read {_short(got[key])}"
            else:
                yield from differences(expected[key], got[key], inner)
    elif isinstance(expected, list) and isinstance(got, list) and len(expected) == len(got):
        for number, (one, other) in enumerate(zip(expected, got, strict=True)):
            yield from differences(one, other, f"{field}[{number}]")
    elif expected != got:
        yield f"{field}: expected {_short(expected)}, read {_short(got)}"


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 120 else f"{text[:117]}..."
