"""The tables of a case as one workbook: words stay words, numbers are numbers, nothing is a formula or a link."""

from __future__ import annotations

from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from casework.cases.rows import Cell, Table
from casework.cases.spreadsheets import writable

LONGEST_CELL = 32_767
_CUT = " […]"
_WIDEST_COLUMN = 60
_NARROWEST_COLUMN = 8
_IN_MEMORY_AS_WORDS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}


def write_xlsx(
    tables: tuple[Table, ...], path: Path, *, title: str, changed: str, names: dict[str, str], headings: dict[str, str]
) -> None:
    """One sheet a table, with a heading that stays and filters; the same tables give the same bytes.

    ``names`` and ``headings`` translate the tables' and columns' machine names; ``changed`` is the date in the file.
    """
    import xlsxwriter

    whole = BytesIO()  # else parts of it lie in the system's folder for temporary files meanwhile
    with xlsxwriter.Workbook(whole, _IN_MEMORY_AS_WORDS) as book:
        moment = datetime.fromisoformat(changed).replace(tzinfo=None)
        book.set_properties({"title": writable(title), "author": "npswatch", "created": moment})
        bold = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        plain = book.add_format({"valign": "top"})
        for table in tables:
            _write_sheet(book.add_worksheet(names[table.name]), table, headings, bold, plain)
    path.write_bytes(whole.getvalue())


def _write_sheet(sheet: Any, table: Table, headings: dict[str, str], bold: Any, plain: Any) -> None:
    for column, name in enumerate(table.columns):
        sheet.write_string(0, column, headings[name], bold)
        sheet.set_column(column, column, _width(table, column, headings[name]))
    for number, row in enumerate(table.rows, start=1):
        for column, cell in enumerate(row):
            _write_cell(sheet, number, column, cell, plain)
    sheet.freeze_panes(1, 2)
    sheet.autofilter(0, 0, len(table.rows), len(table.columns) - 1)
    sheet.set_landscape()
    sheet.repeat_rows(0)


def _write_cell(sheet: Any, row: int, column: int, cell: Cell, plain: Any) -> None:
    if cell is None:
        return
    if isinstance(cell, bool):
        sheet.write_boolean(row, column, cell, plain)
    elif isinstance(cell, int | float):
        sheet.write_number(row, column, cell, plain)
    else:
        sheet.write_string(row, column, _fitting(writable(cell)), plain)


def _fitting(text: str) -> str:
    """The words, cut where a cell has no more room; case.json has them whole."""
    return text if len(text) <= LONGEST_CELL else text[: LONGEST_CELL - len(_CUT)] + _CUT


def _width(table: Table, column: int, heading: str) -> int:
    widest = max((len(str(row[column])) for row in table.rows if row[column] is not None), default=0)
    return max(_NARROWEST_COLUMN, min(max(widest, len(heading)) + 1, _WIDEST_COLUMN))
