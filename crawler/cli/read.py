"""`npswatch read`: reader and pipelines without the crawl."""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import typer

from config.profiles import read_profiles
from crawler.cli.context import Context, print_json
from crawler.cli.pages_ahead import Found, PagesAhead
from crawler.home import default_home
from crawler.model.errors import BadInput
from crawler.model.plain import plain

if TYPE_CHECKING:
    from evidence.replay import SavedPage
    from spiders.reader import SiteReader

    MakeReader = Callable[[], SiteReader]

_LEARN_PAGES = 200
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
    from pipelines.language_model import load_model_aside
    from pipelines.rates import use_rates_of
    from pipelines.vocabulary import extend_from

    base: Context = context.obj
    home = base.home_folder or default_home()
    load_model_aside()
    extend_from(home)
    use_rates_of(home)
    make = _reader_maker(base, market, template)
    files = files_below(paths)
    damaged = _print_pages(PagesAhead(_found_in(files, base_url)), make, market or "")
    if damaged:
        raise typer.Exit(2)


def _print_pages(pages: PagesAhead, make: MakeReader, market: str) -> bool:
    """Prints each page, read by its site's reader, which learns when it meets its first; whether a file was damaged."""
    readers: dict[str, SiteReader] = {}
    damaged = False
    for found in pages:
        if found.page is None:
            damaged |= found.damaged
            print(f"npswatch: {found.said}", file=sys.stderr)
            continue
        if found.site not in readers:
            readers[found.site] = make()
            for page in islice(chain([found.page], pages.pages_of(found.site)), _LEARN_PAGES):
                readers[found.site].learn(page.received)
        _print(found.page, readers[found.site], market)
    return damaged


def _print(page: SavedPage, reader: SiteReader, market: str) -> None:
    from pipelines.understanding import start_sighting, understand

    raw = reader.read(page.received)
    url = page.received.url or ""
    sighting = understand(start_sighting(raw, market=market, url=url, time=page.time))
    print_json({"path": page.path} | ({"url": url} if url else {}) | plain(sighting.page))


def _found_in(files: list[Path], base_url: str | None) -> Iterator[Found]:
    """What is in the files, in their order; of a file without a page, or one that is damaged, what is to be said."""
    from evidence.replay import pages_in

    sites = {} if base_url else _sites_of_files(files)
    for file in files:
        folder = str(file.parent)
        any_page = False
        try:
            for page in pages_in(file, base_url):
                any_page = True
                url = page.received.url
                site = str(urlsplit(url).netloc) if url else sites.get(folder, folder)
                yield Found(file=file, site=site, page=page)
        except (BadInput, OSError) as error:
            yield Found(file=file, said=str(error), damaged=True)
            continue
        if not any_page:
            yield Found(file=file, said=f"{file}: no page in it")


def _sites_of_files(files: list[Path]) -> dict[str, str]:
    from spiders.sites import marks_in, merge_folders

    folders: defaultdict[str, list[Path]] = defaultdict(list)
    for file in files:
        folders[str(file.parent)].append(file)
    if len(folders) == 1:
        return dict.fromkeys(folders, next(iter(folders)))
    return merge_folders({name: [marks_in(each) for each in some[:_SAMPLE]] for name, some in folders.items()})


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
