"""The companion's model is kept unpacked, and is the same model."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from pipelines import language_model

_TEXTS = ("мефедрон кристалл чистый", "3-MMC pure crystals", "мефедрон тоза кристалл сотилади", "Kristalle aus Holland")


KEPT = Path("npswatch") / "language-model.bin"


def fresh(cache: Path | None) -> list[list[tuple[str, float]]]:
    """What the model says in a process of its own, whose user's cache is this folder; without one, none can be made."""
    code = (
        "import json, sys; from pipelines import language_model as m; m.load_model_aside();"
        "print(json.dumps([[(tag, float(share)) for tag, share in m.model().rank(text)] for text in sys.argv[1:]]))"
    )
    environment = os.environ | {"XDG_CACHE_HOME": str(cache or "/proc/none")}
    done = subprocess.run([sys.executable, "-c", code, *_TEXTS], capture_output=True, check=True, env=environment)
    said: list[list[tuple[str, float]]] = json.loads(done.stdout)
    return said


def test_the_kept_model_says_what_the_packed_one_says(tmp_path: Path) -> None:
    packed = fresh(None)
    assert fresh(tmp_path) == packed, "unpacked and kept"
    file = tmp_path / KEPT
    written = file.stat().st_mtime_ns
    assert fresh(tmp_path) == packed, "read back"
    assert file.stat().st_mtime_ns == written
    assert [path.name for path in file.parent.iterdir()] == [file.name]


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    cache = tmp_path_factory.mktemp("cache")
    fresh(cache)
    return (cache / KEPT).read_bytes()


def _of_another_package(whole: bytes) -> bytes:
    header, rest = whole.split(b"\n", 1)
    changed = json.loads(header)
    changed["origin"]["packed"] = "0" * 32
    return json.dumps(changed).encode() + b"\n" + rest


@pytest.mark.parametrize(
    "damaged",
    [
        lambda whole: b"",
        lambda whole: whole[:-9],
        lambda whole: whole[:5000] + bytes([whole[5000] ^ 1]) + whole[5001:],
        lambda whole: b"[1]\n",
        _of_another_package,
    ],
    ids=["empty", "cut short", "a bit turned", "something else", "another model's"],
)
def test_a_kept_model_that_is_not_whole_or_of_another_package_is_made_anew(
    tmp_path: Path, kept: bytes, damaged: Callable[[bytes], bytes]
) -> None:
    file = tmp_path / KEPT
    file.parent.mkdir()
    file.write_bytes(damaged(kept))
    language_model._read(file)
    assert file.read_bytes() == kept


def test_a_cache_that_cannot_be_written_to_costs_nothing_but_time(tmp_path: Path) -> None:
    (tmp_path / "npswatch").write_text("a file where the folder would be")
    assert language_model._read(tmp_path / KEPT).rank(_TEXTS[0])[0][0] == "ru"
