"""`npswatch label`: what the pipelines make of a title and a description."""

from __future__ import annotations

import json
import sys
from typing import Any

import typer

from crawler.cli.context import print_json
from crawler.model.errors import BadInput


def add_to(app: typer.Typer) -> None:
    """Adds the command."""
    app.command(name="label")(label_command)


def label_command() -> None:
    """Read JSON lines `{"id","title","description"}` and print what each offers, one JSON line each.

    Example: `echo '{"id": 1, "title": "3-MMC 10 x 1g", "description": null}' | npswatch label`
    """
    from pipelines.label import label

    for number, line in enumerate(sys.stdin, start=1):
        if line.strip():
            entry = _entry(line, number)
            print_json({"id": entry["id"], **label(entry["title"], entry.get("description"))})


def _entry(line: str, number: int) -> dict[str, Any]:
    try:
        entry: Any = json.loads(line)
    except ValueError as error:
        raise BadInput(f"line {number} is no JSON: {error}") from error
    texts = (entry.get("title"), entry.get("description")) if isinstance(entry, dict) else (None, 0)
    if not isinstance(texts[0], str) or not isinstance(texts[1], str | None) or "id" not in entry:
        raise BadInput(f'line {number} must be an object with "id", "title" and "description" (text or null)')
    return dict(entry)
