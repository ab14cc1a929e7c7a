"""The desk of a home: its tasks."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from crawler.desk.book import DeskFile
from crawler.desk.tasks import Tasks
from crawler.model.desk import Task, TaskKind, TaskState
from crawler.model.errors import BadInput


class Desk:
    """Tasks of a home; several processes may have it open."""

    def __init__(self, home_folder: Path) -> None:
        self._file = DeskFile(home_folder)
        self._tasks = Tasks(self._file)

    def __enter__(self) -> Desk:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def tasks(self, state: TaskState | None = None) -> Sequence[Task]:
        """All tasks, those met last first; of one state or of all."""
        return self._tasks.list(state)

    def task(self, id_: int) -> Task:
        """One task with its history. Raises BadInput where there is none."""
        return self._tasks.get(id_)

    def put(self, market: str, kind: TaskKind, *, shows: str, url: str = "", capture: str = "") -> int:
        """The number of the task that waits for a person from now on; the same one as long as it is not closed.

        ``shows`` is what they are told or would see there, as plain text; ``capture`` the index's id of the page.
        """
        return self._tasks.put(market, kind, shows=shows, url=url, capture=capture)

    def close_task(self, id_: int, officer: str) -> Task:
        """The task closed by an officer. Raises BadInput for one that is closed already."""
        if self._tasks.get(id_).state is TaskState.CLOSED:
            raise BadInput(f"task {id_} is closed already")
        self._tasks.note(id_, "closed by an officer", officer, TaskState.CLOSED)
        return self._tasks.get(id_)

    def close(self) -> None:
        """Closes the file."""
        self._file.close()


def put_task(home_folder: Path, market: str, kind: TaskKind, *, shows: str, url: str = "", capture: str = "") -> int:
    """Puts a task on the desk of a home, as `Desk.put` does."""
    with Desk(home_folder) as desk:
        return desk.put(market, kind, shows=shows, url=url, capture=capture)


def is_closed(home_folder: Path, id_: int) -> bool:
    """Whether a person closed the task. Raises BadInput where there is none."""
    with Desk(home_folder) as desk:
        return desk.task(id_).state is TaskState.CLOSED
