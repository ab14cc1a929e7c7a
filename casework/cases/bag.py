"""A folder as a bag (RFC 8493): payload below data/, every file in manifests of SHA-256 and SHA-512."""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from threading import Lock

from crawler.model.errors import BadResult

ALGORITHMS = ("sha256", "sha512")
DECLARATION = b"BagIt-Version: 0.97\nTag-File-Character-Encoding: UTF-8\n"
_LINE = re.compile(r"([0-9a-f]{64}|[0-9a-f]{128}) {1,2}(\S.*)")
_TAG_FILES = ("bagit.txt", "bag-info.txt", *(f"manifest-{each}.txt" for each in ALGORITHMS))
_TAG_MANIFESTS = tuple(f"tagmanifest-{each}.txt" for each in ALGORITHMS)
_CHUNK = 1 << 20
_CHANGING_FOLDER = Lock()  # bagit changes the process's working directory while it works


def make_bag(folder: Path, info: dict[str, str]) -> str:
    """The folder turned into a bag, its content moved below ``data/``; gives its seal."""
    import bagit

    logging.getLogger(bagit.__name__).setLevel(logging.CRITICAL)  # what goes wrong is raised, and said once
    with _CHANGING_FOLDER:
        bagit.make_bag(str(folder), bag_info=info, checksums=list(ALGORITHMS))
    return seal_of(folder)


def seal_of(folder: Path) -> str:
    """SHA-256 of the bag's last manifest: one line that stands for every byte of the folder."""
    return hashlib.sha256((folder / _TAG_MANIFESTS[0]).read_bytes()).hexdigest()


def check_bag(folder: Path) -> str:
    """The seal of a bag in which every file is what its manifests say, and no other file lies.

    Raises BadResult naming the first file that is wrong, missing or too many.
    """
    present = set(_files(folder))
    for name in (*_TAG_MANIFESTS, *_TAG_FILES):
        if name not in present:
            raise BadResult(f"{name} is missing: this is no complete case folder")
    _check_files(folder, _TAG_MANIFESTS, _TAG_FILES)
    if (folder / "bagit.txt").read_bytes() != DECLARATION:
        raise BadResult("bagit.txt does not declare a bag as npswatch makes it")
    payload = sorted(name for name in present if name.startswith("data/"))
    _check_files(folder, _TAG_FILES[2:], payload)
    extra = present - {*_TAG_MANIFESTS, *_TAG_FILES, *payload}
    if extra:
        raise BadResult(f"{min(extra)} does not belong to the folder")
    return seal_of(folder)


def _files(folder: Path) -> Iterator[str]:
    """The names of all files, links refused. Raises BadResult for one."""
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink() or not (path.is_file() or path.is_dir()):
            raise BadResult(f"{name} is no ordinary file")
        if path.is_file():
            yield name


def _check_files(folder: Path, manifests: Iterable[str], files: Iterable[str]) -> None:
    lists = {name: _read_manifest(folder / name) for name in manifests}
    for file in files:
        _check_file(folder, file, lists)
    for name, entries in lists.items():
        absent = sorted(set(entries) - set(files))
        if absent:
            raise BadResult(_blame(absent[0], name, lists, "is missing"))


def _check_file(folder: Path, file: str, lists: dict[str, dict[str, str]]) -> None:
    digests = _digests(folder / file)
    wrong = [name for name, entries in lists.items() if entries.get(file) != digests[_algorithm(name)]]
    if len(wrong) == len(lists):
        unlisted = all(file not in entries for entries in lists.values())
        raise BadResult(f"{file} does not belong to the folder" if unlisted else f"{file} is not what was exported")
    if wrong:
        raise BadResult(f"{wrong[0]} is not what was exported: the other manifest agrees with {file}")


def _blame(file: str, manifest: str, lists: dict[str, dict[str, str]], fault: str) -> str:
    """The missing file where all manifests name it, else the manifest that alone does."""
    if all(file in entries for entries in lists.values()):
        return f"{file} {fault}"
    return f"{manifest} is not what was exported: it names {file}, the other manifest does not"


def _read_manifest(path: Path) -> dict[str, str]:
    entries = {}
    lines = path.read_bytes().decode("utf-8", "replace").split("\n")
    if lines.pop() != "":
        raise BadResult(f"{path.name} is not what was exported: its last line does not end")
    for line in lines:
        match = _LINE.fullmatch(line)
        if match is None or match[2] in entries:
            raise BadResult(f"{path.name} is not what was exported: a line of it is no entry")
        entries[match[2].replace("%0A", "\n").replace("%0D", "\r")] = match[1]
    return entries


def _algorithm(manifest: str) -> str:
    return manifest.removesuffix(".txt").rpartition("-")[2]


def _digests(path: Path) -> dict[str, str]:
    hashes = {name: hashlib.new(name) for name in ALGORITHMS}
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            for each in hashes.values():
                each.update(chunk)
    return {name: each.hexdigest() for name, each in hashes.items()}
