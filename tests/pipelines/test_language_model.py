"""The companion's model is kept unpacked by a home, and is the same model."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from pipelines import language_model
from pipelines.language_model import KEPT

_TEXTS = ("мефедрон кристалл чистый", "3-MMC pure crystals", "мефедрон тоза кристалл сотилади", "Kristalle aus Holland")


def fresh(home: Path | None) -> list[list[tuple[str, float]]]:
    """What the model says in a process of its own."""
    code = (
        "import json, sys; from pathlib import Path; from pipelines import language_model as m;"
        "home = Path(sys.argv[1]) if sys.argv[1] else None; m.load_model_aside(home);"
        "print(json.dumps([[(tag, float(share)) for tag, share in m.model().rank(text)] for text in sys.argv[2:]]))"
    )
    command = [sys.executable, "-c", code, str(home or ""), *_TEXTS]
    said: list[list[tuple[str, float]]] = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    return said


def told(file: Path) -> dict[str, object]:
    with file.open("rb") as opened:
        header: dict[str, object] = json.loads(opened.readline())
    return header


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
    home = tmp_path_factory.mktemp("home")
    fresh(home)
    return (home / KEPT).read_bytes()


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


def test_a_home_that_cannot_be_written_to_costs_nothing_but_time(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file where the folder would be")
    assert language_model._read(tmp_path / KEPT).rank(_TEXTS[0])[0][0] == "ru"
