"""`npswatch read`: reader and pipelines without the crawl."""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlsplit

import typer

from config.profiles import read_profiles
from crawler.cli.context import Context, print_json
from crawler.model.errors import BadInput
from crawler.model.plain import plain

if TYPE_CHECKING:
    from spiders.reader import SiteReader

    MakeReader = Callable[[], SiteReader]

_LEARN_PAGES = 200
_LOOK_AHEAD = 2000
_SAMPLE = 4


def add_to(app: typer.Typer) -> None:
    """Adds the command."""
    app.command(name="read")(read)


def read(
    context: typer.Context,
    paths: Annotated[list[Path], typer.Argument(help="Saved pages, folders of them, WARC or WACZ files.")],
    base_url: Annotated[str | None, typer.Option(help="The address the saved files came from.")] = None,
    market: Annotated[str | None, typer.Option(help="The market whose profile corrects the reader.")] = None,
    template: Annotated[
        str | None, typer.Option(help="The version of the market's template to read with, as an observation names it.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Changes nothing: JSON lines are always printed.")] = True,
) -> None:
    """Read saved pages and print what each says, one JSON line a page, in the order of their paths.

    With --market the pages are read with that market's profile and with what the market taught before.

    Examples: `npswatch read saved/ --base-url http://….onion/`, `npswatch read run.warc.gz --market harbour`
    """
    from evidence.replay import files_below

    make = _reader_maker(context.obj, market, template)
    readers = _Readers(files_below(paths), list(paths), base_url, make)
    readers.learn()
    damaged = False
    for file in readers.files:
        damaged |= not readers.print_pages(file, market or "")
    if damaged:
        raise typer.Exit(2)


class _Readers:
    """One reader a site, taught by the site's first pages before anything is printed."""

    def __init__(self, files: list[Path], roots: list[Path], base_url: str | None, make: MakeReader) -> None:
        self.files = files
        self._base_url = base_url
        self._sites = {} if base_url else _sites_of_files(files, roots)
        self._readers: defaultdict[str, SiteReader] = defaultdict(make)
        self._learnt: defaultdict[str, int] = defaultdict(int)

    def learn(self) -> None:
        """Teaches each site's reader from its first pages."""
        for file, page in islice(self._all_pages(), _LOOK_AHEAD):
            self._teach(self._site(file, page), page)

    def print_pages(self, file: Path, market: str) -> bool:
        """Prints the pages of a file; False when it was damaged, which is said on stderr."""
        from evidence.replay import pages_in

        any_page = False
        try:
            for page in pages_in(file, self._base_url):
                any_page = True
                self._print(file, page, market)
        except BadInput as error:
            print(f"npswatch: {error}", file=sys.stderr)
            return False
        if not any_page:
            print(f"npswatch: {file}: no page in it", file=sys.stderr)
        return True

    def _print(self, file: Path, page: Any, market: str) -> None:
        from pipelines.understanding import start_sighting, understand

        reader = self._readers[self._site(file, page)]
        raw = reader.read(page.received)
        url = page.received.url or ""
        sighting = understand(start_sighting(raw, market=market, url=url, time=page.time))
        print_json({"path": page.path} | ({"url": url} if url else {}) | plain(sighting.page))

    def _teach(self, site: str, page: Any) -> None:
        if self._learnt[site] < _LEARN_PAGES:
            self._learnt[site] += 1
            self._readers[site].learn(page.received)

    def _site(self, file: Path, page: Any) -> str:
        if page.received.url:
            return str(urlsplit(page.received.url).netloc)
        return self._sites.get(str(file.parent), str(file.parent))

    def _all_pages(self) -> Iterator[tuple[Path, Any]]:
        from evidence.replay import pages_in

        for file in self.files:
            try:
                for page in pages_in(file, self._base_url):
                    yield file, page
            except BadInput:  # said when the pages are printed
                continue


def _sites_of_files(files: list[Path], roots: list[Path]) -> dict[str, str]:
    from spiders.sites import marks_of, merge_folders

    folders: defaultdict[str, list[Path]] = defaultdict(list)
    for file in files:
        folders[str(file.parent)].append(file)
    if len(folders) == 1:
        return dict.fromkeys(folders, next(iter(folders)))
    return merge_folders(
        {name: [marks_of(each.read_bytes()) for each in some[:_SAMPLE]] for name, some in folders.items()}
    )


def _reader_maker(context: Context, market: str | None, version: str | None) -> MakeReader:
    """What makes the reader of a site: with the market's profile and template, or one that learns from the pages."""
    from spiders.reader import SiteReader, TemplateShelf

    if market is None:
        if version is not None:
            raise BadInput("--template goes with --market, whose template it is")
        return SiteReader
    shelf = TemplateShelf(context.home.templates(market))
    if version is not None:
        stored = shelf.load(version)
        return lambda: SiteReader(template=stored)
    profile, current = read_profiles().get(market), shelf.current()
    if profile is None and current is None:
        raise BadInput(f"no profile {market}; there are: {', '.join(sorted(read_profiles())) or 'none'}")
    return lambda: SiteReader(profile=profile, template=current)
