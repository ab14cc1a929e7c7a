"""OpenPGP public keys as vendors post them: Ed25519, self-signed, with an X25519 subkey (RFC 4880, RFC 6637)."""

import base64
import hashlib
import struct
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

ED25519_OID = bytes.fromhex("2b06010401da470f01")
CURVE25519_OID = bytes.fromhex("2b060104019755010501")
EDDSA, ECDH, SHA256, AES256 = 22, 18, 8, 9
PUBLIC_KEY, SUBKEY, USER_ID, SIGNATURE = 6, 14, 13, 2
CRC24_START, CRC24_POLYNOMIAL = 0xB704CE, 0x1864CFB


@dataclass(frozen=True, kw_only=True, slots=True)
class Key:
    """One public key: its armoured block and its full upper-case fingerprint of 40 hex digits."""

    block: str
    fingerprint: str


def crc24(data: bytes) -> int:
    """The checksum of an armoured block (RFC 4880, 6.1)."""
    value = CRC24_START
    for byte in data:
        value ^= byte << 16
        for _ in range(8):
            value <<= 1
            if value & 0x1000000:
                value ^= CRC24_POLYNOMIAL
    return value


def armour(data: bytes, header: str = "") -> str:
    """The ASCII block of a transferable public key; header is one optional line such as `Comment: …`."""
    text = base64.b64encode(data).decode()
    lines = [text[i : i + 64] for i in range(0, len(text), 64)]
    check = base64.b64encode(crc24(data).to_bytes(3, "big")).decode()
    head = [header] if header else []
    return "\n".join(
        ["-----BEGIN PGP PUBLIC KEY BLOCK-----", *head, "", *lines, "=" + check, "-----END PGP PUBLIC KEY BLOCK-----"]
    )


def packet(tag: int, body: bytes) -> bytes:
    """A packet with an old-format header, as most keys in circulation have."""
    size = bytes([len(body)]) if len(body) < 256 else struct.pack(">H", len(body))
    return bytes([0x80 | tag << 2 | len(size) - 1]) + size + body


def mpi(data: bytes) -> bytes:
    """A multi-precision integer."""
    data = data.lstrip(b"\0")
    bits = (len(data) - 1) * 8 + data[0].bit_length()
    return struct.pack(">H", bits) + data


def key_body(created: int, algorithm: int, oid: bytes, point: bytes, tail: bytes = b"") -> bytes:
    """The body of a version 4 key packet over a named curve."""
    return struct.pack(">BIB", 4, created, algorithm) + bytes([len(oid)]) + oid + mpi(b"\x40" + point) + tail


def framed(body: bytes) -> bytes:
    """A key packet's body as it goes into fingerprints and signatures."""
    return b"\x99" + struct.pack(">H", len(body)) + body


def signature(secret: Ed25519PrivateKey, kind: int, signed: bytes, created: int, flags: int, key_id: bytes) -> bytes:
    """A version 4 signature packet's body over what is signed."""
    hashed = b"\x05\x02" + struct.pack(">I", created) + bytes([2, 27, flags])
    head = bytes([4, kind, EDDSA, SHA256]) + struct.pack(">H", len(hashed)) + hashed
    digest = hashlib.sha256(signed + head + b"\x04\xff" + struct.pack(">I", len(head))).digest()
    raw = secret.sign(digest)
    unhashed = bytes([9, 16]) + key_id
    return head + struct.pack(">H", len(unhashed)) + unhashed + digest[:2] + mpi(raw[:32]) + mpi(raw[32:])


def make_key(seed: str, user_id: str, created: int, header: str = "") -> Key:
    """The same key for the same seed; created is a Unix time in seconds."""
    secret = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(b"sign " + seed.encode()).digest())
    crypt = X25519PrivateKey.from_private_bytes(hashlib.sha256(b"crypt " + seed.encode()).digest())
    point = secret.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    sub_point = crypt.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    primary = key_body(created, EDDSA, ED25519_OID, point)
    sub = key_body(created, ECDH, CURVE25519_OID, sub_point, bytes([3, 1, SHA256, AES256]))
    name = user_id.encode()
    fingerprint = hashlib.sha1(framed(primary), usedforsecurity=False).digest()
    owner = framed(primary) + b"\xb4" + struct.pack(">I", len(name)) + name
    data = (
        packet(PUBLIC_KEY, primary)
        + packet(USER_ID, name)
        + packet(SIGNATURE, signature(secret, 0x13, owner, created, 0x03, fingerprint[-8:]))
        + packet(SUBKEY, sub)
        + packet(SIGNATURE, signature(secret, 0x18, framed(primary) + framed(sub), created, 0x0C, fingerprint[-8:]))
    )
    return Key(block=armour(data, header), fingerprint=fingerprint.hex().upper())
