import json
from datetime import UTC, datetime
from pathlib import Path

from pipelines.review_queue import Waiting, add_waiting
from tests.crawler.crawls import npswatch

LINE = '{"id": 7, "title": "3-MMC 10 x 1g crystal - 84 EUR", "description": null}\n'


def waiting(name: str) -> Waiting:
    seen = datetime(2026, 1, 2, tzinfo=UTC).isoformat()
    return Waiting(name=name, substance_class="tryptamines", first_seen=seen, market="m", url="http://x/1", title="t")


def test_each_line_is_answered_under_its_own_id(home: Path) -> None:
    done = npswatch(home, "label", input=LINE + "\n" + LINE.replace("7", '"b"', 1))
    first, second = (json.loads(line) for line in done.stdout.splitlines())
    assert (first["id"], second["id"]) == (7, "b")
    assert first["quantity_g"] == 10
    assert (first["price"], first["currency"]) == (84, "EUR")
    assert [(each["name"], each["class"], each["nps"]) for each in first["substances"]] == [
        ("3-MMC", "synthetic cathinones", True)
    ]


def test_a_line_that_cannot_be_read_says_which(home: Path) -> None:
    for bad in ("{", '{"id": 1}', '{"title": "x", "description": null}', '{"id": 1, "title": 5, "description": null}'):
        done = npswatch(home, "label", input=LINE + bad + "\n")
        assert done.returncode == 2
        assert "line 2" in done.stderr
        assert json.loads(done.stdout)["id"] == 7, "what came before the fault is not lost"


def test_a_chemists_decision_extends_the_operators_vocabulary(home: Path) -> None:
    home.mkdir()
    add_waiting(home, [waiting("Zolvarine"), waiting("Brenticol")])
    listed = npswatch(home, "label", "review")
    assert "Zolvarine" in listed.stdout
    assert npswatch(home, "label", "review", "Zolvarine").returncode == 2
    done = npswatch(home, "label", "review", "Zolvarine", "--accept", "--chemist", "A. Karimova", "--json")
    assert json.loads(done.stdout)["decision"] == "accepted", done.stderr
    npswatch(home, "label", "review", "Brenticol", "--refuse", "--chemist", "A. Karimova")
    assert npswatch(home, "label", "review").stdout == ""
    title = '{"id": 1, "title": "Zolvarine 1g Brenticol", "description": null}\n'
    labelled = json.loads(npswatch(home, "label", input=title).stdout)
    assert [(each["name"], each["class"]) for each in labelled["substances"]] == [("Zolvarine", "tryptamines")]
