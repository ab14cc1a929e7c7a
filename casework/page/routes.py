"""The addresses of the page: which view answers where, and what a person sees when something is wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlencode

import jinja2
from fastapi import FastAPI, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException

from casework.page import figures, hostile
from casework.page.captured import captured_page, read_from
from casework.page.case_routes import add_case_views
from casework.page.cases import MOST_FOUND, act_words, case_link
from casework.page.desk_routes import add_desk_views
from casework.page.filters import Filter, Search
from casework.page.headers import Doorkeeper, headers
from casework.page.listing import listing_page
from casework.page.offers import substance_link
from casework.page.room import Room
from casework.page.runs import duration, run_of, runs_of
from casework.page.search import PAGE_SIZE, SORTS, find
from casework.page.static_files import STATIC, inline_style, static_address
from casework.page.substance import substance_page
from casework.page.substances import KINDS, SubstanceLists
from casework.page.vendor import vendor_page
from crawler.model.desk import DeskBook
from crawler.model.errors import NpswatchError, StoreUnavailable
from index.fields import kind_named
from index.store import Store

_HERE = Path(__file__).parent
_MOST_FILTERS = 50
_METHODS = ["GET", "HEAD"]


class _KeptFiles(StaticFiles):
    """Files a browser may keep: their addresses change when they do."""

    def file_response(self, *arguments: Any, **named: Any) -> Response:
        response = super().file_response(*arguments, **named)
        response.headers["cache-control"] = "private, max-age=31536000, immutable"
        return response


def make_app(store: Store, home_folder: Path, desk: DeskBook | None) -> FastAPI:
    """The application over an open store, the captures of a home and its desk."""
    app = FastAPI(title="npswatch", docs_url=None, redoc_url=None, openapi_url=None)
    room = Room.at(store, home_folder, _templates(), has_desk=desk is not None)
    app.add_middleware(Doorkeeper)
    app.mount("/static", _KeptFiles(directory=STATIC), name="static")
    _add_errors(app, room)
    _add_search(app, room)
    _add_things(app, room)
    _add_substances(app, room)
    _add_runs(app, room)
    add_case_views(app, room)
    if desk is not None:
        add_desk_views(app, room, desk)
    return app


def _templates() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters |= {
        "words": hostile.shown,
        "block": hostile.seen,
        "clipped": hostile.clipped,
        "one_line": hostile.one_line,
        "money": figures.money,
        "number": figures.number,
        "share": figures.share,
        "moment": figures.moment,
        "day": figures.day,
        "amount": figures.amount_text,
        "route": figures.route,
        "duration": duration,
        "substance_link": substance_link,
        "case_link": case_link,
        "act": act_words,
    }
    environment.globals |= {"SORTS": SORTS, "PAGE_SIZE": PAGE_SIZE, "FIELDS": kind_named("listing").fields}
    environment.globals |= {"static": static_address, "style": inline_style, "MOST_FOUND": MOST_FOUND}
    return environment


def _add_search(app: FastAPI, room: Room) -> None:
    @app.api_route("/", methods=_METHODS)
    def search(
        request: Request,
        q: str = "",
        f: Annotated[list[str], Query(max_length=_MOST_FILTERS)] = [],  # noqa: B006  # FastAPI copies it
        sort: str = "",
        page: int = 1,
    ) -> Response:
        filters = tuple(dict.fromkeys(Filter.read(text) for text in f))
        found = find(room.store, Search(words=q, filters=filters, sort=sort, page=page))
        # While somebody types, half a query is no failed request.
        status = 400 if found.mistake and "hx-request" not in request.headers else 200
        return room.page(request, "search.html", status, found=found, search=found.search)


def _add_things(app: FastAPI, room: Room) -> None:
    @app.api_route("/listing/{id_}", methods=_METHODS)
    def listing(request: Request, id_: str) -> Response:
        found = listing_page(room.store, room.captures, id_)
        if found is None:
            return room.wrong(request, 404, "There is no such listing.", "Search for it; a case keeps it.")
        return room.page(request, "listing.html", found=found)

    @app.api_route("/capture/{id_}", methods=_METHODS)
    def capture(request: Request, id_: str) -> Response:
        found = captured_page(room.store, room.captures, id_)
        if found is None:
            return room.wrong(request, 404, "There is no such capture.", "Captures are reached from listings and runs.")
        return room.page(request, "capture.html", capture=found, read_from=read_from(room.store, id_))

    @app.api_route("/vendor/{id_}", methods=_METHODS)
    def vendor(request: Request, id_: str) -> Response:
        found = vendor_page(room.store, id_)
        if found is None:
            return room.wrong(request, 404, "There is no such vendor.", "Search for the name: vendor:name")
        return room.page(request, "vendor.html", found=found)


def _add_substances(app: FastAPI, room: Room) -> None:
    lists = SubstanceLists()

    @app.api_route("/substances", methods=_METHODS)
    def substances(
        request: Request, kind: str = "", substance_class: Annotated[str, Query(alias="class")] = ""
    ) -> Response:
        found = lists.of(room.store)
        rows = found.of(kind, substance_class)
        given: dict[str, Any] = {
            "kind": kind,
            "substance_class": substance_class,
            "kinds": KINDS,
            "query": _substances_query,
        }
        return room.page(request, "substances.html", found=found, rows=rows, **given)

    @app.api_route("/substance/{name:path}", methods=_METHODS)
    def substance(request: Request, name: str, currency: str | None = None) -> Response:
        found = substance_page(room.store, name, currency)
        if found is None:
            return room.wrong(request, 404, f"Nothing of {name[:80]} was seen on offer.", "Search for other words.")
        return room.page(request, "substance.html", found=found)


def _substances_query(kind: str, substance_class: str) -> str:
    """The part of the address that narrows the list of substances."""
    parts = {name: value for name, value in (("kind", kind), ("class", substance_class)) if value}
    return f"?{urlencode(parts)}" if parts else ""


def _add_runs(app: FastAPI, room: Room) -> None:
    @app.api_route("/runs", methods=_METHODS)
    def runs(request: Request, market: str | None = None, page: Annotated[int, Query(ge=1, le=200)] = 1) -> Response:
        return room.page(request, "runs.html", found=runs_of(room.store, market, page))

    @app.api_route("/run/{id_}", methods=_METHODS)
    def run(request: Request, id_: str) -> Response:
        found = run_of(room.store, id_)
        if found is None:
            return room.wrong(request, 404, "There is no such run.", "All runs are listed under Runs.")
        return room.page(request, "run.html", found=found)


def _add_errors(app: FastAPI, room: Room) -> None:
    @app.exception_handler(NpswatchError)
    def refused(request: Request, error: NpswatchError) -> Response:
        if isinstance(error, StoreUnavailable):
            return room.wrong(request, 503, str(error), "Nothing is lost: start the index and load this page again.")
        return room.wrong(request, 400, str(error), "Change the address or go back to the search.")

    @app.exception_handler(RequestValidationError)
    def unreadable(request: Request, error: RequestValidationError) -> Response:
        names = ", ".join(sorted({str(fault["loc"][-1]) for fault in error.errors()}))
        return room.wrong(request, 400, f"This address cannot be read: look at {names}.", "Go back to the search.")

    @app.exception_handler(HTTPException)
    def not_here(request: Request, error: HTTPException) -> Response:
        what = "There is no such page." if error.status_code == 404 else str(error.detail)
        return room.wrong(request, error.status_code, what, "Start from the search.")

    @app.exception_handler(Exception)
    def broken(request: Request, error: Exception) -> Response:
        page = room.wrong(
            request, 500, "This page has a fault; the terminal that serves it shows which.", "Nothing is lost."
        )
        page.headers.update(headers())  # made outside the doorkeeper
        return page
