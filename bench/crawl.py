"""Pages a second through the private Tor network with the full pipeline on: `python -m bench.crawl`."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from crawler.demo.server import running_sites
from crawler.home import HOME_VARIABLE
from crawler.tornet.network import private_network


def main() -> None:
    """Crawls the demo markets once at no pace and prints pages a second and processor milliseconds a page."""
    with tempfile.TemporaryDirectory() as folder, running_sites() as sites, private_network() as network:
        for name, port in sites.ports.items():
            host = network.publish(port)
            path = Path(folder) / "markets" / f"{name}.toml"
            path.parent.mkdir(exist_ok=True)
            path.write_text(f'addresses = ["http://{host}/"]\n')
        command = [sys.executable, "-m", "crawler.cli.app", "crawl", "--pace", "none", "--json"]
        command += ["--tor-socks", str(network.client.socks), "--tor-control", str(network.client.control)]
        before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
        done = subprocess.run(
            command, env=os.environ | {HOME_VARIABLE: folder}, capture_output=True, text=True, check=False
        )
        wall, after = time.monotonic() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    runs = [json.loads(line) for line in done.stdout.splitlines()]
    if not runs:
        sys.exit(done.stderr)
    pages = sum(run["reached"] for run in runs)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    crawling = max(_seconds(run["ended"]) for run in runs) - min(_seconds(run["started"]) for run in runs)
    print(
        f"crawl: {pages} pages in {crawling:.1f} s: {pages / crawling:.1f} pages/s, {1000 * cpu / pages:.1f} ms of "
        f"processor a page, start included; "
        f"{wall:.1f} s with start and end; verdicts {[run['verdict'] for run in runs]}"
    )


def _seconds(time_text: str) -> float:
    from datetime import datetime

    return datetime.fromisoformat(time_text).timestamp()


if __name__ == "__main__":
    main()
