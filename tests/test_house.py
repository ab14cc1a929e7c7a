"""The house's own rules: who may import whom, that everything public is typed and documented, nothing private ships."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

CHECKOUT = Path(__file__).parent.parent
ROOMS = ("crawler", "evidence", "spiders", "pipelines", "index", "casework", "config")

# Who may import whom, beside itself; `crawler.cli` may import all.
LAW = {
    "crawler.model": frozenset[str](),
    "config": frozenset({"crawler.model"}),
    "evidence": frozenset({"crawler.model", "config"}),
    "spiders": frozenset({"crawler.model", "config"}),
    "index": frozenset({"crawler.model", "config"}),
    "pipelines": frozenset({"crawler.model", "config", "index"}),
    "casework": frozenset({"crawler.model", "config", "index", "evidence"}),
    "crawler": frozenset({"crawler.model", "config", "evidence"}),
}
GATHERING_PLACE = "crawler.cli"


def sources() -> Iterator[Path]:
    for room in ROOMS:
        yield from sorted((CHECKOUT / room).rglob("*.py"))


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(CHECKOUT).with_suffix("").parts).removesuffix(".__init__")


def room_of(module: str) -> str | None:
    for special in (GATHERING_PLACE, "crawler.model"):
        if module == special or module.startswith(special + "."):
            return special
    first = module.split(".")[0]
    return first if first in ROOMS else None


def imports_of(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module


def test_every_room_imports_only_what_the_law_allows() -> None:
    breaches = [
        f"{module_of(path)} imports {name}"
        for path in sources()
        if (room := room_of(module_of(path))) != GATHERING_PLACE
        for name in imports_of(path)
        if (other := room_of(name)) and other != room and other not in LAW[room or ""]
    ]
    assert breaches == []


def test_one_file_speaks_to_stem() -> None:
    speakers = {module_of(p) for p in sources() if any(name.split(".")[0] == "stem" for name in imports_of(p))}
    assert speakers == {"crawler.tor.control"}


def test_everything_public_is_typed_and_documented() -> None:
    faults = []
    for path in sources():
        for name, node in public_parts(ast.parse(path.read_text(encoding="utf-8"))):
            if not ast.get_docstring(node):
                faults.append(f"{module_of(path)}.{name} has no docstring")
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not typed(node):
                faults.append(f"{module_of(path)}.{name} is not fully typed")
    assert faults == []


Public = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def public_parts(tree: ast.Module) -> Iterator[tuple[str, Public]]:
    for node in tree.body:
        if isinstance(node, Public) and not node.name.startswith("_"):
            yield node.name, node
            if isinstance(node, ast.ClassDef):
                yield from (
                    (f"{node.name}.{part.name}", part)
                    for part in node.body
                    if isinstance(part, Public) and not part.name.startswith("_")
                )


def typed(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    every = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    bare = [each.arg for each in every if each.annotation is None and each.arg not in ("self", "cls")]
    return not bare and node.returns is not None


ONION = re.compile(r"\b[a-z2-7]{56}\.onion\b")


def tracked_files() -> list[Path]:
    listed = subprocess.run(["git", "ls-files"], cwd=CHECKOUT, capture_output=True, text=True, check=True)
    return [CHECKOUT / name for name in listed.stdout.splitlines() if (CHECKOUT / name).is_file()]


def test_no_valid_onion_address_ships() -> None:
    from crawler.model.onion import is_onion

    found = [
        f"{path.relative_to(CHECKOUT)}: {host}"
        for path in tracked_files()
        if not path.is_relative_to(CHECKOUT / "bench" / "gold")  # made of hashes of our own words, and said so there
        for host in ONION.findall(path.read_text(encoding="utf-8", errors="replace"))
        if is_onion(host)
    ]
    assert found == []


@pytest.mark.parametrize("word", ["TODO", "FIXME", "XXX"])
def test_no_unfinished_work_is_left_in_the_source(word: str) -> None:
    pattern = re.compile(rf"\b{word}\b")
    assert [str(p) for p in sources() if pattern.search(p.read_text(encoding="utf-8"))] == []


def test_every_folder_of_a_market_bears_one_name() -> None:
    from config.profiles import MARKETS_FOLDER, read_profiles

    assert sorted(read_profiles()) == sorted(path.stem for path in MARKETS_FOLDER.glob("*.toml"))


def test_the_locks_name_no_host() -> None:
    for lock in CHECKOUT.glob("requirements*.lock"):
        text = lock.read_text()
        assert "://" not in text, lock
        assert all(
            "--hash=sha256:" in entry for entry in re.split(r"\n(?=\S)", text) if "==" in entry.split("\n")[0]
        ), lock


def docs() -> str:
    """All that a user reads."""
    pages = [CHECKOUT / "README.md", *sorted((CHECKOUT / "docs").glob("*.md"))]
    return " ".join(" ".join(page.read_text(encoding="utf-8") for page in pages).split())


def commands(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    below = command.list_commands(None) if hasattr(command, "list_commands") else ()
    for name in below:
        yield from commands(command.get_command(None, name), (*path, name))
    if not below or command.invoke_without_command:
        yield path


def test_every_command_is_named_in_the_docs_and_its_first_word_in_the_readme() -> None:
    import typer.main

    from crawler.cli.app import app

    text, readme = docs(), (CHECKOUT / "README.md").read_text(encoding="utf-8")
    for path in commands(typer.main.get_command(app)):
        assert re.search(rf"\bnpswatch {path[0]}\b", readme), f"README: {path[0]}"
        named = rf"npswatch {'( [^ ]+)? '.join(path)}\b|`{' '.join(path)}\b|npswatch {path[0]} [^|]*`{path[-1]}`"
        assert re.search(named, text), f"docs/commands.md: {' '.join(path)}"


def test_every_setting_from_the_environment_is_named_in_the_docs() -> None:
    variable = re.compile(r"[\"'](NPSWATCH_[A-Z_]+)[\"']")
    inside = {"NPSWATCH_SERVER_PORT"}  # between a local index and the shell that keeps it
    found = {name for path in sources() for name in variable.findall(path.read_text(encoding="utf-8"))} - inside
    assert len(found) > 5
    assert {name for name in found if f"`{name}" not in docs()} == set(), "docs/commands.md"


def test_every_error_is_named_in_the_docs() -> None:
    from crawler.model import errors

    names = {name for name, each in vars(errors).items() if isinstance(each, type) and issubclass(each, Exception)}
    assert {name for name in names if f"`{name}`" not in docs()} == set(), "docs/commands.md"


def test_every_link_between_our_pages_leads_somewhere() -> None:
    for page in (CHECKOUT / "README.md", *(CHECKOUT / "docs").glob("*.md")):
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"
