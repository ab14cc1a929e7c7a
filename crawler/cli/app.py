"""The command `npswatch`: its sub-commands, its exit codes."""

from __future__ import annotations

import os
import sqlite3
import sys
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup
from typer.main import get_group

from crawler.cli.context import Context
from crawler.home import HOME_VARIABLE
from crawler.model.errors import BadQuery, NpswatchError

# In the order a newcomer meets them; each is in the file or folder of this room of its name, or named here.
_IN_ORDER = (
    "demo",
    "crawl",
    "read",
    "market",
    "label",
    "search",
    "serve",
    "schedule",
    "spool",
    "work",
    "desk",
    "kibana",
    "case",
    "verify",
    "tornet",
    "doctor",
    "config",
)
_ELSEWHERE = {"config": "doctor"}


class _Commands(TyperGroup):
    """The commands, each imported when it is asked for; a reader who has seen enough (`| head`) ends them quietly."""

    def list_commands(self, ctx: Any) -> list[str]:
        return list(_IN_ORDER)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in _IN_ORDER:
            return None
        if cmd_name not in self.commands:
            alone = typer.Typer()
            alone.callback()(lambda: None)
            import_module(f"crawler.cli.{_ELSEWHERE.get(cmd_name, cmd_name)}").add_to(alone)
            self.commands.update(get_group(alone).commands)
        return self.commands[cmd_name]

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(0) from None


app = typer.Typer(
    name="npswatch",
    cls=_Commands,
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
    version: Annotated[
        bool, typer.Option("--version", callback=lambda asked: _print_version(asked), is_eager=True, help="Show it.")
    ] = False,
) -> None:
    """Watches darknet markets for new psychoactive substances: passively, through Tor, with every page kept."""
    context.obj = Context(home_folder=home)


def _print_version(asked: bool) -> None:
    from importlib.metadata import version

    if asked:
        print(f"npswatch {version('npswatch')}")
        raise typer.Exit


def main() -> None:
    """Runs the command line. Exit codes: 0 done, 1 the result is bad, 2 wrong usage, input or environment."""
    try:
        code, words = app(prog_name="npswatch", standalone_mode=False), ""
    except typer.TyperException as error:
        code, words = error.exit_code, _usage(error)
    except BadQuery as error:
        code, words = error.exit_code, f"at character {error.position + 1} of the query: {error}"
    except NpswatchError as error:
        code, words = error.exit_code, str(error)
    except (OSError, sqlite3.OperationalError) as error:
        code, words = NpswatchError.exit_code, str(error)
    if words:
        print(f"npswatch: {words}", file=sys.stderr)
    sys.exit(code)


def _usage(error: typer.TyperException) -> str:
    """What is wrong with a command's words in one line; nothing where its help was shown instead."""
    words = " ".join(error.format_message().split()).rstrip(".")
    context = getattr(error, "ctx", None)
    return f"{words}; see {context.command_path if context else 'npswatch'} --help" if words else ""


if __name__ == "__main__":
    main()
