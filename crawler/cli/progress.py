"""A bar for each market while a person watches; nothing in a pipe."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from crawler.cli.context import on_terminal
from crawler.frontier.ledger import Ledger
from crawler.home import Home

_POLL_SECONDS = 0.5


@contextmanager
def watched(markets: Sequence[str], home: Home) -> Iterator[None]:
    """Shows how far the crawl of each market has come, read from its ledger, until the context is left."""
    if not on_terminal():
        yield
        return
    over = threading.Event()
    watcher = threading.Thread(target=_show, args=(markets, home, over), daemon=True)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()


def _show(markets: Sequence[str], home: Home, over: threading.Event) -> None:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("crawling {task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        tasks = {name: progress.add_task(name, total=None) for name in markets}
        while True:
            ending = over.wait(_POLL_SECONDS)
            for name, task in tasks.items():
                done, known = _standing(home.state(name) / "ledger.db")
                progress.update(task, completed=done, total=known or None)
            if ending:
                return


def _standing(path: Path) -> tuple[int, int]:
    if not path.exists():
        return 0, 0
    ledger = Ledger(path)
    try:
        counts = ledger.counts()
    finally:
        ledger.close()
    done = counts.read + counts.failed
    return done, done + counts.waiting
