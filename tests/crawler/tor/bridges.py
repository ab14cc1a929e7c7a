"""A bridge of the private network: a relay nobody lists, reached in the clear or by obfs4."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from crawler.model.offspring import end
from crawler.tor.client import start_tor
from crawler.tornet.nodes import free_ports


@contextmanager
def bridge(network: dict[str, str], folder: Path, *, obfs4: bool) -> Iterator[str]:
    """The line by which a client finds a running bridge."""
    folder.mkdir(mode=0o700)
    plain, hidden, extended = free_ports(3)
    transport = f"""ServerTransportPlugin obfs4 exec /usr/bin/obfs4proxy
ServerTransportListenAddr obfs4 127.0.0.1:{hidden}
ExtORPort 127.0.0.1:{extended}
"""
    (folder / "torrc").write_text(
        f"""DataDirectory {folder}
Nickname bridge
SocksPort 0
Address 127.0.0.1
ORPort 127.0.0.1:{plain}
BridgeRelay 1
PublishServerDescriptor 0
AssumeReachable 1
ExitRelay 0
ContactInfo none
Log notice stdout
__OwningControllerProcess {os.getpid()}
{network["membership"]}
{transport if obfs4 else ""}"""
    )
    process = start_tor(folder / "torrc", folder / "tor.log")
    try:
        limit = time.monotonic() + 60
        while "Bootstrapped 100%" not in (folder / "tor.log").read_text():
            assert time.monotonic() < limit, (folder / "tor.log").read_text()[-2000:]
            time.sleep(0.1)
        fingerprint = (folder / "fingerprint").read_text().split()[1]
        if obfs4:
            said = (folder / "pt_state" / "obfs4_bridgeline.txt").read_text()
            found = re.search(r"cert=\S+ iat-mode=\d", said)
            assert found is not None
            yield f"obfs4 127.0.0.1:{hidden} {fingerprint} {found[0]}"
        else:
            yield f"127.0.0.1:{plain} {fingerprint}"
    finally:
        end(process)
