import asyncio
from itertools import pairwise
from pathlib import Path

from crawler.model.sighting import Document
from index.opening import open_store
from index.outbox import Outbox
from pipelines.delivery import Delivery

DOWN = "http://127.0.0.1:9"


class Clock:
    """A clock the test turns."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def documents(count: int) -> list[Document]:
    return [Document(kind="listing", id=f"id{n}", body={"market": "m", "title": f"lot {n}"}) for n in range(count)]


def test_after_each_failure_the_next_attempt_waits_twice_as_long_up_to_a_minute(tmp_path: Path) -> None:
    async def attempts() -> list[float]:
        clock, outbox = Clock(), Outbox(tmp_path / "outbox.db")
        outbox.post(documents(1))
        delivery = Delivery(outbox, DOWN, clock)
        began, moments = clock.now, []
        for _ in range(200):
            delivery.posted(200)
            task = delivery._task
            if task is not None and not task.done():
                moments.append(clock.now - began)
                assert not await task
            clock.now += 1.0
        return [later - earlier for earlier, later in pairwise(moments)]

    assert asyncio.run(attempts()) == [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0, 60.0]


def test_a_slow_markets_first_find_does_not_wait_for_its_two_hundredth(tmp_path: Path) -> None:
    async def delivered() -> int:
        clock, outbox = Clock(), Outbox(tmp_path / "outbox.db")
        delivery = Delivery(outbox, f"sqlite:///{tmp_path}/index.db", clock)
        outbox.post(documents(1))
        delivery.posted(1)
        assert delivery._task is None
        clock.now += 31.0
        delivery.posted(0)
        assert delivery._task is not None
        await delivery._task
        delivery.close()
        return outbox.counts().waiting

    assert asyncio.run(delivered()) == 0


def test_an_index_that_comes_back_gets_everything_at_the_next_attempt(tmp_path: Path) -> None:
    async def waiting() -> int:
        outbox = Outbox(tmp_path / "outbox.db")
        outbox.post(documents(3))
        down = Delivery(outbox, DOWN)
        assert not await down.attempt()
        assert down.failure is not None
        up = Delivery(outbox, f"sqlite:///{tmp_path}/index.db")
        assert await up.finish()
        up.close()
        return outbox.counts().waiting

    assert asyncio.run(waiting()) == 0
    assert open_store(f"sqlite:///{tmp_path}/index.db").count("*") == 3
