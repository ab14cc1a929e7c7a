"""The companion's model for the languages we tell apart, unpacked once a user.

The package carries its model for 142 languages packed by LZMA; to unpack it takes longer than all else at a start. The
user's cache keeps our share of it unpacked, with the digest of what it came from: another model or other languages, or
a file that is not whole, and it is made anew. It holds nothing of an operator's.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import threading
import zlib
from array import array
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

LANGUAGES = ("en", "ru", "uz", "kk", "ky", "tg", "uk", "de", "nl", "fr", "es", "it", "tr", "pt", "pl")
_FORMAT = 1
_LOCK = threading.Lock()


def load_model_aside() -> None:
    """Begins to read the model in a thread of its own, so that a start takes less than a second."""
    threading.Thread(target=model, name="language model", daemon=True).start()


def kept_model() -> Path | None:
    """Where the unpacked model is kept; it may be deleted at any time. None for a user without a folder of its own."""
    with suppress(RuntimeError):
        cache_folder = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
        return Path(cache_folder) / "npswatch" / "language-model.bin"
    return None


def model() -> Any:
    """The model, read once a process."""
    with _LOCK:
        return _load()


@cache
def _load() -> Any:
    path = kept_model()
    return _read(path) if path is not None else _unpacked()


def _unpacked() -> Any:
    from py3langid.langid import LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(_packed(), norm_probs=True)
    identifier.set_languages(list(LANGUAGES))
    return identifier


def _packed() -> Path:
    from py3langid.langid import MODEL_DIR, MODEL_FILE

    return Path(MODEL_DIR, MODEL_FILE)


def _read(path: Path) -> Any:
    origin = _origin()
    with suppress(OSError, ValueError, KeyError, TypeError), path.open("rb") as file:
        told = json.loads(file.readline())
        if told["origin"] == origin:
            return _of_bytes(told, file.read())
    identifier = _unpacked()
    with suppress(OSError):  # a full disk, a folder that may not be written to: it is unpacked the next time too
        _keep(path, origin, identifier)
    return identifier


def _origin() -> dict[str, Any]:
    import numpy as np
    import py3langid

    packed = hashlib.blake2b(_packed().read_bytes(), digest_size=16).hexdigest()
    return {
        "format": _FORMAT,
        "package": py3langid.__version__,
        "numpy": np.__version__,
        "packed": packed,
        "languages": list(LANGUAGES),
    }


def _keep(path: Path, origin: dict[str, Any], identifier: Any) -> None:
    import numpy as np

    parts = io.BytesIO()
    for table in (identifier.nb_ptc, identifier.nb_pc, np.asarray(identifier.tk_output, dtype=np.int32)):
        np.save(parts, np.ascontiguousarray(table), allow_pickle=False)
    for numbers in (identifier.tk_row, identifier.tk_nextmove):
        np.save(parts, np.frombuffer(numbers, dtype=f"u{numbers.itemsize}"), allow_pickle=False)
    whole = parts.getvalue()
    told = {"origin": origin, "classes": identifier.nb_classes, "crc32": zlib.crc32(whole)}
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_suffix(f".{os.getpid()}.draft")
    try:
        draft.write_bytes(json.dumps(told).encode() + b"\n" + whole)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def _of_bytes(told: dict[str, Any], whole: bytes) -> Any:
    """The model of what `_keep` wrote. Raises ValueError where it is not whole."""
    import numpy as np
    from py3langid.langid import LanguageIdentifier

    if zlib.crc32(whole) != told["crc32"]:
        raise ValueError("not what was written")
    parts = io.BytesIO(whole)
    ptc, pc, output, row, nextmove = (np.load(parts, allow_pickle=False) for _ in range(5))
    return LanguageIdentifier(
        ptc, pc, told["classes"], _numbers(nextmove), output.tolist(), norm_probs=True, tk_row=_numbers(row)
    )


def _numbers(table: Any) -> array[int]:
    numbers = array({2: "H", 4: "I", 8: "L"}[table.dtype.itemsize])
    numbers.frombytes(memoryview(table).cast("B"))
    return numbers
