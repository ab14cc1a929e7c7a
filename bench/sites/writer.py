"""Writes sites as folders of pages with a truth file."""

import json
import random
from pathlib import Path

from bench.sites.site import Page, Site

TRUTH_FILE = "truth.jsonl"


def write_site(site: Site, out: Path) -> int:
    """Writes a site below out and gives the number of its pages; old pages of the site are removed."""
    folder = out / site.name
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.html"):
        old.unlink()
    pages = shuffled(list(site.pages()), site.seed)
    lines = []
    for number, page in enumerate(pages):
        path = f"{site.name}/p{number:05}.html"
        (out / path).write_bytes(page.body)
        lines.append(json.dumps({"path": path, "page_url": page.url, **page.truth}, ensure_ascii=False))
    (folder / TRUTH_FILE).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return len(pages)


def shuffled(pages: list[Page], seed: str) -> list[Page]:
    """The start page first, then all others mixed, so that neither names nor order tell a page's kind."""
    rest = pages[1:]
    random.Random(seed).shuffle(rest)
    return pages[:1] + rest
