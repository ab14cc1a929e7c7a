"""One scheduler a home: a lock that dies with its process."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from crawler.model.errors import BadInput, HomeLocked

_NAME = "schedule.lock"


@contextmanager
def schedule_lock(folder: Path) -> Iterator[None]:
    """Holds the schedule of a home for this process. Raises HomeLocked, naming its holder, when another has it,
    BadInput when the lock cannot be written.
    """
    try:
        descriptor = _locked(folder)
    except OSError as error:
        raise BadInput(f"{folder / _NAME} cannot be written: {error.strerror}") from error
    try:
        yield
    finally:
        os.close(descriptor)


def schedule_holder(folder: Path) -> str | None:
    """The number of the process that keeps the schedule of a home now; None when none does."""
    try:
        descriptor = os.open(folder / _NAME, os.O_RDONLY)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _holder(descriptor)
    finally:
        os.close(descriptor)
    return None


def _locked(folder: Path) -> int:
    descriptor = os.open(folder / _NAME, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
    except OSError as error:
        holder = _holder(descriptor)
        os.close(descriptor)
        if isinstance(error, BlockingIOError):
            raise HomeLocked(f"process {holder} keeps the schedule of {folder} already") from error
        raise
    return descriptor


def _holder(descriptor: int) -> str:
    return os.pread(descriptor, 20, 0).decode(errors="replace").strip() or "unknown"
