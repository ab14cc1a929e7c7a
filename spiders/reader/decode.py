"""Bytes of a page as UTF-8 text, whatever charset its server, its markup or neither of them names."""

from __future__ import annotations

import codecs
import re

LARGEST_BODY = 6_000_000
_HEADER_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]{2,40})", re.IGNORECASE)
_META_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?([\w.:-]{2,40})", re.IGNORECASE)
_XML_ENCODING = re.compile(rb"^\s*<\?xml[^>]{0,100}?encoding\s*=\s*[\"']([\w.:-]{2,40})", re.IGNORECASE)
_HEAD = 4096
_BETWEEN_TAGS = re.compile(rb"(?<=>)")
_MOST_PIECES = 200_000
_SHARE_OF_MIXED = 0.25
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
# What a browser takes these labels for (WHATWG Encoding Standard).
_BROWSER_NAME = {
    "iso-8859-1": "windows-1252",
    "latin1": "windows-1252",
    "latin-1": "windows-1252",
    "ascii": "windows-1252",
    "us-ascii": "windows-1252",
    "iso-8859-9": "windows-1254",
}
_FALLBACKS = ("windows-1251", "koi8-r", "windows-1252")
_CYRILLIC = re.compile("[а-яё]{3,}")
_C1 = re.compile("[\u0080-\u009f]")
_TWICE = re.compile(
    "[\u00c2-\u00df][\u0080-\u00bf]|[\u00e0-\u00ef][\u0080-\u00bf]{2}|[\u00f0-\u00f4][\u0080-\u00bf]{3}"
)
_WESTERN_MOJIBAKE = re.compile("[\u00c0-\u00ff]{4,}")


def decode(body: bytes, content_type: str | None) -> str:
    """The body as text without NUL characters. A body longer than ``LARGEST_BODY`` bytes is cut there."""
    body = body[:LARGEST_BODY]
    for mark, name in _BOMS:
        if body.startswith(mark):
            return _clean(body[len(mark) :].decode(name, "replace"))
    utf8 = _strict(body, "utf-8")
    if utf8 is not None and not _declared_utf16(body):
        return _clean(utf8)
    return _clean(_by_declaration(body, content_type))


def _by_declaration(body: bytes, content_type: str | None) -> str:
    if _declared_utf16(body):
        name = "utf-16-le" if body[1:2] == b"\0" else "utf-16-be"
        return body.decode(name, "replace")
    if _mostly_utf8(body):
        return body.decode("utf-8", "replace")
    if mixed := _mixed(body, content_type):
        return mixed
    for name in _declared(body, content_type):
        text = _strict(body, name)
        if text is not None and not _WESTERN_MOJIBAKE.search(text[: _HEAD * 16]):
            return text
    return _guess(body)


def _declared(body: bytes, content_type: str | None) -> list[str]:
    head = body[:_HEAD]
    found = [
        match[1].decode("ascii", "ignore")
        for match in (_META_CHARSET.search(head), _XML_ENCODING.search(head))
        if match
    ]
    header = _HEADER_CHARSET.search(content_type or "")
    if header:
        found.append(header[1])
    names = [_BROWSER_NAME.get(name.lower(), name.lower()) for name in found]
    return [name for name in names if name not in ("utf-8", "utf8") and _known(name)]


def _known(name: str) -> bool:
    try:
        return codecs.lookup(name)._is_text_encoding
    except LookupError:
        return False


def _strict(body: bytes, name: str) -> str | None:
    try:
        return body.decode(name)
    except (UnicodeDecodeError, LookupError):
        return None


def _declared_utf16(body: bytes) -> bool:
    """Whether the body begins as markup written in UTF-16 without a mark: an angle bracket beside a zero."""
    return body[:4].lstrip(b"\r\n\t ")[:2] in (b"<\0", b"\0<") or body[:2] == b"\0<"


def _mostly_utf8(body: bytes) -> bool:
    """Whether the body is UTF-8 with a few broken places, as after a cut or a foreign signature."""
    text = body[:200_000].decode("utf-8", "replace")
    broken = text.count("\ufffd")
    return broken * 20 < sum(1 for letter in text if letter > "\x7f")


def _mixed(body: bytes, content_type: str | None) -> str | None:
    """The text of a body of two charsets: pieces of UTF-8 beside pieces of another, each read as what it is."""
    if body.count(b">") > _MOST_PIECES:
        return None
    pieces = _BETWEEN_TAGS.split(body)
    foreign = [piece for piece in pieces if not piece.isascii()]
    strict = [_strict(piece, "utf-8") for piece in foreign]
    if not foreign or sum(text is not None for text in strict) < len(foreign) * _SHARE_OF_MIXED:
        return None
    rest = b" ".join(piece for piece, text in zip(foreign, strict, strict=True) if text is None)
    charset = next(iter(_declared(body, content_type)), None) or _likeliest(rest)
    texts = ((piece, _strict(piece, "utf-8")) for piece in pieces)
    return "".join(piece.decode(charset, "replace") if text is None else text for piece, text in texts)


def _likeliest(body: bytes) -> str:
    return max(_FALLBACKS, key=lambda name: _credit(name, body.decode(name, "replace")[:100_000]))


def _guess(body: bytes) -> str:
    return body.decode(_likeliest(body), "replace")


def _credit(name: str, text: str) -> int:
    if name == "windows-1252":
        return len(re.findall("[a-z][\u00c0-\u00ff][a-z]", text)) * 4 + 1
    return sum(len(match) for match in _CYRILLIC.findall(text))


def _clean(text: str) -> str:
    text = text.replace("\0", "") if "\0" in text else text
    return _TWICE.sub(_once, text) if _C1.search(text) else text


def _once(match: re.Match[str]) -> str:
    """A letter that was encoded as UTF-8 twice, as the letter it was."""
    try:
        return match[0].encode("latin-1").decode("utf-8")
    except UnicodeDecodeError:
        return match[0]
