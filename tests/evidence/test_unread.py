import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from crawler.model.sighting import Capture
from evidence.archive import Archive, Exchange
from evidence.responses import response_ids
from evidence.unread import UnreadCaptures
from evidence.verify import checked_records

CHECKOUT = Path(__file__).parent.parent.parent
RUN = "20260101T000000000000Z"


def exchange(number: int) -> Exchange:
    return Exchange(
        url=f"http://market.onion/item?id={number}", time=datetime(2026, 1, 2, tzinfo=UTC), method="GET",
        request_headers=(), status=200, reason="OK", response_headers=(("Content-Type", "text/html"),),
        body=b"<p>page %d</p>" % number,
    )  # fmt: skip


def unread(folder: Path) -> UnreadCaptures:
    return UnreadCaptures(folder / "captures.db", folder / "captures")


def killed_run(folder: Path, pages: int, noted: int) -> list[Capture]:
    """A run that kept so many pages and noted so many of them; it closed nothing."""
    book, archive = unread(folder), Archive(folder / "captures", "m", RUN)
    book.begin(RUN, archive.name, archive.end)
    kept = []
    for number in range(pages):
        kept.append(archive.keep(exchange(number)))
        if number < noted:
            book.add(kept[-1], archive.end)
    return kept


def test_a_page_kept_and_never_read_is_found_by_the_next_process(tmp_path: Path) -> None:
    first, second, third = killed_run(tmp_path, 3, noted=3)
    unread(tmp_path).settle(second)
    left = unread(tmp_path).leftovers()
    assert left.captures == (first, third)
    assert left.runs == (RUN,)
    assert unread(tmp_path).leftovers().runs == ()


def test_a_record_written_before_the_process_could_note_it_is_found_in_the_archive(tmp_path: Path) -> None:
    kept = killed_run(tmp_path, 4, noted=1)
    assert list(unread(tmp_path).leftovers().captures) == kept
    assert list(response_ids(tmp_path / "captures", "m", RUN)) == [each.record_id for each in kept]


def test_a_record_torn_by_the_death_of_its_process_is_cut_off_and_the_archive_is_whole_again(tmp_path: Path) -> None:
    kept = killed_run(tmp_path, 2, noted=0)
    path = tmp_path / "captures" / kept[0].warc
    whole = path.read_bytes()
    path.write_bytes(whole + whole[: kept[0].length // 2])
    assert list(unread(tmp_path).leftovers().captures) == kept
    assert path.read_bytes() == whole
    assert len(list(checked_records(path))) == 5


def test_an_archive_that_lies_on_another_machine_hinders_nothing(tmp_path: Path) -> None:
    (kept,) = killed_run(tmp_path, 1, noted=1)
    (tmp_path / "captures" / kept.warc).unlink()
    assert unread(tmp_path).leftovers().captures == (kept,)


def test_a_full_disk_leaves_the_archive_as_it_was_and_is_said_in_a_sentence(tmp_path: Path) -> None:
    program = (
        "import resource, signal, sys\n"
        "from pathlib import Path\n"
        "from crawler.model.errors import NoSpace\n"
        "from evidence.archive import Archive\n"
        "from tests.evidence.test_unread import exchange\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, resource.RLIM_INFINITY))\n"
        "archive = Archive(Path(sys.argv[1]), 'm', 'r')\n"
        "for n in range(1000):\n"
        "    try:\n"
        "        archive.keep(exchange(n))\n"
        "    except NoSpace as error:\n"
        "        print(n, error)\n"
        "        break\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))\n"
        "archive.keep(exchange(n))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)], capture_output=True, text=True, check=False, cwd=CHECKOUT
    )
    kept, _, words = done.stdout.partition(" ")
    assert "cannot be written (File too large); free space there" in words, done.stderr
    records = list(checked_records(tmp_path / "m" / "r.warc.gz"))
    assert len([record for record in records if record.kind == "response"]) == int(kept) + 1
