"""Public key blocks as pages show them, put back into the form of RFC 9580 armour."""

from __future__ import annotations

import re
from collections.abc import Iterator

from spiders.reader.sheet import Sheet

_BEGIN = re.compile(r"-{2,8}\s?BEGIN PGP PUBLIC KEY BLOCK\s?-{2,8}")
_END = re.compile(r"-{2,8}\s?END PGP PUBLIC KEY BLOCK\s?-{2,8}")
_HEADER = re.compile(r"[A-Z][A-Za-z-]{2,20}:\s")
_NOT_BASE64 = re.compile(r"[^A-Za-z0-9+/=]")
_SURELY_DATA = re.compile(r"[A-Za-z0-9+/]{40,}={0,2}")
_CHECKSUM = re.compile(r"=[A-Za-z0-9+/]{4}$")
_LINE = 64
_LONGEST = 60_000
_MOST_KEYS = 20
_MOST_LINES = 1_000


def pgp_blocks(sheet: Sheet) -> tuple[str, ...]:
    """Every whole public key block the page shows, in reading order, once each."""
    dom = sheet.dom
    found: dict[str, None] = {}
    starts = [k for k, text in enumerate(dom.texts) if "BEGIN PGP PUBLIC KEY" in text]
    for k in starts[:_MOST_KEYS]:
        stop = k + 1
        while stop < len(dom.texts) and stop - k < _MOST_LINES and "END PGP PUBLIC KEY" not in dom.texts[stop - 1]:
            stop += 1
        found.update(dict.fromkeys(_blocks_in(dom.span(k, stop))))
    return tuple(found)[:_MOST_KEYS]


def _blocks_in(text: str) -> Iterator[str]:
    begin = _BEGIN.search(text)
    while begin:
        end = _END.search(text, begin.end(), begin.end() + _LONGEST)
        if end is None:
            return
        inside = text[begin.end() : end.start()]
        yield _rebuilt(inside[inside.rfind("BLOCK-----") + len("BLOCK-----") :] if "BLOCK-----" in inside else inside)
        begin = _BEGIN.search(text, end.end())


def _rebuilt(inside: str) -> str:
    """The block with its headers, the empty line after them, and its data in lines: pages lose all three."""
    lines = [line.strip() for line in inside.splitlines() if line.strip()]
    headers = []
    while lines and _HEADER.match(lines[0]) and not _SURELY_DATA.search(lines[0]):
        headers.append(lines.pop(0))
    if len(lines) == 1:
        lines = _unfolded(lines[0])
    data = [bare for line in lines if (bare := _NOT_BASE64.sub("", line))]
    if data and not _CHECKSUM.fullmatch(data[-1]) and len(data[-1]) > _LINE:
        data = _unfolded(data[-1]) if len(data) == 1 else data
    lines = ["-----BEGIN PGP PUBLIC KEY BLOCK-----", *headers, "", *data, "-----END PGP PUBLIC KEY BLOCK-----"]
    return "\n".join(lines)


def _unfolded(line: str) -> list[str]:
    """The data lines of a block whose line breaks became spaces, headers dropped."""
    pieces = line.split()
    start = next((place for place, piece in enumerate(pieces) if _SURELY_DATA.fullmatch(piece)), 0)
    return pieces[start:]
