"""Serves demo markets on loopback: HTTP/1.1 with keep-alive, GET and HEAD, in a process that dies with its parent.

Header and body leave in one write: apart, Nagle's algorithm and delayed acknowledgement stall each page 40 ms.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gzip
import hashlib
import json
import select
import signal
import socket
import subprocess
import sys
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from email.utils import format_datetime, parsedate_to_datetime
from http import HTTPStatus
from pathlib import Path

from crawler.demo.catalogue import TODAY
from crawler.demo.markets import MARKETS, open_site
from crawler.demo.site import DemoResponse, DemoSite
from crawler.model.errors import BadInput
from crawler.model.offspring import dies_with_parent, end

LOOPBACK = "127.0.0.1"
_HEAD_LIMIT = 16_384
_IDLE_SECONDS = 60.0
_START_SECONDS = 30.0
_ENCODED_KEPT = 2_048
_REPOSITORY = Path(__file__).parents[2]
_CHANGED = datetime.combine(TODAY, time(6, 30), UTC)


@dataclass(frozen=True, kw_only=True, slots=True)
class RunningSites:
    """Demo markets being served; ``ports`` on loopback by name."""

    ports: Mapping[str, int]
    process: subprocess.Popen[str]

    def stop(self) -> None:
        """The serving process ended."""
        end(self.process)
        if self.process.stdout is not None:
            self.process.stdout.close()


def start_sites(names: Sequence[str] = MARKETS) -> RunningSites:
    """The markets served by a child process, ready when this returns. Raises BadInput when it is not.

    To be called on the main thread: the child ends with the thread that started it.
    """
    process = subprocess.Popen(
        [sys.executable, "-m", "crawler.demo.server", *names],
        cwd=_REPOSITORY,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=dies_with_parent(),
    )
    try:
        return RunningSites(ports=json.loads(_first_line(process)), process=process)
    except (OSError, ValueError) as error:
        end(process)
        raise BadInput(f"the demo markets did not start: {error}") from error


def _first_line(process: subprocess.Popen[str]) -> str:
    if process.stdout is None or not select.select([process.stdout], [], [], _START_SECONDS)[0]:
        raise TimeoutError(f"no word from their server in {_START_SECONDS:.0f} s")
    return process.stdout.readline()


@contextlib.contextmanager
def running_sites(names: Sequence[str] = MARKETS) -> Iterator[RunningSites]:
    """The markets served for as long as the block runs."""
    sites = start_sites(names)
    try:
        yield sites
    finally:
        sites.stop()


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """A request as far as the server cares; header names are lower case."""

    method: str
    target: str
    headers: Mapping[str, str]
    keep_alive: bool


def read_request(head: bytes) -> Request:
    """The request of a head without its last empty line. Raises ValueError for what is none."""
    first, *lines = head.decode("latin-1").split("\r\n")
    method, target, version = first.split(" ")
    if not target.startswith("/") or version not in ("HTTP/1.1", "HTTP/1.0"):
        raise ValueError(f"no request: {first[:80]!r}")
    pairs = (line.partition(":") for line in lines if line)
    headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
    wish = headers.get("connection", "").lower()
    return Request(
        method=method,
        target=target,
        headers=headers,
        keep_alive=wish == "keep-alive" if version == "HTTP/1.0" else wish != "close",
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Encoded:
    status: int
    tag: str
    headers: Mapping[str, str]
    plain: bytes
    zipped: bytes


@dataclass(slots=True)
class Answerer:
    """Makes bytes of a site's responses: validators, compression, conditional requests."""

    site: DemoSite
    _encoded: OrderedDict[str, _Encoded] = field(default_factory=OrderedDict)

    def answer(self, request: Request) -> bytes:
        """Head and body of the answer to a request."""
        if request.method not in ("GET", "HEAD"):
            return _bare(HTTPStatus.METHOD_NOT_ALLOWED, {"Allow": "GET, HEAD"}, keep_alive=request.keep_alive)
        page = self._page(request.target.partition("#")[0])
        if page.status == HTTPStatus.OK and _is_unchanged(request.headers, page.tag):
            return _bare(HTTPStatus.NOT_MODIFIED, _validators(page.tag), keep_alive=request.keep_alive)
        zipped = _accepts_gzip(request.headers.get("accept-encoding", ""))
        body = page.zipped if zipped else page.plain
        headers = {**page.headers, "Content-Length": str(len(body)), "Vary": "Accept-Encoding"}
        headers |= {"Content-Encoding": "gzip"} if zipped else {}
        headers |= _validators(page.tag) if page.status == HTTPStatus.OK else {}
        head = _head(HTTPStatus(page.status), headers, keep_alive=request.keep_alive)
        return head if request.method == "HEAD" else head + body

    def _page(self, target: str) -> _Encoded:
        if target in self._encoded:
            self._encoded.move_to_end(target)
            return self._encoded[target]
        if len(self._encoded) >= _ENCODED_KEPT:
            self._encoded.popitem(last=False)
        self._encoded[target] = _encode(self.site.render(target))
        return self._encoded[target]


def _encode(response: DemoResponse) -> _Encoded:
    return _Encoded(
        status=response.status,
        tag=f'"{hashlib.sha256(response.body).hexdigest()[:20]}"',
        headers=response.headers,
        plain=response.body,
        zipped=gzip.compress(response.body, 6, mtime=0),
    )


def _accepts_gzip(accepted: str) -> bool:
    for offer in accepted.lower().split(","):
        coding, _, weight = offer.partition(";")
        if coding.strip() in ("gzip", "*"):
            return weight.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False


def _is_unchanged(headers: Mapping[str, str], tag: str) -> bool:
    known = headers.get("if-none-match")
    if known is not None:
        return known.strip() == "*" or tag in (part.strip().removeprefix("W/") for part in known.split(","))
    since = headers.get("if-modified-since")
    if since is None:
        return False
    try:
        moment = parsedate_to_datetime(since)
    except ValueError:
        return False
    return moment.replace(tzinfo=moment.tzinfo or UTC) >= _CHANGED


def _validators(tag: str) -> dict[str, str]:
    return {"ETag": tag, "Last-Modified": format_datetime(_CHANGED, usegmt=True)}


def _head(status: HTTPStatus, headers: Mapping[str, str], *, keep_alive: bool) -> bytes:
    lines = [f"HTTP/1.1 {status.value} {status.phrase}", "Server: nginx"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    lines += [f"Connection: {'keep-alive' if keep_alive else 'close'}", "", ""]
    return "\r\n".join(lines).encode("latin-1")


def _bare(status: HTTPStatus, headers: Mapping[str, str], *, keep_alive: bool) -> bytes:
    length = {} if status == HTTPStatus.NOT_MODIFIED else {"Content-Length": "0"}
    return _head(status, {**headers, **length}, keep_alive=keep_alive)


async def _converse(answerer: Answerer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    peer: socket.socket = writer.get_extra_info("socket")
    peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        while await _answer_one(answerer, reader, writer):
            pass
    except (asyncio.IncompleteReadError, ConnectionError, TimeoutError):
        return  # the client went away or stayed silent: nobody is left to tell
    finally:
        writer.close()


async def _answer_one(answerer: Answerer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
    try:
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), _IDLE_SECONDS)
        request = read_request(head[:-4])
    except (ValueError, asyncio.LimitOverrunError):
        writer.write(_bare(HTTPStatus.BAD_REQUEST, {}, keep_alive=False))
        await writer.drain()
        return False
    has_body = "content-length" in request.headers or "transfer-encoding" in request.headers
    writer.write(answerer.answer(request))
    await writer.drain()
    return request.keep_alive and not has_body


async def serve(sites: Sequence[DemoSite]) -> tuple[dict[str, int], list[asyncio.Server]]:
    """A server a site on a free loopback port: ports by name, and the servers."""
    ports: dict[str, int] = {}
    servers = []
    for site in sites:
        answerer = Answerer(site=site)

        async def converse(
            reader: asyncio.StreamReader, writer: asyncio.StreamWriter, answerer: Answerer = answerer
        ) -> None:
            await _converse(answerer, reader, writer)

        server = await asyncio.start_server(converse, LOOPBACK, 0, limit=_HEAD_LIMIT)
        ports[site.name] = server.sockets[0].getsockname()[1]
        servers.append(server)
    return ports, servers


async def _serve_until_told(names: Sequence[str]) -> None:
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    ports, servers = await serve([open_site(name) for name in names])
    sys.stdout.write(json.dumps(ports) + "\n")
    sys.stdout.flush()
    await ended.wait()
    for server in servers:
        server.close()


def main() -> None:
    """Serves the markets named on the command line and prints their ports as one line of JSON."""
    parser = argparse.ArgumentParser(prog="python -m crawler.demo.server", description=main.__doc__)
    parser.add_argument("names", nargs="+", choices=MARKETS, metavar="MARKET")
    asyncio.run(_serve_until_told(parser.parse_args().names))


if __name__ == "__main__":
    main()
