"""Names by which a vendor can be found again: wallets, onions, keys, addresses, accounts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import cache

from config import vocabulary
from crawler.model import wallets
from crawler.model.onion import is_onion
from crawler.model.pgp import find_key_blocks, fingerprints
from crawler.model.sighting import Sighting
from crawler.model.values import Source
from crawler.model.words import RawPage
from pipelines.text import evened

_REACH = 64
_LONG_CUE = 6
_LONGEST_TEXT = 200_000
_ONION_LABEL = 56
KINDS = (
    "btc", "xmr", "eth", "ltc", "onion", "pgp_fingerprints", "emails", "jabber", "telegram", "session", "wickr",
    "phone", "signal", "tox",
)  # fmt: skip


def read_identifiers(sighting: Sighting) -> Sighting:
    """The sighting with the identifiers of its listing: title, description and the page's key blocks."""
    listing = sighting.page.listing
    if listing is None:
        return sighting
    text = "\n".join(part for part in (listing.title, listing.description) if part)
    found = merge((find_identifiers(text), _of_blocks(_blocks(sighting.raw))))
    if not found:
        return sighting
    words = "; ".join(one for kind in found.values() for one in kind)
    sources = {**listing.sources, "identifiers": Source(words=words, rule="checksum or cue", confidence=0.98)}
    changed = replace(listing, identifiers=found, sources=sources)
    return replace(sighting, page=replace(sighting.page, listing=changed))


def _blocks(raw: RawPage) -> tuple[str, ...]:
    return (*raw.pgp_blocks, *(raw.vendor.pgp_blocks if raw.vendor else ()))


def _of_blocks(blocks: Iterable[str]) -> dict[str, tuple[str, ...]]:
    found = tuple(dict.fromkeys(one for block in blocks for one in fingerprints(block)))
    return {"pgp_fingerprints": found} if found else {}


def merge(parts: Iterable[dict[str, tuple[str, ...]]]) -> dict[str, tuple[str, ...]]:
    """Identifiers of several sources as one table, each once, kinds in their fixed order."""
    together: dict[str, dict[str, None]] = {}
    for part in parts:
        for kind, values in part.items():
            together.setdefault(kind, {}).update(dict.fromkeys(values))
    return {kind: tuple(together[kind]) for kind in KINDS if together.get(kind)}


def find_identifiers(text: str) -> dict[str, tuple[str, ...]]:
    """The identifiers of a text by kind. Checksums must be right, others need a word beside that names them."""
    blocks = find_key_blocks(text)
    for block in blocks:
        text = text.replace(block, " ")
    plain = evened(text[:_LONGEST_TEXT])
    found = {"btc": tuple(_btc(plain)), "xmr": tuple(_xmr(plain)), "eth": tuple(_eth(plain)), "ltc": tuple(_ltc(plain))}
    found |= {
        "onion": tuple(_onions(plain)),
        "tox": tuple(_tox(plain)),
        "pgp_fingerprints": tuple(_fingerprints(plain)),
    }
    addresses = tuple(_addresses(plain))
    found |= {"emails": tuple(one for kind, one in addresses if kind == "email")}
    found |= {"jabber": tuple(one for kind, one in addresses if kind == "jabber")}
    found |= {"telegram": tuple(_telegram(plain)), "session": tuple(_session(plain)), "wickr": tuple(_wickr(plain))}
    numbers = tuple(_phones(plain))
    found |= {kind: tuple(one for of, one in numbers if of == kind) for kind in ("phone", "signal")}
    return merge((found, _of_blocks(blocks)))


_BASE58_WORD = re.compile(r"(?<![A-Za-z0-9])[13LM][1-9A-HJ-NP-Za-km-z]{25,34}(?![A-Za-z0-9])")
_SEGWIT_WORD = re.compile(r"(?<![A-Za-z0-9])(?:bc|ltc)1[02-9ac-hj-np-z]{8,87}(?![A-Za-z0-9])", re.IGNORECASE)
_XMR_WORD = re.compile(r"(?<![A-Za-z0-9])[48](?:[1-9A-HJ-NP-Za-km-z]{94}|[1-9A-HJ-NP-Za-km-z]{105})(?![A-Za-z0-9])")
_ETH_WORD = re.compile(r"(?<![A-Za-z0-9])0x[0-9a-fA-F]{40}(?![A-Za-z0-9])")
_TOX_WORD = re.compile(r"(?<![A-Za-z0-9])[0-9A-Fa-f]{76}(?![A-Za-z0-9])")


_NEXT_PIECE = re.compile(r"[\s\u200b\u00ad-]{1,3}([A-Za-z0-9]+)")
_MOST_PIECES = 8
_BTC_START = re.compile(r"(?<![A-Za-z0-9])(?:[13][1-9A-HJ-NP-Za-km-z]{5,33}|bc1[02-9ac-hj-np-z]{4,60})(?![A-Za-z0-9])")
_XMR_START = re.compile(r"(?<![A-Za-z0-9])[48][1-9A-HJ-NP-Za-km-z]{8,94}(?![A-Za-z0-9])")


def _rejoined(text: str, start: re.Pattern[str], lengths: range, is_right: Callable[[str], bool]) -> Iterator[str]:
    """Addresses written in several pieces, where what the pieces make has a right checksum."""
    for first in start.finditer(text):
        whole, end = first[0], first.end()
        for _ in range(_MOST_PIECES):
            piece = _NEXT_PIECE.match(text, end)
            if piece is None or len(whole) >= lengths.stop:
                break
            whole, end = whole + piece[1], piece.end()
            if len(whole) in lengths and is_right(whole):
                yield whole
                break


def _btc(text: str) -> Iterator[str]:
    for match in _BASE58_WORD.finditer(text):
        if wallets.is_btc(match[0]):
            yield match[0]
    yield from _rejoined(text, _BTC_START, range(26, 91), wallets.is_btc)
    yield from (match[0].lower() for match in _SEGWIT_WORD.finditer(text) if wallets.is_segwit(match[0], "bc"))


def _ltc(text: str) -> Iterator[str]:
    for match in _BASE58_WORD.finditer(text):
        if wallets.is_ltc(match[0]):
            yield match[0]
    yield from (match[0].lower() for match in _SEGWIT_WORD.finditer(text) if wallets.is_segwit(match[0], "ltc"))


def _xmr(text: str) -> Iterator[str]:
    yield from (match[0] for match in _XMR_WORD.finditer(text) if wallets.is_xmr(match[0]))
    yield from _rejoined(text, _XMR_START, range(95, 107), wallets.is_xmr)


def _eth(text: str) -> Iterator[str]:
    for match in _ETH_WORD.finditer(text):
        one_case = match[0][2:] in (match[0][2:].lower(), match[0][2:].upper())
        if wallets.is_eth(match[0]) or (one_case and _nearest_cue(text, match.start(), ("eth",))):
            yield match[0]


def _tox(text: str) -> Iterator[str]:
    yield from (match[0].upper() for match in _TOX_WORD.finditer(text) if wallets.is_tox(match[0]))


_ONION_END = re.compile(
    r"\s?(?:\[\.\]|\(\.\)|\{\.\}|\.|\s?[\[({]?\s?(?:dot|точка)\s?[\])}]?\s?)\s?(?:onion|онион)\b", re.IGNORECASE
)
_LABEL_WORD = re.compile(r"(?<![a-z0-9])[a-z2-7]{56}(?![a-z0-9])", re.IGNORECASE)
_LABEL_TAIL = re.compile(r"(?:[a-z2-7]+[\s\u200b\u00ad-]{1,2}){0,3}[a-z2-7]+\Z", re.IGNORECASE)


def _onions(text: str) -> Iterator[str]:
    for match in _LABEL_WORD.finditer(text):
        if is_onion(f"{match[0]}.onion"):
            yield f"{match[0].lower()}.onion"
    for end in _ONION_END.finditer(text):
        split = _LABEL_TAIL.search(text[max(0, end.start() - _ONION_LABEL - 4) : end.start()])
        if split:
            yield from _joined(split[0])


def _joined(pieces: str) -> Iterator[str]:
    """An address whose letters were written in several pieces."""
    label = ""
    for piece in reversed(re.split(r"[\s\u200b\u00ad-]+", pieces)):
        label = piece + label
        if len(label) == _ONION_LABEL and is_onion(f"{label}.onion"):
            yield f"{label.lower()}.onion"


_HEX_RUN = re.compile(
    r"(?<![0-9A-Za-z])(?:0x)?((?:[0-9A-Fa-f]{4}[ :\u00a0-]{0,3}){9,15}[0-9A-Fa-f]{4}"
    r"|(?:[0-9A-Fa-f]{2}[ :-]){19,31}[0-9A-Fa-f]{2})(?![0-9A-Za-z])"
)
_KEY_AFTER = re.compile(r"\W{1,4}(?:is my |my |our )?(?:pgp|gpg|fingerprint)", re.IGNORECASE)
_FINGERPRINT_LENGTHS = (40, 64)


def _fingerprints(text: str) -> Iterator[str]:
    for match in _HEX_RUN.finditer(text):
        digits = re.sub(r"[^0-9A-Fa-f]", "", match[1])
        named = _nearest_cue(text, match.start(), ("fingerprint",)) or _KEY_AFTER.match(text, match.end())
        if len(digits) in _FINGERPRINT_LENGTHS and named:
            yield digits.upper()


_AT = r"(?:@|\s@\s|\s?[\[({<]\s?(?:at|@|собака|ат)\s?[\])}>]\s?|\s(?:at|собака)\s)"
_DOT = r"(?:\.|\s\.\s|\s?[\[({<]\s?(?:dot|\.|точка)\s?[\])}>]\s?|\s(?:dot|точка)\s)"
_ADDRESS = re.compile(
    rf"(?<![\w.@+-])(?P<user>[A-Za-z0-9][A-Za-z0-9_+-]{{0,40}}(?:\.[A-Za-z0-9_+-]{{1,40}}){{0,4}}){_AT}"
    rf"(?P<host>[A-Za-z0-9][A-Za-z0-9-]{{0,62}}(?:{_DOT}[A-Za-z0-9][A-Za-z0-9-]{{0,62}}){{0,4}}{_DOT}[A-Za-z][A-Za-z0-9-]{{1,23}})(?![\w@-])",
    re.IGNORECASE,
)
_DOTS = re.compile(_DOT, re.IGNORECASE)
_BRACKET = re.compile(r"[\[({<]")
_PLAIN = re.compile(r"[^\s\[\](){}<>]+")


def _addresses(text: str) -> Iterator[tuple[str, str]]:
    if "@" not in text and not re.search(r"\bat\b|собака|\bат\b", text, re.IGNORECASE):
        return
    for match in _ADDRESS.finditer(text):
        cue = _nearest_cue(text, match.start(), ("email", "jabber"))
        if not _PLAIN.fullmatch(match[0]) and not _BRACKET.search(match[0]) and cue is None:
            continue  # "meet at noon dot" is no address
        host = _DOTS.sub(".", match["host"]).lower()
        chat = host.split(".")[0] in ("jabber", "xmpp", "jabb", "chat")
        yield ("jabber" if cue == "jabber" or (chat and cue is None) else "email"), f"{match['user']}@{host}".lower()


_TELEGRAM_LINK = re.compile(
    r"(?<![a-z])(?:t|telegram)\s?(?:\.|\[\.\]|\(\.\)|\{\.\}|\[dot\])\s?(?:me|dog)\s?/\s?(?:s/)?\+?([A-Za-z][A-Za-z0-9_]{4,31})(?![\w/])",
    re.IGNORECASE,
)
_HANDLE = re.compile(r"(?<![\w@.])@([A-Za-z][A-Za-z0-9_]{4,31})(?![\w@]|\.[a-z])")
_AFTER_TELEGRAM = re.compile(
    r"(?<!\w)(?:telegram|телеграмм?|телега|tg|тг)\s?(?:me|id|user|username|channel|канал|ник|bot|бот)?\s?[:=→>-]\s?@?\s?([A-Za-z][A-Za-z0-9_]{4,31})(?![\w@./])",
    re.IGNORECASE,
)
_TELEGRAM_SPACED = re.compile(
    r"(?<!\w)(?:telegram|телеграмм?|телега|tg|тг)\s((?=[A-Za-z0-9]*[0-9_])[A-Za-z][A-Za-z0-9_]{4,31})(?![\w@./])",
    re.IGNORECASE,
)
_TELEGRAM_BEHIND = re.compile(
    r"\s?[(\[,-]{0,2}\s?(?:in |on |в |через )?(?:telegram|телеграм|tg|тг)(?!\w)", re.IGNORECASE
)


def _telegram(text: str) -> Iterator[str]:
    yield from (f"@{match[1]}" for match in _TELEGRAM_LINK.finditer(text))
    yield from (f"@{match[1]}" for match in _AFTER_TELEGRAM.finditer(text))
    yield from (f"@{match[1]}" for match in _TELEGRAM_SPACED.finditer(text))
    for match in _HANDLE.finditer(text):
        cue = _nearest_cue(text, match.start(), ("telegram", "wickr", "signal", "jabber"))
        if cue == "telegram" or (cue is None and _TELEGRAM_BEHIND.match(text, match.end())):
            yield f"@{match[1]}"


_SESSION_WORD = re.compile(r"(?<![0-9A-Za-z])05[0-9a-f]{64}(?![0-9A-Za-z])", re.IGNORECASE)


def _session(text: str) -> Iterator[str]:
    for match in _SESSION_WORD.finditer(text):
        if _nearest_cue(text, match.start(), ("session",)):
            yield match[0].lower()


_AFTER_WICKR = re.compile(
    r"(?<!\w)(?:wickr|викр)(?:\s?(?:me|pro|id|user|username|name|handle|ник|=|is|nick))?\s?[:=→>@(-]{1,2}\s?@?([A-Za-z0-9][A-Za-z0-9_.-]{2,31}[A-Za-z0-9])",
    re.IGNORECASE,
)
_WICKR_SPACED = re.compile(
    r"(?<!\w)(?:wickr(?:\s?me)?|викр)\s@?((?=[A-Za-z0-9]*[0-9_])[A-Za-z0-9_]{4,31})(?!\w)", re.IGNORECASE
)


def _wickr(text: str) -> Iterator[str]:
    yield from (match[1].rstrip(".-") for match in _AFTER_WICKR.finditer(text))
    yield from (match[1] for match in _WICKR_SPACED.finditer(text))


_PHONE = re.compile(r"(?<![\w+])(?:\+|00)[1-9](?:[ ()./-]{0,2}\d){7,14}(?![\w])")
_LOCAL_PHONE = re.compile(r"(?<![\w+.])8[ (-]{0,2}9\d{2}(?:[ ()-]{0,2}\d){7}(?!\w)")
_BARE_PHONE = re.compile(
    r"(?<!\w)(whats ?app|viber|signal|ватсап|вотсап|вайбер)\s?[:=]?\s?([1-9]\d{10,12})(?!\w)", re.IGNORECASE
)
_CALL_BEHIND = re.compile(r"\W{1,3}(?:звонит|пишит|call|whats ?app|viber|тел|ватсап|вайбер)", re.IGNORECASE)


def _phones(text: str) -> Iterator[tuple[str, str]]:
    for match in _PHONE.finditer(text):
        cue = _nearest_cue(text, match.start(), ("phone", "signal", "telegram"))
        if cue or _CALL_BEHIND.match(text, match.end()):
            digits = re.sub(r"\D", "", match[0])
            yield (
                ("signal" if cue == "signal" else "phone"),
                "+" + (digits[2:] if match[0].startswith("00") else digits),
            )
    for match in _LOCAL_PHONE.finditer(text):
        if _nearest_cue(text, match.start(), ("phone",)) or _CALL_BEHIND.match(text, match.end()):
            yield "phone", "+7" + re.sub(r"\D", "", match[0])[1:]
    for match in _BARE_PHONE.finditer(text):
        yield ("signal" if match[1].lower() == "signal" else "phone"), f"+{match[2]}"


def _nearest_cue(text: str, start: int, kinds: tuple[str, ...]) -> str | None:
    """Which of the kinds the nearest cue before ``start`` names."""
    before = text[max(0, start - _REACH) : start]
    nearest = max(
        ((match.start(), kind) for kind in kinds for match in _cues()[kind].finditer(before)), default=(0, None)
    )
    return nearest[1]


@cache
def _cues() -> dict[str, re.Pattern[str]]:
    return {
        kind: re.compile(rf"(?<!\w)(?:{'|'.join(map(_with_endings, words))})(?!\w)", re.IGNORECASE)
        for kind, words in vocabulary.tree("identifier_cues").items()
    }


def _with_endings(word: str) -> str:
    """A cue as a pattern; long single words take the endings of agglutinating languages ("telegramdan")."""
    return re.escape(word) + (r"[^\W\d_]{0,4}" if len(word) >= _LONG_CUE and word.isalpha() else "")


class IdentifiersPipeline:
    """Scrapy's form of `read_identifiers`."""

    def process_item(self, item: Sighting) -> Sighting:
        """The sighting with its identifiers."""
        return read_identifiers(item)
