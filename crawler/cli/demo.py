"""`npswatch demo`: the whole way of a page, on markets of our own, on this machine alone."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Annotated

import typer

from crawler.cli.context import Context, JsonOption, on_terminal, print_json
from crawler.cli.demo_summary import count_market, print_summary
from crawler.cli.progress import watched
from crawler.demo.markets import open_site
from crawler.demo.server import RunningSites, running_sites
from crawler.home import HOME_VARIABLE, STORE_VARIABLE, Home
from crawler.model.errors import BadInput
from crawler.model.offspring import dies_with_parent, end
from crawler.tornet.network import PrivateNetwork, private_network

_ELASTICSEARCH = "elasticsearch"


def add_to(app: typer.Typer) -> None:
    """Adds the command."""
    app.command(name="demo")(demo)


def demo(
    context: typer.Context,
    serve: Annotated[bool, typer.Option("--serve/--no-serve", help="Serve the page afterwards.")] = True,
    port: Annotated[int, typer.Option(min=0, max=65535, help="The page's loopback port; 0 for any.")] = 8765,
    store: Annotated[
        str | None,
        typer.Option(envvar=STORE_VARIABLE, help="An index's address, or elasticsearch to start one of our own."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Show the whole on three markets of our own: private Tor network, onion services, crawl, index, page.

    Example: `npswatch demo --no-serve`
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    base: Context = context.obj
    home = Home.at(base.home_folder or _demo_folder())
    if serve:
        _check_port(port)
    started = time.monotonic()
    with ExitStack() as services:
        address = services.enter_context(_index(store, home))
        _check_index(address)
        with ExitStack() as crawl_only:
            sites = crawl_only.enter_context(running_sites())
            network = _network(crawl_only)
            _publish(network, sites, home)
            code = _crawl(network, list(sites.ports), home, address)
            counts = [count_market(name, open_site(name).totals(), home, address) for name in sites.ports]
        print_summary(counts, home, address, seconds=time.monotonic() - started)
        if serve and port:
            print(f"the page: http://127.0.0.1:{port}/ (Ctrl-C ends it)", flush=True)
        if as_json:
            print_json({"markets": [count.plain() for count in counts]})
        if serve:
            _serve(address, home, port)
    if code not in (0, 1) or any(not count.complete for count in counts):
        raise typer.Exit(1)


def _demo_folder() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "npswatch-demo"


@contextmanager
def _index(store: str | None, home: Home) -> Iterator[str]:
    if store != _ELASTICSEARCH:
        yield store or home.store
        return
    from index.local_server import local_elasticsearch

    _say("starting an Elasticsearch of our own (the first time it is fetched)")
    with local_elasticsearch() as address:
        yield address


def _network(stack: ExitStack) -> PrivateNetwork:
    _say("starting a private Tor network on loopback (a quarter of a minute)")
    return stack.enter_context(private_network())


def _publish(network: PrivateNetwork, sites: RunningSites, home: Home) -> None:
    for name, port in sites.ports.items():
        _say(f"publishing {name} as an onion service")
        host = network.publish(port, home.folder / "demo-keys" / name)
        home.remember_addresses(name, (f"http://{host}/",))


def _crawl(network: PrivateNetwork, markets: list[str], home: Home, store: str) -> int:
    """The exit code of a crawl in a process of its own, whose guard lets nothing out but Tor."""
    command = [sys.executable, "-m", "crawler.cli.app", "crawl", *markets, "--fresh", "--pace", "none", "--json"]
    command += ["--tor-socks", str(network.client.socks), "--tor-control", str(network.client.control)]
    _say("crawling")
    environment = os.environ | {HOME_VARIABLE: str(home.folder), STORE_VARIABLE: store}
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, preexec_fn=dies_with_parent()
    )
    try:
        with watched(markets, home):
            _, complaints = process.communicate()
    finally:
        end(process)
    if process.returncode == 2:
        raise BadInput(f"the crawl did not start: {complaints.decode(errors='replace').strip()[-2000:]}")
    return process.returncode


def _serve(store: str, home: Home, port: int) -> None:
    from casework.page.server import serve_page
    from crawler.desk.desk import Desk

    with Desk(home.folder) as desk:
        serve_page(store, home.folder, port, desk=desk)


def _check_port(port: int) -> None:
    from casework.page.server import check_port

    check_port(port)


def _check_index(address: str) -> None:
    """Raises StoreUnavailable now, not after the crawl."""
    from index.opening import open_store

    open_store(address).close()


def _say(words: str) -> None:
    if on_terminal():
        print(words, file=sys.stderr, flush=True)
