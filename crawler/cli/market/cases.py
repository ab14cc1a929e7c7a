"""Recorded cases: a scrubbed page and the complete JSON of what it says, beside the profile."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config.profiles import Profile, markets_folder
from crawler.model.page import PageType
from crawler.model.plain import plain
from crawler.model.reading import Received

_PAGE_TYPES = frozenset(kind.value for kind in PageType)


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """A page and what it must say; ``expected`` also holds the ``url`` the page is read with."""

    name: str
    page: Path
    expected: dict[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class CaseFault:
    """A case that cannot be read: its file, and what is wrong with it and what to do."""

    name: str
    path: Path
    fault: str


def cases_folder(market: str) -> Path:
    """Where a market's cases lie: NAME/cases beside NAME.toml."""
    return markets_folder() / market / "cases"


def read_cases(market: str) -> tuple[list[Case], list[CaseFault]]:
    """All cases of a market by name, and every fault of those that cannot be read."""
    folder = cases_folder(market)
    pages = sorted(folder.glob("*.html"))
    told = [_case(page, market) for page in pages]
    lonely = sorted({path.stem for path in folder.glob("*.json")} - {page.stem for page in pages})
    return (
        [case for case in told if isinstance(case, Case)],
        [
            *(fault for fault in told if isinstance(fault, CaseFault)),
            *(
                CaseFault(
                    name=name,
                    path=folder / f"{name}.json",
                    fault=f"no page for {name}.json; put {name}.html beside it, or remove it",
                )
                for name in lonely
            ),
        ],
    )


def _case(page: Path, market: str) -> Case | CaseFault:
    path = page.with_suffix(".json")
    anew = f"record the page anew with npswatch market record {market} PAGE, or remove {page.name}"
    try:
        expected = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return CaseFault(name=page.stem, path=path, fault=f"no {path.name} beside {page.name}; {anew}")
    except (OSError, ValueError) as error:
        return CaseFault(
            name=page.stem, path=path, fault=f"no JSON can be read from it: {error}; correct it, or {anew}"
        )
    if wrong := _wrong(expected):
        return CaseFault(name=page.stem, path=path, fault=f"{wrong}; correct it, or {anew}")
    return Case(name=page.stem, page=page, expected=expected)


def _wrong(expected: Any) -> str | None:
    """Why this is not what a page says, None where it may be."""
    if not isinstance(expected, dict) or expected.get("page_type") not in _PAGE_TYPES:
        return f"holds no page with a page_type of {', '.join(sorted(_PAGE_TYPES))}"
    if not isinstance(expected.get("url", ""), str):
        return "its url is no text"
    return None


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
