"""`npswatch market`: what an operator does about a market."""

from __future__ import annotations

import typer

from crawler.cli.mirrors import mirrors

market = typer.Typer(help="Markets and their addresses.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Adds the group."""
    market.callback()(_market)
    market.add_typer(mirrors, name="mirrors")
    app.add_typer(market, name="market")


def _market() -> None:
    """Markets and their addresses."""
