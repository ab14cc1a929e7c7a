"""Wallet addresses of invented vendors: made-up hashes behind correct checksums, the same for the same seed."""

from __future__ import annotations

import hashlib

from crawler.model.wallets import keccak

_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_BITCOIN_VERSION = b"\x00"
_BITCOIN_HASH_BYTES = 20
_MONERO_MAINNET = b"\x12"
_CHECKSUM_BYTES = 4
_MONERO_BLOCK, _MONERO_DIGITS = 8, (0, 2, 3, 5, 6, 7, 9, 10, 11)


def bitcoin_address(seed: str) -> str:
    """A Bitcoin address of a hash nobody has a key for (base58 with its checksum)."""
    payload = _BITCOIN_VERSION + hashlib.sha256(f"btc {seed}".encode()).digest()[:_BITCOIN_HASH_BYTES]
    checksum = hashlib.sha256(hashlib.sha256(payload).digest()).digest()[:_CHECKSUM_BYTES]
    zeros = len(payload) - len(payload.lstrip(b"\x00"))
    return _ALPHABET[0] * zeros + _base58(int.from_bytes(payload + checksum, "big"))


def monero_address(seed: str) -> str:
    """A Monero main-net address of two public keys that follow from the seed."""
    payload = _MONERO_MAINNET + _public_point(f"xmr spend {seed}") + _public_point(f"xmr view {seed}")
    content = payload + keccak(payload)[:_CHECKSUM_BYTES]
    blocks = [content[start : start + _MONERO_BLOCK] for start in range(0, len(content), _MONERO_BLOCK)]
    return "".join(_base58(int.from_bytes(block, "big")).rjust(_MONERO_DIGITS[len(block)], "1") for block in blocks)


def _base58(number: int) -> str:
    digits = ""
    while number:
        number, rest = divmod(number, len(_ALPHABET))
        digits = _ALPHABET[rest] + digits
    return digits


def _public_point(seed: str) -> bytes:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    private = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(seed.encode()).digest())
    return private.public_key().public_bytes_raw()
