"""What a demo market is to its server: addresses in, finished responses out."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Protocol

from jinja2 import Environment, FileSystemLoader, StrictUndefined

_TEMPLATES = Path(__file__).parent / "templates"
_KEPT_VIEWS = 512

Render = Callable[[], str]


@dataclass(frozen=True, kw_only=True, slots=True)
class DemoResponse:
    """A finished answer: status, headers without those of the connection, body in the site's charset."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class DemoTotals:
    """The addresses (path and query) that exist: of listings, of vendors, and of all pages with these among them.

    ``pages`` holds what a reader reaches by links from ``/`` without sorted views and without actions.
    """

    listings: tuple[str, ...]
    vendors: tuple[str, ...]
    pages: tuple[str, ...]


class DemoSite(Protocol):
    """A market that can be served."""

    @property
    def name(self) -> str:
        """The market's name, as its profile has it."""

    @property
    def actions(self) -> tuple[str, ...]:
        """What the addresses begin with that a passive reader never follows: cart, logout, message and so on."""

    def render(self, path_and_query: str) -> DemoResponse:
        """The answer to a GET of an address that begins with a slash."""

    def totals(self) -> DemoTotals:
        """What there is to find."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Pages:
    """The pages of a market by address, and what else it can answer (sorted views, searches)."""

    listings: Mapping[str, Render]
    vendors: Mapping[str, Render]
    others: Mapping[str, Render]
    view: Callable[[str], str | None]
    missing: Render
    refused: Render


class PagedSite:
    """A DemoSite made of templates; bodies are rendered once and kept."""

    def __init__(self, *, name: str, charset: str, actions: tuple[str, ...], pages: Pages) -> None:
        self._name = name
        self._charset = charset
        self._actions = actions
        self._pages = pages
        self._routes = {**pages.others, **pages.vendors, **pages.listings}
        self._kept: dict[str, DemoResponse] = {}
        self._kept_views: OrderedDict[str, DemoResponse] = OrderedDict()

    @property
    def name(self) -> str:
        """The market's name, as its profile has it."""
        return self._name

    @property
    def actions(self) -> tuple[str, ...]:
        """What the addresses begin with that a passive reader never follows."""
        return self._actions

    def totals(self) -> DemoTotals:
        """What there is to find."""
        return DemoTotals(
            listings=tuple(self._pages.listings), vendors=tuple(self._pages.vendors), pages=tuple(self._routes)
        )

    def render(self, path_and_query: str) -> DemoResponse:
        """The answer to a GET of an address; 404 for what is not there, 403 for what needs a buyer."""
        if path_and_query in self._kept:
            return self._kept[path_and_query]
        if path_and_query in self._routes:
            response = self._response(200, self._routes[path_and_query]())
            self._kept[path_and_query] = response
            return response
        return self._rare(path_and_query)

    def _rare(self, address: str) -> DemoResponse:
        if address in self._kept_views:
            self._kept_views.move_to_end(address)
            return self._kept_views[address]
        if len(self._kept_views) >= _KEPT_VIEWS:
            self._kept_views.popitem(last=False)
        self._kept_views[address] = self._unrouted(address)
        return self._kept_views[address]

    def _unrouted(self, address: str) -> DemoResponse:
        if address.startswith(self._actions):
            return self._response(403, self._pages.refused())
        text = self._pages.view(address)
        return self._response(404, self._pages.missing()) if text is None else self._response(200, text)

    def _response(self, status: int, text: str) -> DemoResponse:
        headers = {"Content-Type": f"text/html; charset={self._charset}"}
        return DemoResponse(status=status, headers=headers, body=text.encode(self._charset, "xmlcharrefreplace"))


@cache
def templates() -> Environment:
    """The templates of all demo markets, escaping everything."""
    return Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )


def from_template(name: str, **values: Any) -> Render:
    """A page that is rendered when it is asked for."""
    return lambda: templates().get_template(name).render(**values)
