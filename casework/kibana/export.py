"""Our objects as a file, for an import by hand in Kibana under Stack Management, Saved Objects."""

from __future__ import annotations

import os
from pathlib import Path

from crawler.model.errors import BadInput


def export(file: Path, content: bytes) -> bool:
    """True where the file was written, whole or not at all; False where the same content was there already.

    Raises BadInput where something else is there, or nothing can be written.
    """
    try:
        return _write(file, content)
    except FileExistsError:
        return _same(file, content)
    except OSError as error:
        raise BadInput(f"{file} cannot be written: {error.strerror or error}") from error


def _write(file: Path, content: bytes) -> bool:
    """True; made only where no file of that name is, and taken away again where it could not be finished."""
    with file.open("xb") as sink:
        try:
            sink.write(content)
            sink.flush()
            os.fsync(sink.fileno())
        except OSError:
            file.unlink()
            raise
    return True


def _same(file: Path, content: bytes) -> bool:
    """False, for nothing was written; raises BadInput where the file holds something else, or is none."""
    try:
        before = file.read_bytes() if file.is_file() else None
    except OSError as error:
        raise BadInput(f"{file} exists and cannot be read: {error.strerror or error}") from error
    if before != content:
        raise BadInput(f"{file} exists and holds something else: name another file, or remove it")
    return False
