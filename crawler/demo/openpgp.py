"""Public keys of invented vendors: OpenPGP v4, Ed25519 with an X25519 subkey, the same for the same seed.

Packet formats: RFC 4880; curves: RFC 9580 section 9.2 (legacy v4 identifiers). The private halves follow from a
public seed, so these keys protect nothing: they are made for pages that are read, never for messages.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

_ED25519 = bytes.fromhex("092b06010401da470f01")
_CURVE25519 = bytes.fromhex("0a2b060104019755010501")
_EDDSA, _ECDH, _SHA256, _AES128 = 22, 18, 8, 7
_NATIVE = b"\x40"
_TAG_SIGNATURE, _TAG_KEY, _TAG_USER_ID, _TAG_SUBKEY = 2, 6, 13, 14
_POSITIVE_CERTIFICATION, _SUBKEY_BINDING = 0x13, 0x18
_CREATED, _PREFERRED_CIPHERS, _ISSUER, _PREFERRED_HASHES, _KEY_FLAGS, _ISSUER_FINGERPRINT = 2, 11, 16, 21, 27, 33
_MAY_CERTIFY_AND_SIGN, _MAY_ENCRYPT = b"\x03", b"\x0c"
_CRC24_START, _CRC24_POLYNOMIAL = 0xB704CE, 0x1864CFB
_LINE = 64


@dataclass(frozen=True, kw_only=True, slots=True)
class PublicKey:
    """An armoured public key block and its fingerprint: 40 upper-case hex digits."""

    block: str
    fingerprint: str

    @property
    def spaced(self) -> str:
        """The fingerprint in ten groups of four, as people write it."""
        return " ".join(self.fingerprint[at : at + 4] for at in range(0, len(self.fingerprint), 4))


def public_key(seed: str, user_id: str, created: int) -> PublicKey:
    """The key that belongs to a seed, certified for ``user_id`` at ``created`` (seconds since 1970)."""
    signer = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(f"sign {seed}".encode()).digest())
    reader = X25519PrivateKey.from_private_bytes(hashlib.sha256(f"read {seed}".encode()).digest())
    primary = _key_body(
        created, _EDDSA, _ED25519, signer.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw), b""
    )
    kdf = bytes([3, 1, _SHA256, _AES128])
    subkey = _key_body(
        created, _ECDH, _CURVE25519, reader.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw), kdf
    )
    name = user_id.encode()
    identity = _hashed_key(primary) + b"\xb4" + len(name).to_bytes(4, "big") + name
    certification = _signature(signer, primary, _POSITIVE_CERTIFICATION, created, _MAY_CERTIFY_AND_SIGN, identity)
    pair = _hashed_key(primary) + _hashed_key(subkey)
    binding = _signature(signer, primary, _SUBKEY_BINDING, created, _MAY_ENCRYPT, pair)
    packets = [(_TAG_KEY, primary), (_TAG_USER_ID, name), (_TAG_SIGNATURE, certification)]
    packets += [(_TAG_SUBKEY, subkey), (_TAG_SIGNATURE, binding)]
    return PublicKey(
        block=_armour(b"".join(_packet(tag, body) for tag, body in packets)),
        fingerprint=_fingerprint(primary).hex().upper(),
    )


def _key_body(created: int, algorithm: int, curve: bytes, point: bytes, kdf: bytes) -> bytes:
    return b"\x04" + created.to_bytes(4, "big") + bytes([algorithm]) + curve + _number(_NATIVE + point) + kdf


def _hashed_key(body: bytes) -> bytes:
    return b"\x99" + len(body).to_bytes(2, "big") + body


def _fingerprint(body: bytes) -> bytes:
    return hashlib.sha1(_hashed_key(body), usedforsecurity=False).digest()


def _signature(
    signer: Ed25519PrivateKey, primary: bytes, kind: int, created: int, flags: bytes, signed: bytes
) -> bytes:
    fingerprint = _fingerprint(primary)
    about = _subpacket(_CREATED, created.to_bytes(4, "big")) + _subpacket(_KEY_FLAGS, flags)
    if kind == _POSITIVE_CERTIFICATION:
        about += _subpacket(_PREFERRED_CIPHERS, bytes([9, 8, _AES128])) + _subpacket(_PREFERRED_HASHES, b"\x0a\x08")
    about += _subpacket(_ISSUER_FINGERPRINT, b"\x04" + fingerprint)
    head = bytes([4, kind, _EDDSA, _SHA256]) + len(about).to_bytes(2, "big") + about
    digest = hashlib.sha256(signed + head + b"\x04\xff" + len(head).to_bytes(4, "big")).digest()
    issuer = _subpacket(_ISSUER, fingerprint[-8:])
    proof = signer.sign(digest)
    return head + len(issuer).to_bytes(2, "big") + issuer + digest[:2] + _number(proof[:32]) + _number(proof[32:])


def _subpacket(kind: int, body: bytes) -> bytes:
    return bytes([len(body) + 1, kind]) + body


def _number(data: bytes) -> bytes:
    value = int.from_bytes(data, "big")
    return value.bit_length().to_bytes(2, "big") + value.to_bytes((value.bit_length() + 7) // 8, "big")


def _packet(tag: int, body: bytes) -> bytes:
    return bytes([0xC0 | tag, len(body)]) + body


def _armour(data: bytes) -> str:
    text = base64.b64encode(data).decode()
    lines = [text[at : at + _LINE] for at in range(0, len(text), _LINE)]
    check = "=" + base64.b64encode(_crc24(data).to_bytes(3, "big")).decode()
    return "\n".join(["-----BEGIN PGP PUBLIC KEY BLOCK-----", "", *lines, check, "-----END PGP PUBLIC KEY BLOCK-----"])


def _crc24(data: bytes) -> int:
    value = _CRC24_START
    for byte in data:
        value ^= byte << 16
        for _ in range(8):
            value <<= 1
            if value & 0x1000000:
                value ^= _CRC24_POLYNOMIAL
    return value
