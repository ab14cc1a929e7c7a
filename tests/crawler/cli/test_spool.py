import json
from pathlib import Path

import pytest

from crawler.model.sighting import Document
from index.outbox import Outbox
from tests.crawler.crawls import found, npswatch

BAD = Document(kind="listing", id="b" * 16, body={"market": "small", "first_seen": "yesterday \x1b[31m"})


@pytest.fixture
def spooled(home: Path) -> Path:
    """A home in whose outbox three documents wait, one of them unfit."""
    state = home / "state" / "small"
    state.mkdir(parents=True)
    outbox = Outbox(state / "outbox.db")
    outbox.post([*(Document(kind="listing", id=f"id{n}", body={"market": "small", "title": "x"}) for n in "12"), BAD])
    outbox.close()
    return home


def test_the_spool_says_how_many_wait_for_each_market(spooled: Path) -> None:
    assert npswatch(spooled, "spool").stdout == "small: 3 wait, 0 refused, 0 dropped\n"
    said = json.loads(npswatch(spooled, "spool", "list", "small", "--json").stdout)
    assert said == {"market": "small", "waiting": 3, "rejected": 0, "dropped": 0}


def test_what_waits_is_delivered_now_and_what_is_refused_shows_its_reason(spooled: Path) -> None:
    done = npswatch(spooled, "spool", "deliver")
    assert (done.returncode, done.stdout) == (1, "small: 2 delivered, 0 wait, 1 refused\n")
    assert len(found(spooled)) == 2
    shown = npswatch(spooled, "spool", "rejected").stdout
    assert "first_seen" in shown
    assert "\x1b" not in shown
    assert npswatch(spooled, "spool", "retry").returncode == 1


def test_dropping_needs_a_reason_and_is_noted(spooled: Path) -> None:
    npswatch(spooled, "spool", "deliver")
    assert npswatch(spooled, "spool", "drop", "small").returncode == 2
    assert npswatch(spooled, "spool", "drop", "small", "--why", " ").returncode == 2
    assert npswatch(spooled, "spool", "drop", "small", "--why", "a reader's fault").returncode == 0
    (noted,) = map(json.loads, npswatch(spooled, "spool", "rejected", "--json").stdout.splitlines())
    assert (noted["state"], noted["why"], noted["id"]) == ("dropped", "a reader's fault", BAD.id)
    assert npswatch(spooled, "spool", "deliver").returncode == 0


def test_an_index_that_is_down_or_a_market_nobody_crawled_is_said_in_a_line(spooled: Path) -> None:
    down = npswatch(spooled, "spool", "deliver", "--store", "http://127.0.0.1:9")
    assert (down.returncode, down.stderr.count("\n")) == (2, 1)
    assert "3 wait" in npswatch(spooled, "spool").stdout
    assert "never crawled" not in npswatch(spooled, "spool", "list", "other").stdout
    assert "nothing of it was ever crawled" in npswatch(spooled, "spool", "list", "other").stderr
