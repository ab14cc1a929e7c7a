"""The views of the desk: what markets ask of a person, and the form that brings a session; cookies are never shown."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import FastAPI, Request
from fastapi.responses import Response

from casework.cases.case import checked_line
from casework.page.forms import Form, NotOurForm, PostedForm
from casework.page.notices import Notice
from casework.page.room import Room
from crawler.model.desk import DeskBook, Pasted, Task, TaskState
from crawler.model.errors import BadInput

_METHODS = ["GET", "HEAD"]
_TYPED = ("market", "account", "authority", "expires", "every_address", "officer")
_A_SESSION_HELPS = frozenset({"login", "captcha", "queue", "blocked"})


def add_desk_views(app: FastAPI, room: Room, book: DeskBook) -> None:
    """Nothing; adds the views."""
    _add_reading(app, room, book)
    _add_writing(app, room, book)


def _add_reading(app: FastAPI, room: Room, book: DeskBook) -> None:
    @app.api_route("/desk", methods=_METHODS)
    def desk(request: Request) -> Response:
        return _list(room, book, request)

    @app.api_route("/desk/{id_}", methods=_METHODS)
    def task(request: Request, id_: int) -> Response:
        found = _task(book, id_)
        return _none(room, request) if found is None else _show(room, book, request, found)


def _add_writing(app: FastAPI, room: Room, book: DeskBook) -> None:
    @app.post("/desk/sessions")
    def bring(request: Request, form: PostedForm) -> Response:
        def again(fault: str, status: int) -> Response:
            return _list(room, book, request, status, form=form, fault=fault)

        return _tried(lambda: _bring(room, book, request, form, form.one("market"), "/desk"), again)

    @app.post("/desk/forgotten")
    def forget(request: Request, form: PostedForm) -> Response:
        def write() -> Response:
            room.keys.check(request, form)
            count = book.forget(form.one("market"), form.one("account"), _officer(room, form))
            words = f"{count} sessions of account {form.one('account')} forgotten."
            return room.done("/desk", Notice(words=words))

        return _tried(write, lambda fault, status: _list(room, book, request, status, form=form, fault=fault))

    @app.post("/desk/{id_}/sessions")
    def answer(request: Request, id_: int, form: PostedForm) -> Response:
        def write(task: Task) -> Response:
            return _bring(room, book, request, form, task.market, f"/desk/{id_}")

        return _at_task(room, book, request, id_, form, write)

    @app.post("/desk/{id_}/closed")
    def close(request: Request, id_: int, form: PostedForm) -> Response:
        def write(task: Task) -> Response:
            room.keys.check(request, form)
            book.close_task(task.id, _officer(room, form))
            return room.done("/desk", Notice(words=f"Task {task.id} is closed; the crawl goes on without those pages."))

        return _at_task(room, book, request, id_, form, write)


def _at_task(
    room: Room, book: DeskBook, request: Request, id_: int, form: Form, write: Callable[[Task], Response]
) -> Response:
    task = _task(book, id_)
    if task is None:
        return _none(room, request)
    return _tried(
        lambda: write(task), lambda fault, status: _show(room, book, request, task, status, form=form, fault=fault)
    )


def _bring(room: Room, book: DeskBook, request: Request, form: Form, market: str, back: str) -> Response:
    room.keys.check(request, form)
    pasted = Pasted(
        market=market.strip(),
        account=form.one("account"),
        officer=_officer(room, form),
        cookies=form.one("cookies"),
        authority=form.one("authority"),
        expires=form.one("expires"),
        every_address=bool(form.one("every_address")),
    )
    record = book.bring(pasted)
    kept = f"{record.cookies} cookies for {', '.join(record.hosts)}, until {record.expires:%Y-%m-%d %H:%M} UTC"
    words = f"The session of account {record.account} is kept: {kept}. The crawl tests it before it uses it."
    return room.done(back, Notice(words=words))


def _tried(attempt: Callable[[], Response], again: Callable[[str, int], Response]) -> Response:
    try:
        return attempt()
    except NotOurForm as error:
        return again(str(error), 403)
    except BadInput as error:
        return again(str(error), 400)


def _list(
    room: Room, book: DeskBook, request: Request, status: int = 200, *, form: Form | None = None, fault: str = ""
) -> Response:
    tasks = book.tasks()
    return room.page(
        request,
        "desk.html",
        status,
        waiting=[task for task in tasks if task.state is not TaskState.CLOSED],
        closed=[task for task in tasks if task.state is TaskState.CLOSED],
        sessions=book.sessions(),
        typed=_typed(room, form),
        fault=fault,
    )


def _show(
    room: Room,
    book: DeskBook,
    request: Request,
    task: Task,
    status: int = 200,
    *,
    form: Form | None = None,
    fault: str = "",
) -> Response:
    return room.page(
        request,
        "desk_task.html",
        status,
        task=task,
        sessions=book.sessions(task.market),
        helps=task.kind.value in _A_SESSION_HELPS and task.state is not TaskState.CLOSED,
        typed=_typed(room, form) | {"market": task.market},
        fault=fault,
    )


def _typed(room: Room, form: Form | None) -> dict[str, str]:
    """What was typed, to be corrected; never the cookies."""
    typed = {name: form.one(name) if form else "" for name in _TYPED}
    return typed | {"officer": typed["officer"] or room.desk.officer}


def _officer(room: Room, form: Form) -> str:
    room.desk.officer = checked_line(form.one("officer"), "officer's name")
    return room.desk.officer


def _task(book: DeskBook, id_: int) -> Task | None:
    return next((task for task in book.tasks() if task.id == id_), None)


def _none(room: Room, request: Request) -> Response:
    return room.wrong(request, 404, "There is no such task.", "All tasks are listed under Desk.")
