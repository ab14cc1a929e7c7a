"""The command `npswatch`: its sub-commands, its exit codes."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from crawler.cli.context import Context
from crawler.home import HOME_VARIABLE
from crawler.model.errors import NpswatchError

app = typer.Typer(
    name="npswatch",
    help="Watches darknet markets for new psychoactive substances: passively, through Tor, with every page kept.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def npswatch(
    context: typer.Context,
    home: Annotated[
        Path | None,
        typer.Option(envvar=HOME_VARIABLE, help="Folder of all data, keys, sessions and private addresses."),
    ] = None,
) -> None:
    """Watches darknet markets for new psychoactive substances: passively, through Tor, with every page kept."""
    context.obj = Context(home_folder=home)


def _add_commands() -> None:
    from crawler.cli import (
        case,
        crawl,
        demo,
        desk,
        doctor,
        kibana,
        label,
        read,
        schedule,
        search,
        serve,
        spool,
        tornet,
        verify,
        work,
    )

    # In the order a newcomer meets them.
    in_order = (
        demo,
        crawl,
        read,
        label,
        search,
        serve,
        schedule,
        spool,
        work,
        desk,
        kibana,
        case,
        verify,
        tornet,
        doctor,
    )
    for module in in_order:
        module.add_to(app)


_add_commands()


def main() -> None:
    """Runs the command line. Exit codes: 0 done, 1 the result is bad, 2 wrong usage, input or environment."""
    try:
        app()
    except NpswatchError as error:
        print(f"npswatch: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
    except BrokenPipeError:
        sys.exit(0)
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
