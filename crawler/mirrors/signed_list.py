"""A market's list of its own mirrors, signed in clear text by the key its profile pins."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from crawler.model.errors import MirrorsRefused
from crawler.model.onion import is_onion
from crawler.model.pgp import fingerprints

_BLOCK = re.compile(r"-{5}BEGIN PGP SIGNED MESSAGE-{5}.*?-{5}END PGP SIGNATURE-{5}", re.DOTALL)
_SIGNATURE = "-----BEGIN PGP SIGNATURE-----"
_TAG = re.compile(r"<[^>]{0,200}>")
_ADDRESS = re.compile(r"(?:(https?)://)?((?:[a-z0-9-]{1,63}\.){0,3}[a-z2-7]{56}\.onion)(:\d{1,5})?", re.IGNORECASE)
_UNTIL = re.compile(r"(?:valid until|expires)\W{1,3}(\d{4}-\d\d-\d\d)", re.IGNORECASE)
_LONGEST = 200_000
_MOST_ADDRESSES = 100


class Reason(StrEnum):
    """Why a list is refused."""

    UNSIGNED = "unsigned"
    WRONG_KEY = "wrong key"
    BROKEN = "broken signature"
    EXPIRED = "expired"
    OLDER = "older than the list accepted last"
    EMPTY = "no address in it"
    UNPINNED = "no key pinned"


@dataclass(frozen=True, kw_only=True, slots=True)
class SignedList:
    """Addresses a market signed, best first, when, and with which key (full fingerprint)."""

    addresses: tuple[str, ...]
    signed: datetime
    fingerprint: str


def read_signed_list(page: bytes, key: bytes, pinned: str, now: datetime) -> SignedList:
    """The list a page holds. Raises MirrorsRefused with its reason unless the pinned key has signed it and still may.

    Only what stands inside the signature counts; the rest of the page may be anybody's.
    """
    from pysequoia import Cert, Sig, verify

    block = _block(page)
    try:
        certificate, signature = Cert.from_bytes(key), Sig.from_bytes(block[block.index(_SIGNATURE) :].encode())
    except (RuntimeError, ValueError) as error:
        raise refusal(Reason.BROKEN, f"key or signature cannot be read: {_first_line(error)}") from error
    if certificate.fingerprint.upper() != pinned.upper():
        raise refusal(Reason.WRONG_KEY, f"the key is {certificate.fingerprint.upper()}, the profile pins {pinned}")
    _check_times(certificate, signature, now)
    try:
        signed = verify(bytes=block.encode(), store=lambda _: [certificate])
    except RuntimeError as error:
        raise _unverified(signature, key) from error
    text = (signed.bytes or b"").decode("utf-8", errors="replace")
    _check_until(text, now)
    addresses = _addresses(text)
    if not addresses:
        raise refusal(Reason.EMPTY, "nothing inside the signature is the address of an onion service")
    if signature.created is None:
        raise refusal(Reason.BROKEN, "the signature does not say when it was made")
    return SignedList(addresses=addresses, signed=signature.created, fingerprint=pinned.upper())


def refusal(reason: Reason, words: str) -> MirrorsRefused:
    """The exception that says why a list is refused."""
    return MirrorsRefused(reason.value, f"the list of mirrors is refused ({reason.value}): {words}")


def _block(page: bytes) -> str:
    """The signed message in a page, with or without markup around and inside it."""
    found = _BLOCK.search(page[:_LONGEST].decode("utf-8", errors="replace").replace("\r\n", "\n"))
    if found is None:
        raise refusal(Reason.UNSIGNED, "the page holds no message signed in clear text")
    text = found[0]
    return html.unescape(_TAG.sub("", text)) if "</" in text or "<br" in text or "&" in text else text


def _check_times(certificate: object, signature: object, now: datetime) -> None:
    revoked, key_until = getattr(certificate, "is_revoked", False), getattr(certificate, "expiration", None)
    if revoked:
        raise refusal(Reason.WRONG_KEY, "the key was revoked by its owner")
    if key_until is not None and key_until < now:
        raise refusal(Reason.EXPIRED, f"the key was valid until {key_until:%Y-%m-%d}")
    until = getattr(signature, "expiration", None)
    if until is not None and until < now:
        raise refusal(Reason.EXPIRED, f"the signature was valid until {until:%Y-%m-%d %H:%M}")


def _check_until(text: str, now: datetime) -> None:
    for day in _UNTIL.findall(text):
        if datetime.fromisoformat(day).replace(tzinfo=UTC) + timedelta(days=1) < now:
            raise refusal(Reason.EXPIRED, f"it says it was valid until {day}")


def _unverified(signature: object, key: bytes) -> MirrorsRefused:
    issuer = str(getattr(signature, "issuer_fingerprint", None) or "").upper()
    if issuer and issuer not in fingerprints(key.decode("latin-1")):
        return refusal(Reason.WRONG_KEY, f"it was signed by {issuer}")
    return refusal(Reason.BROKEN, "the signature does not fit the text")


def _addresses(text: str) -> tuple[str, ...]:
    found = [
        f"{(scheme or 'http').lower()}://{host.lower()}{port}/"
        for scheme, host, port in _ADDRESS.findall(text)
        if is_onion(host)
    ]
    return tuple(dict.fromkeys(found))[:_MOST_ADDRESSES]


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__
