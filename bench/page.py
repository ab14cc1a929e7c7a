"""First render and search of the page on the demo's data: `python -m bench.page` (`--store URL` for an Elasticsearch).

Makes the demo in a home of its own, unless `--home DIR` names one that has it. Without `--store` both stores are
measured: the home's own, and an Elasticsearch started for it.
"""

from __future__ import annotations

import argparse
import http.client
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote, urlencode, urlsplit

from bench.demo_home import make_demo
from crawler.model.sighting import Document
from index.fields import kinds
from index.local_server import local_elasticsearch
from index.opening import open_store
from index.store import Store

_ROUNDS = 40
_QUERIES = (
    "*",
    "4-MMC",
    "class:cathinones ships_from:NL",
    "мефедрон кристалл",
    "price_per_gram:<20",
    "nps:true NOT LSD",
)
_FIRST_PAINT = "() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime"
_BROWSER = (
    *("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
)


def main() -> None:
    """Prints the p95 of first paint in Chromium, of the search's answer and of the store's search, for each store."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, help="a home that holds the demo")
    parser.add_argument("--store", help="measure this store alone")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = chosen.home or Path(folder) / "home"
        if chosen.home is None:
            make_demo(home)
        own = f"sqlite:///{home.absolute()}/index.db"
        if chosen.store:
            _measure(chosen.store, home)
            return
        _measure(own, home)
        with local_elasticsearch() as address:
            _copy(own, address)
            _measure(address, home)


def _copy(source: str, target: str) -> None:
    """Puts all documents of one store into another."""
    old, new = open_store(source), open_store(target)
    for kind in kinds():
        bodies = list(old.scan("*", kind))
        documents = [Document(kind=kind, id=body.pop("id"), body=_without_kind(body)) for body in bodies]
        assert new.put(documents) == ()
    new.refresh()
    old.close()
    new.close()


def _without_kind(body: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in body.items() if name != "kind"}


def _measure(store_address: str, home: Path) -> None:
    name = store_address.partition(":")[0].replace("http", "elasticsearch")
    store = open_store(store_address)
    listings, paths = store.count("*"), _paths(store)
    searches = [_timed(lambda query=query: store.search(query, limit=25)) for query in _QUERIES * _ROUNDS]
    store.close()
    with _served(store_address, home) as port:
        answers = [_timed(lambda path=path: _ask(port, path)) for path in _search_paths() * _ROUNDS]
        paints = {path: _paints(port, path) for path in paths}
    print(f"page on {name}, {listings} listings, p95 in ms (median):")
    print(f"  the store's search {_figures(searches)}; a search answered with facets {_figures(answers)}")
    for path, figures in paints.items():
        print(f"  first paint {path.split('?')[0][:20]:<20} {_figures(figures)}")


def _paths(store: Store) -> list[str]:
    listing = store.search("*", limit=1).bodies[0]["id"]
    vendor = store.search("*", kind="vendor", limit=1).bodies[0]["id"]
    substance = store.facets("*", ["substance"], size=1)["substance"][0][0]
    return [
        "/?q=class:cathinones",
        f"/listing/{listing}",
        f"/vendor/{vendor}",
        "/substance/" + quote(substance, safe=""),
        "/substances",
        "/cases",
        "/runs",
    ]


def _search_paths() -> list[str]:
    return ["/?" + urlencode({"q": query}) for query in _QUERIES]


@contextmanager
def _served(store_address: str, home: Path) -> Iterator[int]:
    """The port on which `npswatch serve` answers, in a process of its own."""
    code = (
        "import sys; from pathlib import Path; from casework.page.server import serve_page; "
        "serve_page(sys.argv[1], Path(sys.argv[2]), 0, ready=lambda address: print(address, flush=True))"
    )
    command = [sys.executable, "-c", code, store_address, str(home)]
    serving = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[1])
    try:
        assert serving.stdout is not None
        port = urlsplit(serving.stdout.readline().strip()).port
        assert port is not None
        _ask(port, "/")
        yield port
    finally:
        serving.terminate()
        serving.wait()


def _ask(port: int, path: str) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", path)
    response = connection.getresponse()
    response.read()
    connection.close()
    assert response.status == 200, path


def _paints(port: int, path: str) -> list[float]:
    """Milliseconds to the first paint with content, each load in a browser without anything kept."""
    from playwright.sync_api import sync_playwright

    found = []
    _ask(port, path)  # a server just started is warmed up once
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=list(_BROWSER))
        for _ in range(_ROUNDS):
            page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
            page.goto(f"http://127.0.0.1:{port}{path}")
            found.append(float(page.wait_for_function(_FIRST_PAINT).json_value()))
            page.context.close()
        browser.close()
    return found


def _timed(work: object) -> float:
    assert callable(work)
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1000


def _figures(values: list[float]) -> str:
    return f"{statistics.quantiles(values, n=20)[-1]:.0f} ({statistics.median(values):.0f})"


if __name__ == "__main__":
    main()
