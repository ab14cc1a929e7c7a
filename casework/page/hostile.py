"""Words of a market, made safe to look at: escaped, kept in their own direction, with nothing invisible in them."""

from __future__ import annotations

import re
import unicodedata

from markupsafe import Markup, escape

_JOINERS = "\u200c\u200d"
_MOST_MARKS = 3
# What draws nothing, or turns the text around it: controls, bidirectional marks, zero widths, fillers, tags.
_UNSEEN = (
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e"
    r"\u2060-\u206f\u2800\u3164\ufeff\uffa0\ufff0-\ufffb\ud800-\udfff\U000e0000-\U000e0fff]"
)
_MARKS = r"[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
_ODD = re.compile(rf"({_UNSEEN})|({_MARKS}{{{_MOST_MARKS}}})({_MARKS}+)")


def shown(text: object) -> Markup:
    """The words as HTML, isolated from the direction of what stands around them.

    Each invisible or direction-changing character stands as its code point; the joiners that Persian spelling and
    emoji need stay. Stacks of accents are cut to three.
    """
    return Markup("<bdi>%s</bdi>") % seen(text)


def seen(text: object) -> Markup:
    """The words as ``shown`` gives them, without the isolating element; for blocks that isolate by themselves."""
    plain = str(text).replace("\r\n", "\n").replace("\r", "\n")
    if plain.isascii() and plain.replace("\n", "").replace("\t", "").isprintable():
        return escape(plain)
    pieces, last = [], 0
    for found in _ODD.finditer(plain):
        pieces += [escape(plain[last : found.start()]), _spelled(found)]
        last = found.end()
    return Markup("").join([*pieces, escape(plain[last:])])


def clipped(text: str, most: int) -> str:
    """The first so many characters, and how many were left off."""
    if len(text) <= most:
        return text
    return f"{text[:most]}\n[… {len(text) - most} more characters]"


def one_line(text: object) -> str:
    """The words without anything invisible, as plain text on one line: for titles of windows and attributes."""
    return " ".join(_ODD.sub(lambda found: found[2] or "\ufffd", str(text)).split())


def _spelled(found: re.Match[str]) -> Markup:
    if found[2]:
        return escape(found[2]) + _code(f"+{len(found[3])} marks", "stacked accents left off")
    letter = found[1]
    if letter in _JOINERS and _joins(found.string, found.start()):
        return Markup(letter)  # noqa: S704  # one of two characters, named above
    return _code(f"U+{ord(letter):04X}", unicodedata.name(letter, "control character").lower())


def _joins(text: str, place: int) -> bool:
    """Whether a joiner stands where spelling or an emoji needs it."""
    before, after = text[place - 1 : place], text[place + 1 : place + 2]
    if not before or not after:
        return False
    if text[place] == "\u200d" and unicodedata.category(after) == "So":
        return unicodedata.category(before) in ("So", "Sk", "Mn")
    return all("ARABIC" in unicodedata.name(letter, "") for letter in (before, after))


def _code(label: str, meaning: str) -> Markup:
    return Markup('<span class="unseen" title="{}">{}</span>').format(meaning, label)
