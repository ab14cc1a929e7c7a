"""The pool of Tor clients, with real ones in the private network."""

import json
import os
import signal
import socket
import struct
from collections.abc import Callable
from pathlib import Path

import pytest

from crawler.home import Home
from crawler.model.errors import TorUnavailable
from crawler.passage import socks_user
from crawler.tor.client import TorClient
from crawler.tor.control import Circuit, Control
from crawler.tor.keeper import kept_ports
from crawler.tor.pool import kept, place_of
from tests.crawler.tor.networks import home_in, processes_of, tor_process, wait_for
from tests.sites import Answer, Site

Publish = Callable[[int], str]


def connect(client: TorClient, user: str, host: str) -> socket.socket:
    """A connection to port 80 of an onion service under a SOCKS user's name."""
    line = socket.create_connection((client.socks.host, client.socks.port), timeout=60)
    line.sendall(b"\x05\x01\x02")
    assert line.recv(2) == b"\x05\x02"
    line.sendall(b"\x01" + bytes([len(user)]) + user.encode() + b"\x01x")
    assert line.recv(2) == b"\x01\x00"
    line.sendall(b"\x05\x01\x00\x03" + bytes([len(host)]) + host.encode() + struct.pack("!H", 80))
    assert line.recv(10)[1] == 0
    return line


def test_a_market_falls_to_the_same_client_always_and_markets_spread_evenly() -> None:
    places = [place_of(f"market{number}", 4) for number in range(400)]
    assert places == [place_of(f"market{number}", 4) for number in range(400)]
    assert [place_of("harbour", cores) for cores in (1, 2, 4)] == [0, 0, 2]
    assert all(70 < places.count(place) < 130 for place in range(4))


def test_identities_have_circuits_of_their_own_and_each_keeps_its_own(
    home: Path, tor: dict[str, str], publish: Publish, site: Site
) -> None:
    site.pages = {"/": Answer(body=b"x")}
    host = publish(site.port).split("/")[2]
    quartz, officer, harbour = (socks_user(*name) for name in (("quartz",), ("quartz", "officer"), ("harbour",)))
    with kept(home_in(tor, home), "quartz") as client:
        lines = []
        carried: dict[str, set[str]] = {}
        for user in (quartz, officer, harbour) * 3:
            before = {stream.circuit for stream in client.connection.streams()}
            counts = {circuit: count_streams(client.connection, circuit) for circuit in before}
            lines.append(connect(client, user, host))
            after = {stream.circuit for stream in client.connection.streams()}
            grown = [c for c in after if count_streams(client.connection, c) > counts.get(c, 0)]
            carried.setdefault(user, set()).update(grown)
        assert {user: len(circuits) for user, circuits in carried.items()} == dict.fromkeys(carried, 1)
        assert len(set.union(*carried.values())) == 3
        of = {user: {c.number for c in circuits_of(client.connection, user)} for user in carried}
        assert all(carried[user] <= of[user] for user in carried)
        assert not of[quartz] & of[officer] | of[quartz] & of[harbour] | of[officer] & of[harbour]
        closed = client.connection.close_circuits(quartz)
        assert closed == len(of[quartz])
        assert {c.number for c in circuits_of(client.connection, harbour)} >= carried[harbour]
        assert not circuits_of(client.connection, quartz)
        for line in lines:
            line.close()


def circuits_of(connection: Control, user: str) -> list[Circuit]:
    return [circuit for circuit in connection.circuits() if circuit.user == user]


def count_streams(connection: Control, circuit: str) -> int:
    return sum(stream.circuit == circuit for stream in connection.streams())


def test_a_tor_that_is_killed_comes_back_on_its_ports_and_ends_with_its_last_user(
    home: Path, tor: dict[str, str]
) -> None:
    the_home = home_in(tor, home)
    folder = the_home.tor / str(place_of("quartz"))
    with kept(the_home, "quartz") as client:
        ports = kept_ports(folder)
        assert ports == (client.socks, client.control)
        first = tor_process(folder)
        os.kill(first, signal.SIGKILL)
        wait_for(lambda: not client.connection.alive)
        with kept(the_home, "quartz") as again:  # a second user finds it as well
            assert (again.socks, again.control) == ports
            assert tor_process(folder) != first
    wait_for(lambda: not processes_of(folder))
    with kept(the_home, "quartz") as later:
        assert later.connection.bootstrap()[0] == 100


def test_a_keeper_that_is_killed_takes_its_tor_along_and_the_next_user_starts_another(
    home: Path, tor: dict[str, str]
) -> None:
    the_home = home_in(tor, home)
    folder = the_home.tor / str(place_of("quartz"))
    with kept(the_home, "quartz"):
        keeper = next(pid for pid in processes_of(folder) if pid != tor_process(folder))
        os.kill(keeper, signal.SIGKILL)
        wait_for(lambda: not processes_of(folder))
        with kept(the_home, "quartz") as client:
            assert client.connection.bootstrap()[0] == 100


def test_a_port_somebody_else_took_is_changed_for_another(home: Path, tor: dict[str, str]) -> None:
    the_home = home_in(tor, home)
    folder = the_home.tor / str(place_of("quartz"))
    folder.mkdir(parents=True)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        (folder / "ports.json").write_text(json.dumps({"socks": port, "control": port}))
        with kept(the_home, "quartz") as client:
            assert port not in (client.socks.port, client.control and client.control.port)


def test_a_tor_that_cannot_start_is_told_in_its_own_words(home: Path) -> None:
    the_home = Home.at(home)
    the_home.tor_settings.write_text('extra = ["NoSuchOption 1"]\n')
    with pytest.raises(TorUnavailable, match="NoSuchOption"), kept(the_home, "quartz"):
        pass
    wait_for(lambda: not processes_of(home))
