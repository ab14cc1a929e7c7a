"""`npswatch market mirrors`: the addresses of a market that are accepted, and who vouches for them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from crawler.cli.context import Context, JsonOption, print_json
from crawler.home import Home
from crawler.mirrors.book import MirrorBook
from crawler.model.errors import BadInput

_mirrors = typer.Typer(help="The accepted addresses of a market.", no_args_is_help=True)


def add_to(group: typer.Typer) -> None:
    """Adds the commands to the group of a market's."""
    group.add_typer(_mirrors, name="mirrors")


class _Named:
    """The home and the market that the words before the sub-command name."""

    def __init__(self, home: Home, market: str) -> None:
        self.market = market
        self.book = MirrorBook(home, market)


@_mirrors.callback()
def of_market(context: typer.Context, market: Annotated[str, typer.Argument(help="The market's name.")]) -> None:
    """The accepted addresses of a market: the operator's, and those of a list its pinned key signed.

    Example: `npswatch market mirrors harbour list`
    """
    base: Context = context.obj
    context.obj = _Named(base.home, market)


@_mirrors.command(name="list")
def list_them(context: typer.Context, as_json: JsonOption = False) -> None:
    """Show the accepted addresses in the order in which they are tried.

    Example: `npswatch market mirrors harbour list`
    """
    named: _Named = context.obj
    for mirror in named.book.mirrors():
        if as_json:
            print_json({"address": mirror.address, "source": mirror.source, "lives": mirror.lives})
        else:
            print(f"{mirror.address}  {mirror.source}{', lived last' if mirror.lives else ''}")


@_mirrors.command()
def add(
    context: typer.Context,
    url: Annotated[str, typer.Argument(help="The address.")],
    as_json: JsonOption = False,
) -> None:
    """Accept an address on your own word: you have it from the market itself, not from a page that links to it.

    Example: `npswatch market mirrors harbour add http://….onion/`
    """
    named: _Named = context.obj
    host = named.book.add(url)
    print_json({"accepted": host}) if as_json else print(f"{host} is accepted for {named.market}")


@_mirrors.command()
def remove(
    context: typer.Context,
    url: Annotated[str, typer.Argument(help="The address, or its host.")],
    as_json: JsonOption = False,
) -> None:
    """Accept an address no longer, also when a signed list names it again.

    Example: `npswatch market mirrors harbour remove http://….onion/`
    """
    named: _Named = context.obj
    host = named.book.remove(url)
    print_json({"removed": host}) if as_json else print(f"{host} is no longer accepted for {named.market}")


@_mirrors.command()
def accept(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="The signed list, or the page that holds it.")],
    key: Annotated[Path | None, typer.Option(help="The PGP public key; kept for the lists the crawl fetches.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Accept the addresses of a PGP-signed list when the profile's `mirror_key` has signed it.

    Example: `npswatch market mirrors harbour accept mirrors.txt --key harbour.asc`
    """
    named: _Named = context.obj
    new = named.book.accept(_read(file), _read(key) if key is not None else None)
    if as_json:
        print_json({"market": named.market, "new": list(new)})
        return
    print(f"the list is signed by the pinned key; {len(new)} addresses are new")
    for address in new:
        print(address)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}") from error
