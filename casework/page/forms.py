"""What a form of the page sends: who may send it, how much of it is read, and the fields in it."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import parse_qsl

from fastapi import Depends, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from crawler.model.errors import BadInput

LARGEST_FORM = 300_000
MOST_FIELDS = 1_000
TOKEN_FIELD = "token"  # noqa: S105  # the field's name
_FORM_TYPE = "application/x-www-form-urlencoded"
_NO_FORM = "This is no form of this page."


class NotOurForm(BadInput):
    """A form without the token this page gave out, or with one of an earlier start. Raised by ``FormKeys``."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Form:
    """The fields of a form in the order sent, and the cookies that came with it."""

    fields: tuple[tuple[str, str], ...]
    cookies: Mapping[str, str]

    def one(self, name: str) -> str:
        """The first value of a field; empty where it was not sent."""
        return next((value for field, value in self.fields if field == name), "")

    def all(self, name: str) -> tuple[str, ...]:
        """All values of a field, each once."""
        return tuple(dict.fromkeys(value for field, value in self.fields if field == name))


class FormKeys:
    """The secret of one process: what it puts into its forms and cookies, and knows again.

    A form must carry the token and the browser the cookie; neither can be had by a page of another origin, and both
    end with the process.
    """

    def __init__(self) -> None:
        self._secret = secrets.token_bytes(32)

    @property
    def token(self) -> str:
        """What stands in the hidden field of each form."""
        return self._derived("form")

    def give_cookie(self, request: Request, response: Response) -> None:
        """Nothing; the response sets the cookie where the browser has not this one."""
        name, value = _cookie_name(request), self._derived("cookie")
        if request.cookies.get(name) != value:
            response.set_cookie(name, value, httponly=True, samesite="strict", path="/")

    def check(self, request: Request, form: Form) -> None:
        """Nothing. Raises NotOurForm for a form that lacks the token or came without the cookie."""
        pairs = (
            (form.one(TOKEN_FIELD), self._derived("form")),
            (form.cookies.get(_cookie_name(request), ""), self._derived("cookie")),
        )
        if not all(hmac.compare_digest(sent.encode(), ours.encode()) for sent, ours in pairs):
            raise NotOurForm(
                "nothing was written: this form was made before the page was started, or the browser keeps no "
                "cookies of it. Look at it and send it again"
            )

    def _derived(self, purpose: str) -> str:
        return hmac.new(self._secret, purpose.encode(), hashlib.sha256).hexdigest()


async def read_form(request: Request) -> Form:
    """The form of a request. Raises HTTPException: 415 for another content type, 413 for too much, 400 for no form."""
    kind, _, parameters = request.headers.get("content-type", "").partition(";")
    if kind.strip().lower() != _FORM_TYPE:
        raise HTTPException(415, "Forms are sent as application/x-www-form-urlencoded.")
    if parameters.strip().lower().replace('"', "") not in ("", "charset=utf-8"):
        raise HTTPException(415, "Forms are sent in UTF-8.")
    body = await _bounded_body(request)
    try:
        fields = parse_qsl(
            body.decode("ascii"), keep_blank_values=True, max_num_fields=MOST_FIELDS, encoding="utf-8", errors="strict"
        )
    except ValueError as error:
        raise HTTPException(400, _NO_FORM) from error
    return Form(fields=tuple(fields), cookies=request.cookies)


PostedForm = Annotated[Form, Depends(read_form)]
"""The form a view is sent."""


async def _bounded_body(request: Request) -> bytes:
    said = request.headers.get("content-length", "0")
    if not said.isascii() or not said.isdecimal() or int(said[:20]) > LARGEST_FORM:
        raise HTTPException(413, "This form is too long.")
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > LARGEST_FORM:
            raise HTTPException(413, "This form is too long.")
    return bytes(body)


def _cookie_name(request: Request) -> str:
    # A browser sends cookies to all ports of a host: two pages on two ports must not take each other's.
    server = request.scope.get("server")
    return f"npswatch-{server[1] if server else 0}"


def local_address(text: str) -> str | None:
    """The text where it is an address of this page, to lead back to; None for any other."""
    if not text.startswith("/") or text.startswith("//") or "\\" in text or not text.isprintable():
        return None
    return text
