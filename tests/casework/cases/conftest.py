from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from casework.cases.book import CaseBook
from casework.cases.export import Exported, export_case
from index.opening import open_store
from index.store import Store
from tests.casework.cases.made_home import make_home

OFFICER = "А. Каримов"


@pytest.fixture(scope="session")
def pristine_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_home(tmp_path_factory.mktemp("pristine"))


@pytest.fixture
def case_home(pristine_home: Path, tmp_path: Path) -> Path:
    """A home of this test's own, as a crawl left it."""
    return Path(shutil.copytree(pristine_home, tmp_path / "home"))


@pytest.fixture
def case_store(case_home: Path) -> Iterator[Store]:
    store = open_store(f"sqlite:///{case_home}/index.db")
    yield store
    store.close()


@pytest.fixture
def book(case_home: Path) -> CaseBook:
    return CaseBook(case_home)


@pytest.fixture
def full_case(book: CaseBook, case_store: Store) -> str:
    """The number of a case with every listing of the home in it, and a note."""
    book.new_case("2026-117", title="Cathinones from NL", officer=OFFICER)
    book.add_found("2026-117", "listing", "*", store=case_store, officer=OFFICER)
    book.note("2026-117", "Запрос от 12 ноября", officer=OFFICER)
    return "2026-117"


@pytest.fixture
def exported(book: CaseBook, full_case: str, case_home: Path, tmp_path: Path) -> Exported:
    return export_case(book, full_case, tmp_path / "out", captures_folder=case_home / "captures", officer=OFFICER)
