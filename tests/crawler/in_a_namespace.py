"""A whole private Tor network, a market and its crawl in one network namespace that holds loopback alone.

Run by `tests/crawler/test_namespace.py` under ``unshare``; prints the run's record and what tried to leave.
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from pathlib import Path

from crawler.tornet.network import private_network
from tests.crawler.crawls import crawl, found
from tests.sites import serve_site
from tests.small_market import small_market

_LISTINGS = 20


def refused_connects() -> int:
    """Packets of this namespace that found no way out so far, of both families; every one would have left loopback."""
    names, values = (
        line.split() for line in Path("/proc/net/snmp").read_text().splitlines() if line.startswith("Ip:")
    )  # fmt: skip
    six = dict(line.split() for line in Path("/proc/net/snmp6").read_text().splitlines())
    return int(values[names.index("OutNoRoutes")]) + int(six["Ip6OutNoRoutes"])


def _try_to_leave() -> None:
    for family, address in ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1")):
        with socket.socket(family) as line:
            line.connect_ex((address, 80))


def main() -> None:
    """Proves the counter first, then crawls."""
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    home, at_first = Path(sys.argv[1]), refused_connects()
    _try_to_leave()
    proved = refused_connects() - at_first
    with serve_site() as site, private_network() as network:
        site.pages = small_market(_LISTINGS)
        url = f"http://{network.publish(site.port)}/"
        before = refused_connects()
        run = crawl(home, {"socks": str(network.client.socks), "control": str(network.client.control)}, url)
        refused = refused_connects() - before
    print(json.dumps({"run": run, "proved": proved, "refused": refused, "listings": len(found(home))}))


if __name__ == "__main__":
    main()
