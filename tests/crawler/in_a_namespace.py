"""A private Tor network, a market and a clear-net shop; each crawl in a namespace of its own that holds loopback alone.

Run by `tests/crawler/test_namespace.py` under ``unshare``. In the namespace of a crawl nobody but the crawl connects to
anything, so its counters of refused connects and of packets without a way out are the crawl's. Tor has another: it
looks for a way out to learn its own address.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from crawler.tornet.network import PrivateNetwork, private_network
from tests.crawler.bridge import lead_from, lead_to
from tests.crawler.crawls import found, npswatch
from tests.crawler.exit_relay import exit_to
from tests.sites import Answer, serve_site
from tests.small_market import small_market

_LISTINGS = 20
_ROBOTS = b"User-agent: *\nDisallow: /vendor/\n"
_PROFILE = 'name = "garden"\nkind = "shop"\npace = "none"\nclear_net = ["garden.example"]\n'
_OUTSIDE = ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1"), (socket.AF_INET, "127.0.0.1"))


def refused_connects() -> int:
    """Connects of this namespace that came to nothing so far: those without a way out, and those that were refused."""
    six = dict(line.split() for line in Path("/proc/net/snmp6").read_text().splitlines())
    return _counter("Ip:", "OutNoRoutes") + _counter("Tcp:", "AttemptFails") + int(six["Ip6OutNoRoutes"])


def _counter(protocol: str, name: str) -> int:
    lines = [line.split() for line in Path("/proc/net/snmp").read_text().splitlines() if line.startswith(protocol)]
    return int(dict(zip(*lines, strict=True))[name])


def crawl_alone(folder: Path, market: str, url: str, socks: str, control: str) -> dict[str, Any]:
    """The record of a crawl in this namespace, where Tor's ports are bridged in, and what it was refused."""
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    before = refused_connects()
    for family, address in _OUTSIDE:
        with socket.socket(family) as line:
            line.connect_ex((address, 9))
    proved = refused_connects() - before
    with ExitStack() as stack:
        for end in (socks, control):
            stack.enter_context(lead_from(int(end.rpartition(":")[2]), folder / f"bridge{end.rpartition(':')[2]}"))
        before = refused_connects()
        ports = ["--tor-socks", socks, "--tor-control", control]
        done = npswatch(folder / "home", "crawl", market, "--start-url", url, "--pace", "none", "--json", *ports)
        refused = refused_connects() - before
    if not done.stdout:
        sys.exit(done.stderr)
    return {"run": json.loads(done.stdout), "proved": proved, "refused": refused}


def _crawl(folder: Path, network: PrivateNetwork, market: str, url: str) -> dict[str, Any]:
    ends = [str(network.client.socks), str(network.client.control)]
    inner = [sys.executable, "-m", "tests.crawler.in_a_namespace", str(folder), market, url, *ends]
    with ExitStack() as stack:
        for end in ends:
            port = end.rpartition(":")[2]
            (folder / f"bridge{port}").unlink(missing_ok=True)
            stack.enter_context(lead_to(folder / f"bridge{port}", int(port)))
        done = subprocess.run(["unshare", "--net", *inner], capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stderr)
    seen: dict[str, Any] = json.loads(done.stdout)
    return seen


def crawl_both(folder: Path) -> dict[str, Any]:
    """What the crawls of the market and of the shop read, asked for and were refused."""
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    (folder / "profiles").mkdir()
    (folder / "profiles" / "garden.toml").write_text(_PROFILE)
    os.environ["NPSWATCH_MARKETS"] = str(folder / "profiles")
    with serve_site() as site, private_network() as network:
        site.pages = small_market(_LISTINGS) | {"/robots.txt": Answer(body=_ROBOTS)}
        market = _crawl(folder, network, "small", f"http://{network.publish(site.port)}/")
        site.asked.clear()
        with exit_to(network, site.port, folder / "exit"):
            shop = _crawl(folder, network, "garden", f"http://garden.example:{site.port}/")
        listings = [each["market"] for each in found(folder / "home")]
        return {"market": market, "shop": shop, "listings": listings, "asked": site.paths_asked()}


if __name__ == "__main__":
    place, *words = sys.argv[1:]
    print(json.dumps(crawl_alone(Path(place), *words) if words else crawl_both(Path(place))))
