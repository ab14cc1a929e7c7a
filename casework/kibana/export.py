"""Our objects as a file, for an import by hand in Kibana under Stack Management, Saved Objects."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from crawler.model.errors import BadInput


def export(file: Path, content: bytes) -> bool:
    """True where the file was written, whole or not at all; False where the same content was there already.

    Raises BadInput where something else is there, or nothing can be written.
    """
    try:
        if not file.exists():
            _write(file, content)
            return True
        before = file.read_bytes() if file.is_file() else None
    except OSError as error:
        raise BadInput(f"{file} cannot be written: {error.strerror or error}") from error
    if before != content:
        raise BadInput(f"{file} exists and holds something else: name another file, or remove it")
    return False


def _write(file: Path, content: bytes) -> None:
    """A link is made only where no file of that name is: nothing is overwritten, also by two at once."""
    with tempfile.NamedTemporaryFile(dir=file.parent, prefix=f".{file.name}.") as draft:
        draft.write(content)
        draft.flush()
        os.fsync(draft.fileno())
        Path(draft.name).chmod(0o644)
        file.hardlink_to(draft.name)
