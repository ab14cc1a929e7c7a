"""A page over a home that a test may write into."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from casework.cases.book import CaseBook
from index.store import Store
from tests.casework.page.served import Answer, ask


@dataclass(frozen=True, kw_only=True, slots=True)
class Desk:
    """A page over a home of this test's own."""

    address: str
    home: Path
    store: Store

    @property
    def book(self) -> CaseBook:
        return CaseBook(self.home)

    def exported(self, number: str) -> Answer:
        """The case's page once its export has ended."""
        for _ in range(600):
            page = ask(f"{self.address}/case/{quote(number)}")
            if "http-equiv" not in page.text:
                return page
            time.sleep(0.1)
        raise AssertionError("the export did not end")
