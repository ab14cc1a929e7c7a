"""Tables as CSV and XLSX in which no word of a market can become a formula."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from pathlib import Path

from casework.cases.rows import Cell, Table

_SIGNS = "=+\\-@\uff1d\uff0b\uff0d\uff20"
# At the start of a cell and after what another program may take for the end of one: a sign, also behind blanks,
# quotes and what draws nothing; or another such end.
_FORMULA = re.compile(rf"(?:\A|(?<=[;\t\r\n]))(?=(?:[^\S\t\r\n]|[\"'\u200b-\u200f\u2060\ufeff])*+[{_SIGNS}]|[\t\r])")
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def neutral(text: str) -> str:
    """The words with an apostrophe before anything a spreadsheet program would calculate; else unchanged."""
    return _FORMULA.sub("'", writable(text))


def writable(text: str) -> str:
    """The words without control characters and other things no file of text may hold."""
    return _UNWRITABLE.sub("\ufffd", text)


def write_csv(table: Table, path: Path) -> None:
    """The table as CSV: UTF-8 with the mark spreadsheet programs look for, every cell quoted, words neutralised."""
    with path.open("x", encoding="utf-8-sig", newline="") as file:
        out = csv.writer(file, quoting=csv.QUOTE_ALL)
        out.writerow(table.columns)
        out.writerows(csv_cells(row) for row in table.rows)


def csv_cells(row: Iterable[Cell]) -> list[str]:
    """A row as it stands in the file."""
    return [_csv_cell(cell) for cell in row]


def _csv_cell(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    return neutral(cell) if isinstance(cell, str) else repr(cell)
