"""A page with nothing left in it that names a person, a place of the market, or the officer who looked."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import quote, unquote

from crawler.model.page import Page
from crawler.model.words import RawPage

HOST = "market.example"
_ONION = re.compile(r"(?:[a-z0-9-]{1,60}\.){0,3}[a-z2-7]{16,56}\.onion\b", re.IGNORECASE)
_ARMOUR = re.compile(r"-----BEGIN PGP [A-Z ]{3,40}-----.{0,60000}?(?:-----END PGP [A-Z ]{3,40}-----|$)", re.DOTALL)
_COMMENT = re.compile(r"<!--.*?(?:-->|$)", re.DOTALL)
_SCRIPT = re.compile(r"(<script\b[^>]{0,2000}>).*?(</script\s*>|$)", re.DOTALL | re.IGNORECASE)
_DATA = re.compile(r"data:[a-z]{2,12}/[a-z0-9.+-]{2,40}[^\"'\s)>]*", re.IGNORECASE)
_HIDDEN_INPUT = re.compile(r"<input\b[^>]{0,2000}>", re.IGNORECASE)
_HIDDEN = re.compile(r"type\s*=\s*[\"']?hidden", re.IGNORECASE)
_VALUE = re.compile(r"(\bvalue\s*=\s*)(\"[^\"]*\"|'[^']*'|[^\s>]+)", re.IGNORECASE)
_TOKEN = re.compile(r"(?<![\w.#/-])(?=[A-Za-z0-9_-]*\d)(?=[A-Za-z0-9_-]*[A-Za-z])[A-Za-z0-9_-]{26,200}(?![\w-])")
_WALLET = re.compile(
    r"\b(?:bc1[a-z0-9]{20,80}|ltc1[a-z0-9]{20,80}|[13LM][1-9A-HJ-NP-Za-km-z]{25,34}|0x[0-9a-fA-F]{40}"
    r"|[48][1-9A-HJ-NP-Za-km-z]{94,105}|05[0-9a-f]{64}|[0-9A-F]{76})\b"
)
_FINGERPRINT = re.compile(r"\b(?:[0-9A-Fa-f]{4}[ \u00a0]{0,2}){9}[0-9A-Fa-f]{4}\b")
_EMAIL = re.compile(r"\b[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}\b")
_HANDLE = re.compile(r"(?<![\w@])@[A-Za-z]\w{3,31}\b|\b(?:t\.me|telegram\.me|wa\.me)/[\w+]{3,40}", re.IGNORECASE)
_SHORTEST_NAME = 3


@dataclass(slots=True)
class Scrubber:
    """Scrubs pages of one recording: the same name becomes the same stand-in on all of them.

    ``hidden`` are further words to be replaced, such as the name of the account that looked.
    """

    hidden: tuple[str, ...] = ()
    _stand_ins: dict[str, str] = field(default_factory=dict)

    def scrub(self, markup: str, raw: RawPage, page: Page) -> str:
        """The markup without addresses, keys, wallets, names, tokens, comments, scripts and embedded pictures."""
        text = _COMMENT.sub("", markup)
        text = _SCRIPT.sub(r"\1\2", text)
        text = _DATA.sub("data:,", text)
        text = _ARMOUR.sub("[key]", text)
        text = _HIDDEN_INPUT.sub(_without_value, text)
        text = _ONION.sub(HOST, text)
        for name, stand_in in self._names(raw, page):
            text = _replaced(text, name, stand_in)
        for pattern, word in ((_WALLET, "[wallet]"), (_FINGERPRINT, "[fingerprint]"), (_EMAIL, "[mail]")):
            text = pattern.sub(word, text)
        return _TOKEN.sub("token", _HANDLE.sub("[handle]", text))

    def _names(self, raw: RawPage, page: Page) -> list[tuple[str, str]]:
        """What is to be replaced by what, the longest first, so that no name is broken by one inside it."""
        for kind, names in (("hidden", self.hidden), ("vendor", _vendors(raw)), ("buyer", _buyers(raw))):
            for name in names:
                self._stand_in(kind, name)
        for value in _identifiers(page):
            self._stand_in("contact", value)
        return sorted(self._stand_ins.items(), key=lambda pair: -len(pair[0]))

    def _stand_in(self, kind: str, name: str) -> None:
        name = name.strip()
        if len(name) >= _SHORTEST_NAME and name.casefold() not in map(str.casefold, self._stand_ins):
            count = sum(word.startswith(kind) for word in self._stand_ins.values())
            self._stand_ins[name] = f"{kind}{_letters(count)}"


def left_behind(text: str) -> list[str]:
    """What is still in a scrubbed page that may name somebody or something; empty when nothing is."""
    patterns = (("an onion address", _ONION), ("a key", _ARMOUR), ("a wallet", _WALLET), ("an address of mail", _EMAIL))
    return [f"{what}: {match[0][:40]}" for what, pattern in patterns for match in pattern.finditer(text)]


def _vendors(raw: RawPage) -> Iterable[str]:
    if raw.listing and raw.listing.vendor:
        yield raw.listing.vendor.text
    if raw.vendor and raw.vendor.name:
        yield raw.vendor.name.text
    yield from (card.vendor for card in raw.cards if card.vendor)


def _buyers(raw: RawPage) -> Iterable[str]:
    return (review.buyer for review in raw.reviews if review.buyer)


def _identifiers(page: Page) -> Iterable[str]:
    found = page.listing.identifiers if page.listing else {}
    return (value for values in found.values() for value in values)


def _replaced(text: str, name: str, stand_in: str) -> str:
    """The text with a name replaced wherever it stands as a word, also in addresses."""
    for written in dict.fromkeys((name, quote(name), quote(name, safe=""), name.replace("&", "&amp;"), unquote(name))):
        text = re.sub(rf"(?<![^\W_]){re.escape(written)}(?![^\W_])", stand_in, text, flags=re.IGNORECASE)
    return text


def _without_value(match: re.Match[str]) -> str:
    return _VALUE.sub(r'\1""', match[0]) if _HIDDEN.search(match[0]) else match[0]


def _letters(number: int) -> str:
    """A, B … Z, AA: stand-ins hold no digits, which readers take for figures."""
    return (_letters(number // 26 - 1) if number >= 26 else "") + chr(ord("A") + number % 26)
