"""`npswatch serve`: the investigator's page on loopback."""

from __future__ import annotations

from typing import Annotated

import typer

from crawler.cli.context import Context, JsonOption, StoreOption, print_json


def add_to(app: typer.Typer) -> None:
    """Adds the command."""
    app.command(name="serve")(serve)


def serve(
    context: typer.Context,
    port: Annotated[int, typer.Option(min=0, max=65535, help="The loopback port to listen on; 0 for any.")] = 8765,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """Serve the page for those without Kibana, on this machine only, until Ctrl-C; `--json` prints its address.

    Example: `npswatch serve --port 8765`, then open http://127.0.0.1:8765
    """
    from casework.page.server import serve_page
    from crawler.desk.desk import open_desk

    base: Context = context.obj
    ready = (lambda address: print_json({"address": address})) if as_json else None
    with open_desk(base.home.folder) as desk:
        serve_page(base.store(store), base.home.folder, port, desk=desk, ready=ready)
