"""Ordinary titles in which nothing is emergent, for counting false alarms: python -m bench.gold.ordinary."""

from __future__ import annotations

import json
import random
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

SEED = 20261
WORDS = Path(__file__).with_name("ordinary.toml")
COUNT = 5600
MOST_ATTEMPTS = 40 * COUNT


def filled(pattern: str, tables: dict[str, list[str]], dice: random.Random) -> str:
    """Give the pattern with each `{table}` replaced by one of that table's words."""
    text = pattern
    while "{" in text:
        before, _, rest = text.partition("{")
        name, _, after = rest.partition("}")
        text = before + dice.choice(tables[name]) + after
    return text


def draw_titles(book: dict[str, Any], dice: random.Random) -> Iterator[str]:
    """Give titles for ever, each group of patterns by its weight."""
    groups = list(book["groups"].values())
    weights = [group["weight"] for group in groups]
    while True:
        group = dice.choices(groups, weights)[0]
        yield filled(dice.choice(group["patterns"]), book["tables"], dice)


def ordinary_titles(count: int = COUNT, seed: int = SEED) -> list[str]:
    """Give `count` different ordinary titles, always the same ones; raise ValueError if the tables are too small."""
    book = tomllib.loads(WORDS.read_text(encoding="utf-8"))
    found: dict[str, None] = {}
    for attempt, title in enumerate(draw_titles(book, random.Random(seed))):
        found[title] = None
        if len(found) == count:
            break
        if attempt > MOST_ATTEMPTS:
            raise ValueError(f"the tables give only {len(found)} different titles")
    return list(found)


def main() -> int:
    """Print the titles as `npswatch label` reads them."""
    for number, title in enumerate(ordinary_titles(), 1):
        print(json.dumps({"id": f"o{number:05d}", "title": title, "description": None}, ensure_ascii=False))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
