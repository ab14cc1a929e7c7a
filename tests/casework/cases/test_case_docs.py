"""docs/cases.md: its commands run as they stand there, its table names every file of a folder."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from casework.cases.export import Exported

DOCS = Path(__file__).parents[3] / "docs" / "cases.md"


def test_the_commands_of_the_docs_run_one_after_the_other(case_home: Path, tmp_path: Path) -> None:
    block = DOCS.read_text(encoding="utf-8").split("```")[1]
    script = block
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = os.environ | {"PATH": path, "NPSWATCH_HOME": str(case_home)}
    done = subprocess.run(
        ["bash", "-eu", "-c", script], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "right: case 2026-117" in done.stdout
    assert script.count("npswatch ") == 8


def test_the_docs_name_every_file_of_a_folder(exported: Exported) -> None:
    text = DOCS.read_text(encoding="utf-8")
    for path in (exported.folder / "data").rglob("*"):
        if path.is_file() and path.suffix != ".gz":
            assert f"`{path.relative_to(exported.folder).as_posix()}`" in text
