"""Wallet addresses of invented vendors: made-up hashes behind correct checksums, the same for the same seed."""

from __future__ import annotations

import hashlib

_BITCOIN_HASH_BYTES = 20
_BITCOIN_VERSION = b"\x00"
_MONERO_MAINNET = b"\x12"


def bitcoin_address(seed: str) -> str:
    """A Bitcoin address of a hash nobody has a key for: bech32, or base58 for every third seed."""
    from bip_utils import Base58Encoder, SegwitBech32Encoder

    digest = hashlib.sha256(f"btc {seed}".encode()).digest()
    payload = digest[:_BITCOIN_HASH_BYTES]
    if digest[-1] % 3 == 0:
        return str(Base58Encoder.CheckEncode(_BITCOIN_VERSION + payload))
    return str(SegwitBech32Encoder.Encode("bc", 0, payload))


def monero_address(seed: str) -> str:
    """A Monero main-net address of two public keys that follow from the seed."""
    from bip_utils import XmrAddrEncoder

    spend, view = (_public_point(f"xmr {part} {seed}") for part in ("spend", "view"))
    return str(XmrAddrEncoder.EncodeKey(spend, pub_vkey=view, net_ver=_MONERO_MAINNET))


def _public_point(seed: str) -> bytes:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    private = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(seed.encode()).digest())
    return private.public_key().public_bytes_raw()
