"""`npswatch market new`: the draft of a profile, from saved pages or from a first crawl."""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterable
from contextlib import redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlsplit

import typer

from config.profiles import check_name, markets_folder
from crawler.cli.context import Context, JsonOption, StoreOption, TorControlOption, TorSocksOption, print_json
from crawler.model.errors import BadInput, BadResult

if TYPE_CHECKING:
    from crawler.model.reading import Received
    from spiders.draft import Draft

_CRAWLED_PAGES = 60
_MOST_PAGES = 2_000
_CONTENT = ("listing", "category", "vendor")


def add_to(app: typer.Typer) -> None:
    """Adds the command."""
    app.command(name="new")(new)


def new(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="The market's name: lower case letters, digits, - and _.")],
    source: Annotated[
        str, typer.Option("--from", help="Saved pages, a folder of them, WARC or WACZ; or the address to crawl.")
    ],
    base_url: Annotated[str | None, typer.Option(help="The address the saved files came from.")] = None,
    limit_pages: Annotated[int, typer.Option(min=5, help="At most so many pages of a crawl.")] = _CRAWLED_PAGES,
    pace: Annotated[str, typer.Option(help="Requests a second of a crawl (0.5/s), or none.")] = "1/s",
    replace: Annotated[bool, typer.Option("--replace", help="Draft anew the profile that is there.")] = False,
    tor_socks: TorSocksOption = None,
    tor_control: TorControlOption = None,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """Draft a market's profile with what the reader learns from its pages.

    The profile goes to config/markets/NAME.toml (or the folder NPSWATCH_MARKETS names) and holds no address; the
    template it was learnt with, and the address of a crawl, go to the home.

    Examples: `npswatch market new harbour --from saved/`,
    `npswatch market new harbour --from http://….onion/ --limit-pages 100`
    """
    base: Context = context.obj
    check_name(name)
    if "://" in source and not _is_address(source):
        raise BadInput(f"{source}: an address begins with http:// or https://; anything else is a file or folder")
    target = markets_folder() / f"{name}.toml"
    if target.exists() and not replace:
        raise BadInput(f"{target} is there already; draft it anew with --replace, or edit it")
    if _is_address(source):
        with redirect_stdout(sys.stderr):
            _crawl(context, name, source, limit_pages, pace, tor_socks, tor_control, store)
        paths = [base.home.captures / name]
    else:
        paths = [Path(source)]
    pages, left_out = _pages(paths, base_url)
    draft = _draft(name, pages)
    kept = _keep(base, draft, target)
    _say(draft, target, kept, left_out, as_json)


def _is_address(source: str) -> bool:
    return source.startswith(("http://", "https://"))


def _crawl(
    context: typer.Context,
    name: str,
    address: str,
    limit_pages: int,
    pace: str,
    tor_socks: str | None,
    tor_control: str | None,
    store: str | None,
) -> None:
    """A first look at the market; that it is short, or met a gate, is told by its own line and stops no draft."""
    from crawler.cli.crawl import crawl_command

    try:
        crawl_command(
            context,
            markets=[name],
            start_url=address,
            limit_pages=limit_pages,
            pace=pace,
            fresh=False,
            tor_socks=tor_socks,
            tor_control=tor_control,
            store=store,
            as_json=False,
        )
    except typer.Exit:
        return


def _pages(paths: list[Path], base_url: str | None) -> tuple[list[Received], list[str]]:
    """The pages of the site that has most of them, the newest body of each address; and the hosts left out."""
    from evidence.replay import files_below, pages_in

    by_host: defaultdict[str, dict[str, Received]] = defaultdict(dict)
    for file in files_below(paths):
        for page in pages_in(file, base_url):
            address = page.received.url if page.received.url != base_url else None
            host = urlsplit(page.received.url or "").netloc
            by_host[host][address or page.path] = page.received
            if len(by_host[host]) >= _MOST_PAGES:
                break
    if not by_host:
        raise BadInput(f"{', '.join(map(str, paths))}: no page in it; name a folder of saved pages, or a WARC file")
    most = max(by_host, key=lambda host: len(by_host[host]))
    return list(by_host.pop(most).values()), sorted(filter(None, by_host))


def _draft(name: str, pages: list[Received]) -> Draft:
    from spiders.draft import draft_profile

    draft = draft_profile(name, pages)
    if not any(draft.page_types.get(kind) for kind in _CONTENT):
        seen = ", ".join(f"{count} {kind}" for kind, count in draft.page_types.items())
        raise BadResult(f"no listing, category or vendor among {draft.pages} pages ({seen}); nothing was drafted")
    return draft


def _keep(base: Context, draft: Draft, target: Path) -> Path:
    from spiders.draft import profile_text
    from spiders.reader import TemplateShelf

    kept = TemplateShelf(base.home.templates(draft.profile.name)).keep(draft.template)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(profile_text(draft), encoding="utf-8")
    except OSError as error:
        raise BadInput(
            f"{target} cannot be written: {error.strerror}; name another folder by NPSWATCH_MARKETS"
        ) from error
    return kept


def _say(draft: Draft, target: Path, kept: Path, left_out: list[str], as_json: bool) -> None:
    if as_json:
        print_json(_as_table(draft, target, kept, left_out))
        return
    name = draft.profile.name
    print(f"{target}: drafted from {draft.pages} pages")
    print("  " + ", ".join(f"{count} {kind}" for kind, count in draft.page_types.items()))
    for line in _field_lines(draft):
        print("  " + line)
    if left_out:
        print(f"left out, other hosts: {len(left_out)} (a profile describes one site)")
    print(f"template {draft.template.version}: {kept}")
    print(f"next: look at the profile, then npswatch market record {name} PAGE and npswatch market check {name}")


def _field_lines(draft: Draft) -> Iterable[str]:
    by_key = {found.key: found for found in draft.selectors}
    for key, share in draft.filled.items():
        found = by_key.get(key)
        more = f", {found.mended} more" if found and found.mended else ""
        where = f"{found.css} ({found.agreed} of {found.pages}{more})" if found else "as the reader finds it"
        yield f"{key:22} {share:4.0%}  {where}"


def _as_table(draft: Draft, target: Path, kept: Path, left_out: list[str]) -> dict[str, Any]:
    return {
        "market": draft.profile.name,
        "profile": str(target),
        "template": draft.template.version,
        "template_file": str(kept),
        "pages": draft.pages,
        "page_types": draft.page_types,
        "filled": draft.filled,
        "selectors": {
            each.key: {"css": each.css, "agreed": each.agreed, "pages": each.pages, "mended": each.mended}
            for each in draft.selectors
        },
        "hosts_left_out": len(left_out),
    }
