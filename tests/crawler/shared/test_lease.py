"""A lease: one holder at a time, never two, whatever the server goes through."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from crawler.model.errors import BadInput, HomeLocked, LeaseLost, SharedStateUnavailable
from crawler.shared.lease import Lease
from crawler.shared.server import SharedServer, key
from tests.fixtures.redis import RedisServer


@pytest.fixture
def server(redis: RedisServer) -> Iterator[SharedServer]:
    connected = SharedServer(redis.address)
    yield connected
    connected.close()


def test_a_market_has_one_holder_and_the_other_is_told_who(server: SharedServer) -> None:
    first, second = Lease(server, "harbour"), Lease(server, "harbour")
    first.take()
    with pytest.raises(HomeLocked, match="harbour is being crawled by worker"):
        second.take()
    Lease(server, "quartz").take()
    first.give_up()
    second.take()


def test_a_lease_that_nobody_renews_runs_out_and_its_holder_stops_first(server: SharedServer) -> None:
    dead, next_one = Lease(server, "harbour", seconds=0.4), Lease(server, "harbour")
    dead.take()
    dead.check()
    stopped = taken = None
    while taken is None:
        try:
            dead.check()
        except LeaseLost:
            stopped = stopped or time.monotonic()
        try:
            next_one.take()
            taken = time.monotonic()
        except HomeLocked:
            time.sleep(0.01)
    assert stopped is not None
    assert stopped <= taken
    with pytest.raises(LeaseLost):
        dead.renew()
    with pytest.raises(LeaseLost):
        dead.write([("SET", key("x"), "1")])
    dead.give_up()
    next_one.renew()


def test_who_has_lost_the_lease_writes_nothing(server: SharedServer) -> None:
    lease = Lease(server, "harbour")
    lease.take()
    lease.write([("SET", key("x"), "1"), ("HSET", key("y"), "a", "b")])
    server.client.set(key("market", "harbour", "lease"), "somebody else 2")
    with pytest.raises(LeaseLost):
        lease.write([("SET", key("x"), "2")])
    assert server.client.get(key("x")) == "1"


def test_a_server_that_comes_back_still_knows_the_holder(redis: RedisServer, server: SharedServer) -> None:
    lease = Lease(server, "harbour", seconds=0.3)
    lease.take()
    redis.kill()
    with pytest.raises(SharedStateUnavailable, match=str(redis.port)):
        lease.renew()
    time.sleep(0.3)
    with pytest.raises(LeaseLost):
        lease.check()
    redis.start()
    lease.renew()  # nobody has taken it meanwhile
    lease.check()


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:1", "redis://", "redis://host:port", "redis://h/x", "redis://h:1/0?db=2"]
)
def test_an_address_that_names_no_redis_is_refused_with_its_form(address: str) -> None:
    with pytest.raises(BadInput, match=r"redis://\[user:password@\]host"):
        SharedServer(address)


def test_a_wrong_password_is_told_apart_from_a_server_that_is_away(redis: RedisServer) -> None:
    with pytest.raises(BadInput, match="does not let us in") as caught:
        SharedServer(redis.address.replace("secret", "wrong")).check()
    assert not isinstance(caught.value, SharedStateUnavailable)
    assert "wrong" not in str(caught.value)


def test_a_lease_is_kept_while_its_holder_is_busy(server: SharedServer) -> None:
    lease = Lease(server, "birch", seconds=0.6)
    lease.take()
    with lease.kept():
        time.sleep(1.5)
        lease.check()
    time.sleep(0.7)
    with pytest.raises(LeaseLost):
        lease.check()
