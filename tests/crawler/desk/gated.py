"""Markets that stand behind gates, and an officer who brings sessions to the desk."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from pathlib import Path

from crawler.desk.desk import Desk
from crawler.model.desk import Pasted, Task, TaskKind, TaskState
from crawler.model.errors import BadInput
from tests.sites import Answer, Page, Request, Site

LOGIN = (
    b"<html><title>Small Market - Login</title><h1>Login</h1><form method=post action=/login><input name=user>"
    b"<input type=password name=pass><button>Log in</button></form>"
)
CAPTCHA = (
    b"<html><title>Small Market</title><h1>Are you human?</h1><img src=/captcha.png alt='six letters'>"
    b"<form method=post><input name=captcha><button>Enter</button></form>"
)
QUEUE = (
    b"<html><title>Small Market</title><meta http-equiv=refresh content='1'><h1>You are in the queue</h1>"
    b"<p>Your position in the queue: 12</p><p>Estimated waiting time: 1 minute</p>"
)
SEIZED = b"<html><title>Seized</title><h1>This hidden site has been seized</h1><p>by law enforcement, court order 7</p>"
MAINTENANCE = b"<html><title>Small Market</title><h1>Under maintenance</h1><p>We will be back soon</p>"
SHUT = {"login": LOGIN, "captcha": CAPTCHA, "queue": QUEUE, "seized": SEIZED, "maintenance": MAINTENANCE}


def gate(kind: str, **headers: str) -> Answer:
    """The answer of a gate."""
    return Answer(body=SHUT[kind], headers={"Content-Type": "text/html; charset=utf-8"} | headers)


def cookie_of(request: Request, name: str = "sid") -> str:
    """The value of a cookie of a request; empty without."""
    found = SimpleCookie(request.headers.get("Cookie", "")).get(name)
    return found.value if found else ""


def put_task(home: Path, market: str, kind: TaskKind, *, shows: str, url: str = "", capture: str = "") -> int:
    """The number of a task put on the desk of a home."""
    with Desk(home) as desk:
        return desk.put(market, kind, shows=shows, url=url, capture=capture)


def hanging_up(page: Page, site: Site, after: int) -> Callable[[Request], Answer]:
    """The page of a site that hangs up on everybody after so many visits."""

    def answer(request: Request) -> Answer:
        if len(site.asked) > after:
            raise ConnectionAbortedError
        return page(request) if callable(page) else page

    return answer


@dataclass
class Members:
    """A market for members: a session is good for so many pages, then the login stands before every page."""

    pages: dict[str, Page]
    pages_a_session: int
    shut: Callable[[str], Answer] = lambda path: gate("login")
    left: dict[str, int] = field(default_factory=dict)
    shown: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def sign_in(self) -> str:
        """A new session."""
        with self.lock:
            sid = f"session-{len(self.left)}"
            self.left[sid] = self.pages_a_session
            return sid

    def site(self) -> dict[str, Page]:
        """The pages as visitors and members get them."""
        return {path: self._page(path) for path in self.pages} | {"/login": gate("login")}

    def _page(self, path: str) -> Page:
        def answer(request: Request) -> Answer:
            with self.lock:
                sid = cookie_of(request)
                if self.left.get(sid, 0) <= 0:
                    return self.shut(path)
                self.left[sid] -= 1
                self.shown[path] += 1
            page = self.pages[path]
            return page(request) if callable(page) else page

        return answer


@contextmanager
def officer(home: Path, sign_in: Callable[[Task], str | None], shared: str | None = None) -> Iterator[list[int]]:
    """Somebody who watches the desk and brings what ``sign_in`` gives for each open task; the numbers of those done."""
    done: list[int] = []
    over = threading.Event()

    def watch() -> None:
        while not over.is_set():
            time.sleep(0.1)
            if not shared and not (home / "desk" / "desk.db").exists():
                continue
            with Desk(home, shared) as desk:
                for task in desk.tasks(TaskState.OPEN):
                    cookies = sign_in(task)
                    if cookies is None:
                        continue
                    try:
                        desk.bring(Pasted(market=task.market, account="A-17", officer="A. Karimov", cookies=cookies))
                    except BadInput:
                        continue
                    done.append(task.id)

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield done
    finally:
        over.set()
        thread.join()
