"""Onion service addresses, version 3, checked down to their checksum."""

from __future__ import annotations

import base64
import binascii
import hashlib

from crawler.model.errors import AddressRefused

_LABEL_LENGTH = 56
_VERSION = b"\x03"


def onion_checksum(public_key: bytes) -> bytes:
    """Two bytes that close a v3 address (rend-spec-v3, section 6)."""
    return hashlib.sha3_256(b".onion checksum" + public_key + _VERSION).digest()[:2]


def check_onion(host: str) -> str:
    """The 56-letter service label of an onion host, with or without sub-domains, in lower case.

    Raises AddressRefused when the host is no v3 onion or its checksum is wrong.
    """
    labels = host.lower().rstrip(".").split(".")
    if len(labels) < 2 or labels[-1] != "onion":
        raise AddressRefused(f"{host} is no onion service")
    label = labels[-2]
    if len(label) != _LABEL_LENGTH:
        raise AddressRefused(f"{host} is no version 3 onion service (its name must have 56 letters)")
    try:
        raw = base64.b32decode(label.upper())
    except binascii.Error as error:
        raise AddressRefused(f"{host} is no version 3 onion service (not base32)") from error
    public_key, checksum, version = raw[:32], raw[32:34], raw[34:]
    if version != _VERSION or checksum != onion_checksum(public_key):
        raise AddressRefused(f"{host} is no version 3 onion service (its checksum is wrong: a typing error?)")
    return label


def is_onion(host: str) -> bool:
    """Whether the host is a valid v3 onion service; for classification, never as the guard."""
    try:
        check_onion(host)
    except AddressRefused:
        return False
    return True
