"""Cases handed out from the page: each export a program of its own, for making a bag changes the working directory."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock, Thread

from crawler.model.errors import BadInput

_CHECKOUT = Path(__file__).parents[2]
_COMMAND = (sys.executable, "-m", "crawler.cli.app")
_MOST_SECONDS = 1_800


@dataclass(frozen=True, kw_only=True, slots=True)
class Export:
    """One export asked for: its case, folder, language and start; ``fault`` says why nothing was made.

    ``ended`` is False while it works.
    """

    number: str
    folder: Path
    language: str
    started: datetime
    ended: bool = False
    fault: str = ""

    @property
    def seconds(self) -> int:
        """How many seconds ago it began."""
        return int((datetime.now(UTC) - self.started).total_seconds())


class Exports:
    """The exports of this process, the newest of each case, below ``exports/`` of a home."""

    def __init__(self, home_folder: Path) -> None:
        self._home = home_folder.absolute()
        self._newest: dict[str, Export] = {}
        self._lock = Lock()

    @property
    def folder(self) -> Path:
        """Where the folders are made."""
        return self._home / "exports"

    def of(self, number: str) -> Export | None:
        """The newest export of a case; None where this process made none."""
        with self._lock:
            return self._newest.get(number.casefold())

    def start(self, number: str, *, officer: str, language: str, allow_missing: bool) -> Export:
        """The export, begun. Raises BadInput while another one of the case works."""
        now = datetime.now(UTC)
        folder = self.folder / f"{number}-{now:%Y%m%dT%H%M%SZ}"
        export = Export(number=number, folder=folder, language=language, started=now)
        with self._lock:
            before = self._newest.get(number.casefold())
            if before and not before.ended:
                raise BadInput(f"case {number} is being exported already, to {before.folder}")
            self._newest[number.casefold()] = export
        command = [*_COMMAND, "--home", str(self._home), "case", "export", "--json", f"--language={language}"]
        command += [f"--officer={officer}", *(["--allow-missing"] if allow_missing else []), "--", number, str(folder)]
        Thread(target=self._run, args=(export, command), name=f"export {number}").start()
        return export

    def _run(self, export: Export, command: list[str]) -> None:
        fault = _fault_of(command)
        with self._lock:
            self._newest[export.number.casefold()] = Export(
                number=export.number,
                folder=export.folder,
                language=export.language,
                started=export.started,
                ended=True,
                fault=fault,
            )


def _fault_of(command: list[str]) -> str:
    """Why the command made no folder; empty where it made one."""
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, cwd=_CHECKOUT, timeout=_MOST_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"the export could not be run: {error}"
    if done.returncode == 0 or _made(done.stdout):
        return ""
    lines = done.stderr.strip().splitlines()
    return lines[-1].removeprefix("npswatch: ") if lines else f"the export ended with code {done.returncode}"


def _made(printed: str) -> bool:
    """Whether a folder was made, be it with captures missing."""
    try:
        return bool(json.loads(printed)["seal"])
    except (ValueError, LookupError, TypeError):
        return False
