"""What all views work with: the index, the captures, the case book, and the way to make a page."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

import jinja2
from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from casework.cases.book import CaseBook
from casework.page.cases import CasesAtHand, cases_at_hand
from casework.page.exports import Exports
from casework.page.forms import FormKeys
from casework.page.notices import PARAMETER, Notice, Notices
from casework.page.officer import Desk, desk_of_this_user
from index.store import Store

SEE_OTHER = 303


@dataclass(frozen=True, kw_only=True, slots=True)
class Room:
    """What the views work on. ``captures`` is the folder of WARC files; ``has_desk``: tasks for a person are shown."""

    store: Store
    captures: Path
    book: CaseBook
    exports: Exports
    templates: jinja2.Environment
    has_desk: bool
    keys: FormKeys = field(default_factory=FormKeys)
    notices: Notices = field(default_factory=Notices)
    desk: Desk = field(default_factory=desk_of_this_user)

    @classmethod
    def at(cls, store: Store, home_folder: Path, templates: jinja2.Environment, *, has_desk: bool) -> Room:
        """The room over an open store and a home."""
        return cls(
            store=store,
            captures=home_folder / "captures",
            book=CaseBook(home_folder),
            exports=Exports(home_folder),
            templates=templates,
            has_desk=has_desk,
        )

    def page(self, request: Request, template: str, status: int = 200, **values: Any) -> HTMLResponse:
        """A page made of a template, with what its forms need."""
        given = {
            "token": self.keys.token,
            "officer": self.desk.officer,
            "back": _address_of(request),
            "notice": self.notices.take(request.query_params.get(PARAMETER, "")),
            "cases_at_hand": self.cases,
            "has_desk": self.has_desk,
        }
        response = HTMLResponse(self.templates.get_template(template).render(given | values), status_code=status)
        self.keys.give_cookie(request, response)
        return response

    def cases(self) -> CasesAtHand:
        """The cases there are."""
        return cases_at_hand(self.book)

    def wrong(self, request: Request, status: int, what: str, hint: str = "") -> HTMLResponse:
        """A page that says what is wrong and what to do."""
        return self.page(request, "wrong.html", status, what=what, hint=hint)

    def done(self, address: str, notice: Notice) -> Response:
        """Leads on after something was written, so that loading again does not write again."""
        return RedirectResponse(self.notices.leave(address, notice), status_code=SEE_OTHER)


def _address_of(request: Request) -> str:
    """The address asked for, to come back to."""
    if request.method == "POST":
        return "/"
    parts = [(name, value) for name, value in parse_qsl(request.url.query, keep_blank_values=True) if name != PARAMETER]
    return request.url.path + (f"?{urlencode(parts)}" if parts else "")
