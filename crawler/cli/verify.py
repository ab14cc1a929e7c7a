"""`npswatch verify`: a case folder or WARC files checked offline, by anybody."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from crawler.cli.context import JsonOption, print_json, printable
from crawler.model.errors import BadResult


def add_to(app: typer.Typer) -> None:
    """Adds the command."""
    app.command(name="verify")(verify)


def verify(
    path: Annotated[Path, typer.Argument(help="A case folder, a WARC file, or a folder of WARC files.")],
    as_json: JsonOption = False,
) -> None:
    """Check a case folder or captured pages, offline; name the first file that is wrong and end with exit code 1.

    Examples: `npswatch verify ./2026-117`, `npswatch verify captures/harbour/run.warc.gz`
    """
    from casework.cases.verify import is_case_folder

    try:
        said = _case_folder(path) if is_case_folder(path) else _warcs(path)
    except BadResult as error:
        if as_json:
            print_json({"path": str(path), "right": False, "fault": str(error)})
            raise typer.Exit(1) from error
        raise
    if as_json:
        print_json({"path": str(path), "right": True} | said)
        return
    for line in _lines(said):
        print(printable(line))


def _case_folder(path: Path) -> dict[str, Any]:
    from casework.cases.verify import check_case_folder

    return asdict(check_case_folder(path))


def _warcs(path: Path) -> dict[str, Any]:
    from evidence.verify import checked_records, warc_files

    files = warc_files(path)
    counts = [[record.kind for record in checked_records(each)] for each in files]
    kinds = [kind for each in counts for kind in each]
    return {"files": len(files), "records": len(kinds), "responses": kinds.count("response")}


def _lines(said: dict[str, Any]) -> list[str]:
    if "number" not in said:
        counted = f"{said['records']} records, {said['responses']} of them responses, in {said['files']} files"
        return [f"right: {counted}; every digest is that of its bytes"]
    records = f"{said['captures']} captures in {said['records']} WARC records"
    return [
        f"right: case {said['number']}, {said['title']} ({said['handling']})",
        f"{said['listings']} listings, {records}, {said['acts']} acts in an unbroken chain",
        f"seal {said['seal']}",
    ]
