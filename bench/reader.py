"""Scores and speed of the reader on folders of saved pages.

    python -m bench.reader score FOLDER TRUTH [--scorer FILE] [--show FIELD] [--with-urls]
    python -m bench.reader speed FOLDER [--pages N]
    python -m bench.reader memory FOLDER [--pages N]

``score`` reads every site (a folder of pages) the way `npswatch read` does: it learns from the first 200 pages, then
streams. ``--with-urls`` gives the reader each page's address where the truth states one (``page_url``), as a crawl
would. ``memory`` runs `npswatch read` over the folder's pages, linked again and again until there are N, and prints
its resident memory after a tenth of them and after all.
"""

from __future__ import annotations

import argparse
import json
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

from crawler.model.plain import plain
from crawler.model.reading import Received
from pipelines.understanding import start_sighting, understand
from spiders.reader import SiteReader

LEARN_PAGES = 200
_TIME = datetime(2026, 1, 1, tzinfo=UTC)
SCORER = Path(__file__).parent / "score_pages.py"


def read_site(pages: list[tuple[str, str | None]], root: Path) -> Iterator[dict[str, Any]]:
    """What the reader says of each page of one site; ``pages`` are paths below the root with their addresses."""
    reader = SiteReader()
    received = [(path, Received(body=(root / path).read_bytes(), url=url)) for path, url in pages]
    for _, page in received[:LEARN_PAGES]:
        reader.learn(page)
    for path, page in received:
        sighting = understand(start_sighting(reader.read(page), market="bench", url=page.url or "", time=_TIME))
        yield {"path": path, **plain(sighting.page)}


def _sites(truth: Path, with_urls: bool) -> dict[str, list[tuple[str, str | None]]]:
    sites: dict[str, list[tuple[str, str | None]]] = {}
    for line in truth.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        site = row["path"].split("/")[0] if "/" in row["path"] else ""
        sites.setdefault(site, []).append((row["path"], _address(site, row) if with_urls else None))
    return {name: sorted(pages) for name, pages in sites.items()}


def _address(site: str, row: dict[str, Any]) -> str | None:
    return urljoin(f"http://{site}.example/", row["page_url"]) if row.get("page_url") else None


def score(args: argparse.Namespace) -> None:
    """Prints the scorer's table for all sites of a truth file."""
    predicted = Path(args.predicted)
    with predicted.open("w", encoding="utf-8") as out:
        for pages in _sites(Path(args.truth), args.with_urls).values():
            for page in read_site(pages, Path(args.folder)):
                out.write(json.dumps(page, ensure_ascii=False) + "\n")
    command = [sys.executable, args.scorer, args.truth, str(predicted)]
    subprocess.run([*command, *(["--show", args.show] if args.show else [])], check=True)


def speed(args: argparse.Namespace) -> None:
    """Prints pages a second of one core and the memory in use, after learning from the folder's first pages."""
    bodies = [
        path.read_bytes() for path in sorted(Path(args.folder).rglob("*")) if path.is_file() and path.suffix != ".jsonl"
    ]
    reader = SiteReader()
    for body in bodies[:LEARN_PAGES]:
        reader.learn(Received(body=body))
    reader.read(Received(body=bodies[0]))
    started, count = time.process_time(), 0
    while count < args.pages:
        for body in bodies:
            reader.read(Received(body=body))
            count += 1
    spent = time.process_time() - started
    size = sum(map(len, bodies)) / len(bodies) / 1000
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"{count / spent:.0f} pages/s a core, {1000 * spent / count:.2f} ms a page of {size:.1f} kB, RSS {memory} MB")


def memory(args: argparse.Namespace) -> None:
    """Prints the resident memory of `npswatch read` after a tenth of the pages and after all of them."""
    files = [path for path in sorted(Path(args.folder).rglob("*.html")) if path.is_file()]
    with tempfile.TemporaryDirectory(dir=Path(args.folder).parent) as folder:
        for number in range(args.pages):
            (Path(folder) / f"p{number:07}.html").hardlink_to(files[number % len(files)])
        command = [str(Path(sys.executable).parent / "npswatch"), "read", folder]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
            lines = process.stdout or ()
            started, sizes = time.monotonic(), {}
            for count, _ in enumerate(lines, 1):
                if count in (args.pages // 10, args.pages):
                    sizes[count] = _resident(process.pid)
                    print(f"{count} pages: RSS {sizes[count]} MB, {time.monotonic() - started:.0f} s", flush=True)
    print(f"ratio {sizes[args.pages] / sizes[args.pages // 10]:.3f}")


def _resident(pid: int) -> int:
    """The resident memory of a process in MB."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(re.search(r"VmRSS:\s+(\d+) kB", status)[1]) // 1024  # type: ignore[index]


def main() -> None:
    """Reads the command line."""
    cli = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = cli.add_subparsers(required=True)
    scoring = commands.add_parser("score")
    scoring.add_argument("folder")
    scoring.add_argument("truth")
    scoring.add_argument("--scorer", default=str(SCORER))
    scoring.add_argument("--show")
    scoring.add_argument("--with-urls", action="store_true")
    scoring.add_argument("--predicted", default="/tmp/npswatch-read.jsonl")  # noqa: S108
    scoring.set_defaults(run=score)
    timing = commands.add_parser("speed")
    timing.add_argument("folder")
    timing.add_argument("--pages", type=int, default=2000)
    timing.set_defaults(run=speed)
    weighing = commands.add_parser("memory")
    weighing.add_argument("folder")
    weighing.add_argument("--pages", type=int, default=100_000)
    weighing.set_defaults(run=memory)
    args = cli.parse_args()
    args.run(args)


if __name__ == "__main__":
    main()
