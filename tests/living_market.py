"""A market over HTTP whose truth is known: items deleted and hidden, others that appear and vanish while it is read."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any

from tests.sites import Answer, Site
from tests.small_market import _VENDORS, _cards, _listing, _page, _title, _vendor

_PER_PAGE = 10
_DELETED, _HIDDEN = 0.29, 0.13
_NEVER = 10**9


@dataclass(kw_only=True)
class LivingMarket(dict[str, Any]):
    """Pages by path, as they stand after so many requests; put it in place of a site's pages."""

    site: Site
    size: int
    seed: int
    turnover: float = 0.05
    requests: int = 0
    born: dict[int, int] = field(default_factory=dict)
    dies: dict[int, int] = field(default_factory=dict)
    hidden: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        rng = random.Random(self.seed)
        for number in range(self.size):
            chance = rng.random()
            self.dies[number] = 0 if chance < _DELETED else _NEVER
            self.born[number] = 0
            if _DELETED <= chance < _DELETED + _HIDDEN:
                self.hidden.add(number)
        length = self.size  # about so many requests make a run
        for number in [n for n in self.dies if self.dies[n] and n not in self.hidden]:
            if rng.random() < self.turnover:
                self.dies[number] = rng.randrange(1, length)
            if rng.random() < self.turnover:
                self.born[len(self.born)] = rng.randrange(1, length)
        for number in self.born:
            self.dies.setdefault(number, _NEVER)

    def get(self, path: str, default: Any = None) -> Any:
        """The page at a path now."""
        self.requests += 1
        kind, _, name = path.lstrip("/").partition("/")
        if path == "/":
            return self._front()
        if path.startswith("/category"):
            return self._category(int(path.rpartition("page=")[2]) if "page=" in path else 1)
        if kind == "listing" and name.isdecimal() and self._lives(int(name)):
            return _page(_title(int(name)), _listing(int(name)))
        if kind == "vendor" and name in _VENDORS:
            return _page(name, _vendor(name, [n for n in self._listed() if _VENDORS[n % 2] == name]))
        return default

    def visible(self) -> set[str]:
        """The listings any visitor could see at some moment so far."""
        alive = {n for n in self.born if n not in self.hidden and self.dies[n] and self.born[n] <= self.requests}
        return {f"/listing/{n}" for n in alive}

    def unlisted(self) -> set[str]:
        """The listings that answer by address alone."""
        return {f"/listing/{n}" for n in self.hidden}

    def _lives(self, number: int) -> bool:
        return number in self.born and self.born[number] <= self.requests < self.dies[number]

    def _listed(self) -> list[int]:
        return sorted((n for n in self.born if self._lives(n) and n not in self.hidden), reverse=True)

    def _front(self) -> Answer:
        count = f"<a href='/category?name=stimulants'>Stimulants ({len(self._listed())})</a>"
        return _page("Home", f"<h1>Small Market</h1><p>{count}</p>" + _cards(self._listed()[:4]))

    def _category(self, page: int) -> Answer:
        listed = self._listed()
        first, last = (page - 1) * _PER_PAGE, page * _PER_PAGE
        more = (
            f"<a rel='next' href='/category?name=stimulants&amp;page={page + 1}'>Next</a>" if last < len(listed) else ""
        )
        shown = f"<p>Showing {first + 1}-{min(last, len(listed))} of {len(listed)}</p>"
        return _page("Stimulants", f"<h1>Stimulants</h1>{shown}{_cards(listed[first:last])}<p class='pages'>{more}</p>")
