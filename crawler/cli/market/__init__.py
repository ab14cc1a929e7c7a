"""`npswatch market`: profiles drafted, checked, listed, what their health holds back, and accepted addresses."""

from __future__ import annotations

import typer

from crawler.cli.market import check, listing, mirrors, new, quarantine, record

_market = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="markdown",
    help="Describe a market: draft its profile, record cases, check them, see its health.\n\n"
    "Example: `npswatch market new harbour --from saved/`, `npswatch market record harbour saved/page.html`, "
    "`npswatch market check harbour`",
)


def add_to(app: typer.Typer) -> None:
    """Adds the commands."""
    for module in (new, record, check, listing, quarantine, mirrors):
        module.add_to(_market)
    app.add_typer(_market, name="market")
