"""`npswatch tornet`: the private Tor network alone."""

from __future__ import annotations

import signal
from typing import Annotated

import typer

from crawler.cli.context import print_json
from crawler.tornet.network import private_network


def add_to(app: typer.Typer) -> None:
    """Adds the command."""
    app.command(name="tornet")(tornet)


def tornet(
    expose: Annotated[
        list[int] | None, typer.Option(help="A loopback port to publish as port 80 of an onion service; repeatable.")
    ] = None,
    more: Annotated[list[int] | None, typer.Argument(hidden=True)] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Changes nothing: one JSON line is always printed.")] = True,
) -> None:
    """Start a private Tor network on loopback and publish local sites in it, until Ctrl-C.

    Example: `npswatch tornet --expose 8000` prints the onion address of the site on port 8000.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    ports = [*(expose or []), *(more or [])]
    try:
        with private_network() as network:
            onions = {str(port): network.publish(port) for port in ports}
            client = network.client
            print_json(
                {
                    "socks": str(client.socks),
                    "control": str(client.control),
                    "cookie": str(network.cookie),
                    "onions": onions,
                }
            )
            signal.pause()
    except KeyboardInterrupt:
        return
