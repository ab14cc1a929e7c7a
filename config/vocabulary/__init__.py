"""Vocabularies as data: tables a person can read, correct and extend, each row or file with its source."""

from __future__ import annotations

import csv
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent


def read_table(path: Path) -> tuple[dict[str, str], ...]:
    """The rows of a tab-separated table with a header line; lines that start with # are remarks."""
    with path.open(encoding="utf-8", newline="") as lines:
        kept = (line for line in lines if line.strip() and not line.startswith("#"))
        return tuple(csv.DictReader(kept, delimiter="\t", quoting=csv.QUOTE_NONE))


@cache
def table(name: str) -> tuple[dict[str, str], ...]:
    """The rows of ``config/vocabulary/<name>.tsv``."""
    return read_table(FOLDER / f"{name}.tsv")


def tree(name: str) -> dict[str, Any]:
    """What ``config/vocabulary/<name>.toml`` holds."""
    with (FOLDER / f"{name}.toml").open("rb") as file:
        return tomllib.load(file)
