"""The demo server, over real HTTP."""

from __future__ import annotations

import gzip
import http.client
import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from crawler.demo.server import RunningSites, read_request, running_sites
from crawler.model.errors import BadInput

REPOSITORY = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def sites() -> Iterator[RunningSites]:
    with running_sites(["quartz"]) as running:
        yield running


@pytest.fixture
def connection(sites: RunningSites) -> Iterator[http.client.HTTPConnection]:
    connection = http.client.HTTPConnection("127.0.0.1", sites.ports["quartz"], timeout=10)
    yield connection
    connection.close()


def fetch(
    connection: http.client.HTTPConnection, path: str, method: str = "GET", **headers: str
) -> tuple[int, dict[str, str], bytes]:
    connection.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
    response = connection.getresponse()
    return response.status, {name.lower(): value for name, value in response.getheaders()}, response.read()


def test_a_connection_carries_many_pages(connection: http.client.HTTPConnection) -> None:
    fetch(connection, "/")
    first = connection.sock
    for path in ("/listings", "/vendors", "/nothing-here", "/"):
        fetch(connection, path)
    assert first is not None
    assert connection.sock is first


def test_any_host_header_is_answered(connection: http.client.HTTPConnection) -> None:
    assert fetch(connection, "/", Host="x" * 56 + ".onion")[0] == 200


def test_an_unknown_address_is_a_404_with_a_page(connection: http.client.HTTPConnection) -> None:
    status, headers, body = fetch(connection, "/listing/1-nothing")
    assert status == 404
    assert headers["content-type"] == "text/html; charset=utf-8"
    assert b"nothing at this address" in body


def test_an_action_is_refused(connection: http.client.HTTPConnection) -> None:
    assert fetch(connection, "/cart/add/1")[0] == 403


def test_head_tells_the_length_and_sends_no_body(connection: http.client.HTTPConnection) -> None:
    _, headers, body = fetch(connection, "/", "HEAD")
    assert body == b""
    assert int(headers["content-length"]) == len(fetch(connection, "/")[2])


def test_other_methods_are_not_allowed(connection: http.client.HTTPConnection) -> None:
    status, headers, _ = fetch(connection, "/", "POST")
    assert (status, headers["allow"]) == (405, "GET, HEAD")


def test_gzip_is_sent_only_when_asked(connection: http.client.HTTPConnection) -> None:
    plain = fetch(connection, "/listings")
    zipped = fetch(connection, "/listings", Accept_Encoding="br, gzip")
    refused = fetch(connection, "/listings", Accept_Encoding="gzip;q=0")
    assert "content-encoding" not in plain[1]
    assert "content-encoding" not in refused[1]
    assert zipped[1]["content-encoding"] == "gzip"
    assert gzip.decompress(zipped[2]) == plain[2]


@pytest.mark.parametrize(("ask", "told"), [("If-None-Match", "etag"), ("If-Modified-Since", "last-modified")])
def test_an_unchanged_page_is_not_sent_again(connection: http.client.HTTPConnection, ask: str, told: str) -> None:
    known = fetch(connection, "/")[1][told]
    assert fetch(connection, "/", **{ask: known})[::2] == (304, b"")


def test_a_stale_validator_gets_the_page(connection: http.client.HTTPConnection) -> None:
    assert fetch(connection, "/", If_None_Match='"other"')[0] == 200
    assert fetch(connection, "/", If_Modified_Since="Mon, 01 Jan 2024 00:00:00 GMT")[0] == 200


def test_a_head_without_end_is_turned_away(sites: RunningSites) -> None:
    with socket.create_connection(("127.0.0.1", sites.ports["quartz"]), timeout=10) as peer:
        peer.sendall(b"GET /" + b"a" * 40_000)
        assert peer.recv(100).startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize("head", [b"", b"GET /", b"GET http://a/ HTTP/1.1", b"GET / HTTP/2", b"\x16\x03\x01 / x"])
def test_what_is_no_request_is_told_so(head: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_request(head)


def test_pages_arrive_without_stalls(connection: http.client.HTTPConnection) -> None:
    fetch(connection, "/")
    started = time.perf_counter()
    for _ in range(100):
        fetch(connection, "/")
    assert time.perf_counter() - started < 2.0  # a stall of 40 ms a page would take 4 s


def test_a_market_there_is_not_says_which_there_are() -> None:
    with pytest.raises(BadInput, match="did not start"), running_sites(["bazaar"]):
        pass


def test_the_server_ends_when_its_parent_is_killed() -> None:
    code = "import json,time;from crawler.demo.server import start_sites;s=start_sites(['quartz']);"
    code += "print(json.dumps([s.process.pid,s.ports['quartz']]),flush=True);time.sleep(60)"
    parent = subprocess.Popen([sys.executable, "-c", code], cwd=REPOSITORY, stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    with parent.stdout:
        _, port = json.loads(parent.stdout.readline())
        parent.send_signal(signal.SIGKILL)
        parent.wait(10)
    assert goes_silent(port)


def test_stop_ends_the_server() -> None:
    with running_sites(["quartz"]) as sites:
        port = sites.ports["quartz"]
    assert sites.process.poll() is not None
    assert goes_silent(port)


def goes_silent(port: int) -> bool:
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            return True
        time.sleep(0.05)
    return False
