"""Forms of the page sent as a browser without scripts sends them."""

from __future__ import annotations

import http.client
import re
from collections.abc import Mapping
from html import unescape
from urllib.parse import urlencode, urlsplit

from tests.casework.page.served import Answer, ask

FORM_TYPE = "application/x-www-form-urlencoded"
OFFICER = "А. Каримов"


def key_of(address: str, path: str = "/cases") -> tuple[str, str]:
    """The token in the forms of a page, and the cookie it sets."""
    page = ask(address + path)
    found = re.search(r'name="token" value="([0-9a-f]{64})"', page.text)
    assert found
    return found[1], page.headers["set-cookie"].partition(";")[0]


def send(
    address: str,
    path: str,
    fields: Mapping[str, str] | list[tuple[str, str]],
    headers: Mapping[str, str | None] | None = None,
) -> Answer:
    """The answer to a form sent from the page; a header of None is left out, ``token`` is added where missing."""
    token, cookie = key_of(address)
    pairs = list(fields.items()) if isinstance(fields, Mapping) else fields
    body = urlencode(pairs if any(name == "token" for name, _ in pairs) else [("token", token), *pairs])
    ours: dict[str, str | None] = {"Origin": address, "Sec-Fetch-Site": "same-origin", "Content-Type": FORM_TYPE}
    sent = {
        name: value for name, value in (ours | {"Cookie": cookie} | dict(headers or {})).items() if value is not None
    }
    return _post(address, path, body.encode(), sent)


def followed(address: str, answer: Answer) -> Answer:
    """The page a form led to."""
    assert answer.status == 303, (answer.status, answer.words)
    location = answer.headers["location"]
    assert location.startswith("/")
    return ask(address + location.partition("#")[0])


def open_case(address: str, number: str, title: str = "Катиноны из NL", **fields: str) -> Answer:
    """The answer to the form for a new case."""
    return send(
        address, "/cases", {"number": number, "title": title, "handling": "TLP:AMBER", "officer": OFFICER} | fields
    )


def hidden_fields(text: str) -> list[tuple[str, str]]:
    """All hidden fields of a page's text."""
    found = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', text)
    return [(name, unescape(value)) for name, value in found]


def _post(address: str, path: str, body: bytes, headers: Mapping[str, str]) -> Answer:
    connection = http.client.HTTPConnection("127.0.0.1", urlsplit(address).port, timeout=20)
    try:
        connection.request("POST", path, body=body, headers=dict(headers))
        response = connection.getresponse()
        text = response.read().decode()
        return Answer(
            status=response.status, headers={name.lower(): value for name, value in response.getheaders()}, text=text
        )
    finally:
        connection.close()
