"""The views of cases, and the forms that write into them: a redirect where it was written, else what is wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import Response

from casework.cases.book import Added
from casework.cases.case import Case, checked_line, checked_number
from casework.cases.handling import DEFAULT_HANDLING, handlings
from casework.cases.words import LANGUAGES, words_in
from casework.page.cases import MOST_FOUND, Picked, add_picked, case_link, case_named, case_page, check_picked
from casework.page.forms import Form, NotOurForm, PostedForm, local_address
from casework.page.notices import Notice
from casework.page.room import Room
from crawler.model.errors import BadInput, BadResult, StoreUnavailable

_METHODS = ["GET", "HEAD"]
_TYPED = ("number", "title", "handling", "officer")


def add_case_views(app: FastAPI, room: Room) -> None:
    """Nothing; adds the views."""
    _add_reading(app, room)
    _add_opening(app, room)
    _add_adding(app, room)
    _add_writing(app, room)


def _add_reading(app: FastAPI, room: Room) -> None:
    @app.api_route("/cases", methods=_METHODS)
    def cases(request: Request) -> Response:
        return room.page(request, "cases.html", cases=room.book.cases(), **_new_case_values(room))

    @app.api_route("/case/{number}", methods=_METHODS)
    def case(request: Request, number: str) -> Response:
        found = case_named(room.book, number)
        return _no_case(room, request, number) if found is None else _show(room, request, found)


def _add_opening(app: FastAPI, room: Room) -> None:
    @app.post("/cases")
    def open_case(request: Request, form: PostedForm) -> Response:
        def write() -> Response:
            picked = Picked.read(form)
            room.keys.check(request, form)
            case = _opened(room, form, picked)
            if picked.nothing:
                return room.done(case_link(case.number), Notice(words=f"Case {case.number} is open."))
            added = add_picked(room.book, room.store, case.number, picked, case.officer)
            words = f"Case {case.number} is open. {_added_words(added, picked.kind, case.number)}"
            return room.done(case_link(case.number), Notice(words=words))

        return _tried(write, lambda fault, status: _ask_for_case(room, request, form, status, fault))


def _add_adding(app: FastAPI, room: Room) -> None:
    @app.post("/add")
    def add(request: Request, form: PostedForm) -> Response:
        def write() -> Response:
            picked = Picked.read(form)
            check_picked(room.store, picked)
            if not form.one("number"):
                return _ask_for_case(room, request, form)
            room.keys.check(request, form)
            case = case_named(room.book, form.one("number"))
            if case is None:
                return _no_case(room, request, form.one("number"))
            added = add_picked(room.book, room.store, case.number, picked, _officer(room, form))
            link = case_link(case.number)
            notice = Notice(words=_added_words(added, picked.kind, case.number), link=link, label="Open the case")
            return room.done(local_address(form.one("back")) or link, notice)

        return _tried(write, lambda fault, status: room.wrong(request, status, _sentence(fault), "Go back and look."))


def _add_writing(app: FastAPI, room: Room) -> None:
    @app.post("/case/{number}/notes")
    def note(request: Request, number: str, form: PostedForm) -> Response:
        def write(case: Case) -> Response:
            room.book.note(case.number, form.one("note").replace("\r\n", "\n"), officer=_officer(room, form))
            return room.done(case_link(case.number), Notice(words="The note is written."))

        return _in_case(room, request, number, form, write)

    @app.post("/case/{number}/exports")
    def export(request: Request, number: str, form: PostedForm) -> Response:
        def write(case: Case) -> Response:
            language = words_in(form.one("language")).language
            if not case.snapshots:
                raise BadInput("the case is empty: add a listing, a vendor or a capture first")
            missing = form.one("allow_missing") == "yes"
            room.exports.start(case.number, officer=_officer(room, form), language=language, allow_missing=missing)
            return room.done(f"{case_link(case.number)}#exports", Notice(words="The export has begun."))

        return _in_case(room, request, number, form, write)


def _in_case(room: Room, request: Request, number: str, form: Form, write: Callable[[Case], Response]) -> Response:
    """What writing into a case gives; the case with what was typed where it cannot be written."""
    case = case_named(room.book, number)
    if case is None:
        return _no_case(room, request, number)

    def attempt() -> Response:
        room.keys.check(request, form)
        return write(case)

    return _tried(attempt, lambda fault, status: _show(room, request, case, status, form=form, fault=fault))


def _tried(attempt: Callable[[], Response], again: Callable[[str, int], Response]) -> Response:
    try:
        return attempt()
    except StoreUnavailable:
        raise
    except NotOurForm as error:
        return again(str(error), 403)
    except (BadInput, BadResult) as error:
        return again(str(error), 400)


def _opened(room: Room, form: Form, picked: Picked) -> Case:
    """The case opened, once it is sure that what is picked can be added."""
    number = checked_number(form.one("number"))
    taken = case_named(room.book, number)
    if taken is not None:
        raise BadInput(f"case {taken.number} exists already: {taken.title}. Take another number, or add to it")
    if not picked.nothing:
        check_picked(room.store, picked)
    return room.book.new_case(
        number, title=form.one("title"), officer=_officer(room, form), handling=form.one("handling")
    )


def _officer(room: Room, form: Form) -> str:
    """Who does this, as the form says; the next form says it too."""
    officer = checked_line(form.one("officer"), "officer's name")
    room.desk.officer = officer
    return officer


def _show(room: Room, request: Request, case: Case, status: int = 200, **values: Any) -> Response:
    found = case_page(case, room.exports)
    given = {"form": None, "fault": "", "languages": LANGUAGES} | values
    return room.page(request, "case.html", status, found=found, **given)


def _ask_for_case(room: Room, request: Request, form: Form, status: int = 200, fault: str = "") -> Response:
    """The form for a new case, with what was typed and what shall go into it."""
    typed = {name: form.one(name) for name in _TYPED if form.one(name)}
    values = _new_case_values(room) | {"fault": _sentence(fault)}
    values["typed"] = values["typed"] | typed
    return room.page(request, "new_case.html", status, **values, picked=_picked_or_none(form), most=MOST_FOUND)


def _new_case_values(room: Room) -> dict[str, Any]:
    typed = {"number": "", "title": "", "handling": DEFAULT_HANDLING, "officer": room.desk.officer}
    return {"typed": typed, "handlings": tuple(handlings())}


def _picked_or_none(form: Form) -> Picked | None:
    try:
        picked = Picked.read(form)
    except BadInput:
        return None  # said above the form already
    return None if picked.nothing else picked


def _no_case(room: Room, request: Request, number: str) -> Response:
    return room.wrong(request, 404, f"There is no such case: {number[:80]}", "All cases are listed under Cases.")


def _added_words(added: Added, kind: str, number: str) -> str:
    things = f"1 {kind}" if added.fresh == 1 else f"{added.fresh} {kind}s"
    parts = [f"{things} added to case {number}"]
    if added.named > added.fresh:
        parts.append(f"{added.named - added.fresh} were in it")
    if added.found > added.named:
        parts.append(f"{added.found - added.named} more were found and not added")
    return ", ".join(parts) + "."


def _sentence(fault: str) -> str:
    return fault[:1].upper() + fault[1:] + ("" if fault.endswith((".", "?")) or not fault else ".")
