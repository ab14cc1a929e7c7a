"""`npswatch kibana`, run as a person runs it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from casework.kibana.export import export
from casework.kibana.objects import as_ndjson, saved_objects
from crawler.model.errors import BadInput
from tests.casework.kibana.documented import DocumentedKibana, documented_kibana

_CHECKOUT = Path(__file__).parents[3]


@pytest.fixture
def kibana() -> Iterator[DocumentedKibana]:
    with documented_kibana() as running:
        yield running
        assert running.faults == []


def _run(home: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "crawler.cli.app", "--home", str(home), "kibana", *words],
        capture_output=True, text=True, timeout=60, cwd=_CHECKOUT, env=os.environ | environment,
    )  # fmt: skip


def test_install_says_what_is_in_place_and_where(kibana: DocumentedKibana, home: Path) -> None:
    done = _run(home, "install", "--kibana", kibana.address)
    assert (done.returncode, len(kibana.stored())) == (0, 16)
    first, *links = done.stdout.splitlines()
    assert first == "Kibana 9.2.4, space default: 5 data views, 8 saved searches, 3 dashboards are in place"
    assert [link.split("  ")[-1] for link in links] == [
        f"{kibana.address}/app/dashboards#/view/npswatch-dashboard-{name}"
        for name in ("health", "routes", "substances")
    ]
    assert "finds no index npswatch-listing yet" in done.stderr


def test_install_signs_in_with_what_the_environment_holds(kibana: DocumentedKibana, home: Path) -> None:
    kibana.users, kibana.api_keys, kibana.spaces["nps"] = {"installer": "secret"}, {"a2V5"}, {}
    by_user = _run(home, "install", "--kibana", kibana.address, "--space", "nps", "--user", "installer", "--json",
                   NPSWATCH_KIBANA_PASSWORD="secret")  # fmt: skip
    assert by_user.returncode == 0
    told = json.loads(by_user.stdout)
    assert (told["version"], told["space"], told["objects"]["dashboard"]) == ("9.2.4", "nps", 3)
    assert _run(home, "install", "--kibana", kibana.address, NPSWATCH_KIBANA_API_KEY="a2V5").returncode == 0


def test_install_takes_the_prefix_of_the_index_in_use(kibana: DocumentedKibana, home: Path) -> None:
    store = "http://127.0.0.1:9/agency"
    assert _run(home, "install", "--kibana", kibana.address, NPSWATCH_STORE=store).returncode == 0
    assert ("index-pattern", "agency-view-listings") in kibana.stored()


def test_install_ends_with_2_and_one_line_where_it_cannot_start(kibana: DocumentedKibana, home: Path) -> None:
    kibana.users = {"installer": "secret"}
    for words, environment, told in (
        (["--kibana", "http://127.0.0.1:9"], {}, "no Kibana answers"),
        (["--kibana", kibana.address], {}, "does not let this user in"),
        (["--kibana", kibana.address, "--user", "installer"], {}, "put it into NPSWATCH_KIBANA_PASSWORD"),
        (["--kibana", kibana.address, "--user", "installer", "--space", "none"],
         {"NPSWATCH_KIBANA_PASSWORD": "secret"}, "has no space none"),
    ):  # fmt: skip
        done = _run(home, "install", *words, **environment)
        assert (done.returncode, done.stdout) == (2, "")
        assert told in done.stderr
        assert len(done.stderr.splitlines()) == 1


def test_install_ends_with_1_when_kibana_does_not_take_everything(kibana: DocumentedKibana, home: Path) -> None:
    kibana.unwilling = {"npswatch-search-gates": {"type": "conflict"}}
    done = _run(home, "install", "--kibana", kibana.address)
    assert (done.returncode, done.stdout) == (1, "")
    assert "took 15 of 16 objects: search npswatch-search-gates: conflict" in done.stderr


def test_there_is_no_way_to_give_a_password_on_the_command_line(home: Path) -> None:
    assert "--password" not in _run(home, "install", "--help").stdout
    done = _run(home, "install", "--kibana", "https://installer:secret@127.0.0.1:9")
    assert done.returncode == 2
    assert "secret" not in done.stderr


def test_export_writes_what_install_sends_and_says_when_it_is_there_already(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "npswatch.ndjson"
    first = _run(home, "export", str(file))
    again = _run(home, "export", str(file), "--json")
    assert (first.returncode, first.stdout) == (0, f"{file}: 16 objects\n")
    assert json.loads(again.stdout) == {"file": str(file), "objects": 16, "written": False}
    assert file.read_bytes() == as_ndjson(saved_objects())
    assert {path.name for path in tmp_path.iterdir()} == {file.name, home.name}


def test_export_leaves_another_file_alone(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "npswatch.ndjson"
    file.write_text("somebody's notes")
    done = _run(home, "export", str(file))
    assert done.returncode == 2
    assert "exists and holds something else" in done.stderr
    assert file.read_text() == "somebody's notes"


@pytest.mark.parametrize("name", ["missing/npswatch.ndjson", ".", "/dev/null", "/proc/npswatch.ndjson"])
def test_export_to_where_nothing_can_be_written_says_so(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadInput):
        export(tmp_path / name, b"{}\n")


_ON_A_FULL_DISK = """
import resource, sys
from pathlib import Path
from casework.kibana.export import export
from crawler.model.errors import BadInput
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    export(Path(sys.argv[1]), b"x" * 5000)
except BadInput as error:
    print(error)
"""


def test_an_export_that_does_not_fit_leaves_nothing_half(tmp_path: Path) -> None:
    file = tmp_path / "npswatch.ndjson"
    done = subprocess.run(
        [sys.executable, "-c", _ON_A_FULL_DISK, str(file)], capture_output=True, text=True, check=True, cwd=_CHECKOUT
    )
    assert done.stdout == f"{file} cannot be written: File too large\n"
    assert not file.exists()
