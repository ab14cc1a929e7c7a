"""How well drafted profiles read: each site is drafted from its pages and read with the draft alone.

    python -m bench.drafts FOLDER TRUTH [--scorer FILE] [--corrections FOLDER] [--with-urls] [--json]

FOLDER holds one folder a site, TRUTH names pages below it. ``--corrections`` holds a TOML file a site (``SITE.toml``)
whose lines stand above the draft's, as a person would change them; their number is printed.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

from config.profiles import Profile
from crawler.model.plain import plain
from crawler.model.reading import Received
from pipelines.understanding import start_sighting, understand
from spiders.draft import draft_profile
from spiders.reader import SiteReader

_TIME = datetime(2026, 1, 1, tzinfo=UTC)


def _received(folder: Path, rows: list[dict[str, Any]], site: str, with_urls: bool) -> list[tuple[str, Received]]:
    base = f"http://{site}.example/"
    return [
        (
            row["path"],
            Received(
                body=(folder / row["path"]).read_bytes(),
                url=urljoin(base, row["page_url"]) if with_urls and row.get("page_url") else None,
            ),
        )
        for row in sorted(rows, key=lambda row: str(row["path"]))
    ]


def _corrected(profile: Profile, path: Path) -> tuple[Profile, int]:
    """The profile with a person's lines above the draft's, and how many lines those are."""
    if not path.is_file():
        return profile, 0
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    addresses, selectors = table.get("addresses", {}), table.get("selectors", {})
    merged = {key: css for key, css in (profile.selectors | selectors).items() if css}
    return (
        replace(profile, addresses=profile.addresses | addresses, selectors=merged),
        len(addresses) + len(selectors),
    )


def read_drafted(pages: list[tuple[str, Received]], site: str, corrections: Path) -> Iterator[dict[str, Any]]:
    """What the site's draft says of each of its pages."""
    draft = draft_profile(site, [page for _, page in pages])
    profile, lines = _corrected(draft.profile, corrections / f"{site}.toml")
    print(f"{site}: {len(pages)} pages, {len(draft.selectors)} selectors, {lines} lines by hand", file=sys.stderr)
    reader = SiteReader(profile=profile, template=draft.template)
    for path, page in pages:
        sighting = understand(start_sighting(reader.read(page), market=site, url=page.url or "", time=_TIME))
        yield {"path": path, **plain(sighting.page)}


def main() -> None:
    """Reads the command line."""
    cli = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    cli.add_argument("folder", type=Path)
    cli.add_argument("truth", type=Path)
    cli.add_argument("--scorer", default=str(Path(__file__).parent / "score_pages.py"))
    cli.add_argument("--corrections", type=Path, default=Path("/nonexistent"))
    cli.add_argument("--with-urls", action="store_true")
    cli.add_argument("--show")
    cli.add_argument("--json", action="store_true")
    args = cli.parse_args()
    sites: dict[str, list[dict[str, Any]]] = {}
    for line in args.truth.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        sites.setdefault(row["path"].split("/")[0], []).append(row)
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl", encoding="utf-8") as out:
        for site, rows in sorted(sites.items()):
            pages = _received(args.folder, rows, site, args.with_urls)
            for page in read_drafted(pages, site, args.corrections):
                out.write(json.dumps(page, ensure_ascii=False) + "\n")
        out.flush()
        more = [*(["--show", args.show] if args.show else []), *(["--json"] if args.json else [])]
        subprocess.run([sys.executable, args.scorer, str(args.truth), out.name, *more], check=True)


if __name__ == "__main__":
    main()
