"""Identifiers with right checksums over made-up bytes, so that the gold set names nobody's wallet, key or service.

Every identifier is derived from SHA-512 of a label of ours; nobody knows a private key to any of them. Formats:
base58check (Bitcoin, Litecoin), bech32 and bech32m (BIP 173, BIP 350), EIP-55, Monero base58 with a Keccak-256 tail,
v3 onion addresses (rend-spec-v3, 6), Tox identifiers (two XOR bytes), OpenPGP fingerprints (40 or 64 hexadecimal
digits).
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from itertools import count

from Crypto.Hash import keccak

BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
BECH32_CHECK = 1
BECH32M_CHECK = 0x2BC830A3
MONERO_BLOCK = 8
MONERO_ENCODED = (0, 2, 3, 5, 6, 7, 9, 10, 11)
MONERO_PRIMARY, MONERO_SUBADDRESS = 18, 42
ED25519_PRIME = 2**255 - 19
ED25519_D = -121665 * pow(121666, -1, ED25519_PRIME) % ED25519_PRIME
SECP256K1_PRIME = 2**256 - 2**32 - 977
COIN_VERSIONS = {"btc_legacy": 0x00, "btc_p2sh": 0x05, "ltc_legacy": 0x30, "ltc_p2sh": 0x32}


def made_bytes(label: str, length: int) -> bytes:
    """Give `length` bytes (at most 64) that depend on the label alone."""
    return hashlib.sha512(f"npswatch gold {label}".encode()).digest()[:length]


def is_ed25519_point(key: bytes) -> bool:
    """Tell whether 32 bytes are a point of Edwards curve 25519 (RFC 8032, 5.1.3), as onion and Monero keys must be."""
    y = int.from_bytes(key, "little") & (2**255 - 1)
    slope = (y * y - 1) * pow(ED25519_D * y * y + 1, -1, ED25519_PRIME) % ED25519_PRIME
    return y < ED25519_PRIME and pow(slope, (ED25519_PRIME - 1) // 2, ED25519_PRIME) == 1


def is_secp256k1_x(key: bytes) -> bool:
    """Tell whether 32 bytes are the x of a point of secp256k1 (BIP 340), as a taproot key must be."""
    x = int.from_bytes(key, "big")
    return x < SECP256K1_PRIME and pow(x**3 + 7, (SECP256K1_PRIME - 1) // 2, SECP256K1_PRIME) == 1


def made_key(label: str, is_point: Callable[[bytes], bool]) -> bytes:
    """Give the first 32 made bytes that lie on a curve, so that a decoder that looks at the key takes them too."""
    candidates = (made_bytes(f"{label} try {attempt}", 32) for attempt in count())
    return next(key for key in candidates if is_point(key))


def keccak256(data: bytes) -> bytes:
    """Give the original Keccak-256 digest (not SHA3-256)."""
    digest = keccak.new(digest_bits=256)
    digest.update(data)
    return bytes(digest.digest())


def base58(number: int, width: int = 0) -> str:
    """Write a number in Bitcoin's base 58, padded with `1` to `width`."""
    digits = ""
    while number:
        number, rest = divmod(number, 58)
        digits = BASE58[rest] + digits
    return digits.rjust(width, BASE58[0])


def base58check(version: int, payload: bytes) -> str:
    """Give a base58check address of a version byte and a 20-byte hash."""
    body = bytes([version]) + payload
    body += hashlib.sha256(hashlib.sha256(body).digest()).digest()[:4]
    zeros = len(body) - len(body.lstrip(b"\0"))
    return BASE58[0] * zeros + base58(int.from_bytes(body, "big"))


def bech32_polymod(values: list[int]) -> int:
    """Give the checksum polynomial of BIP 173 over 5-bit values."""
    check = 1
    for value in values:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for bit, generator in enumerate((0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)):
            check ^= generator if (top >> bit) & 1 else 0
    return check


def five_bit_groups(data: bytes) -> list[int]:
    """Cut bytes into 5-bit numbers, the last one padded with zeros."""
    bits = "".join(f"{byte:08b}" for byte in data)
    bits += "0" * (-len(bits) % 5)
    return [int(bits[at : at + 5], 2) for at in range(0, len(bits), 5)]


def segwit(prefix: str, version: int, program: bytes) -> str:
    """Give a segregated-witness address: bech32 for version 0, bech32m above."""
    values = [version, *five_bit_groups(program)]
    expanded = [ord(sign) >> 5 for sign in prefix] + [0] + [ord(sign) & 31 for sign in prefix]
    target = BECH32M_CHECK if version else BECH32_CHECK
    check = bech32_polymod([*expanded, *values, 0, 0, 0, 0, 0, 0]) ^ target
    values += [(check >> 5 * (5 - place)) & 31 for place in range(6)]
    return f"{prefix}1{''.join(BECH32[value] for value in values)}"


def ethereum(payload: bytes) -> str:
    """Give a 20-byte account with EIP-55 capitals."""
    digits = payload.hex()
    mask = keccak256(digits.encode()).hex()
    shaded = zip(digits, mask, strict=False)
    return "0x" + "".join(sign.upper() if int(shade, 16) > 7 else sign for sign, shade in shaded)


def monero(version: int, keys: bytes) -> str:
    """Give a Monero address of a network byte and two 32-byte keys."""
    body = bytes([version]) + keys
    body += keccak256(body)[:4]
    blocks = [body[at : at + MONERO_BLOCK] for at in range(0, len(body), MONERO_BLOCK)]
    return "".join(base58(int.from_bytes(block, "big"), MONERO_ENCODED[len(block)]) for block in blocks)


def monero_keys(label: str) -> bytes:
    """Give a spend key and a view key, 64 bytes, both on the curve."""
    return made_key(f"{label} spend", is_ed25519_point) + made_key(f"{label} view", is_ed25519_point)


def onion(key: bytes) -> str:
    """Give the v3 onion address of a 32-byte key."""
    check = hashlib.sha3_256(b".onion checksum" + key + b"\x03").digest()[:2]
    return base64.b32encode(key + check + b"\x03").decode().lower() + ".onion"


def tox(body: bytes) -> str:
    """Give a Tox identifier: 36 bytes and their two XOR check bytes, in hexadecimal capitals."""
    even, odd = 0, 0
    for at in range(0, len(body), 2):
        even ^= body[at]
        odd ^= body[at + 1]
    return (body + bytes([even, odd])).hex().upper()


def made(kind: str, label: str) -> str:
    """Give one identifier of a kind with a right checksum; the same label always gives the same one."""
    if kind in COIN_VERSIONS:
        return base58check(COIN_VERSIONS[kind], made_bytes(f"{kind} {label}", 20))
    makers = {
        "btc_segwit": lambda seed: segwit("bc", 0, made_bytes(seed, 20)),
        "btc_taproot": lambda seed: segwit("bc", 1, made_key(seed, is_secp256k1_x)),
        "ltc_segwit": lambda seed: segwit("ltc", 0, made_bytes(seed, 20)),
        "eth": lambda seed: ethereum(made_bytes(seed, 20)),
        "xmr": lambda seed: monero(MONERO_PRIMARY, monero_keys(seed)),
        "xmr_sub": lambda seed: monero(MONERO_SUBADDRESS, monero_keys(seed)),
        "onion": lambda seed: onion(made_key(seed, is_ed25519_point)),
        "tox": lambda seed: tox(made_bytes(seed, 36)),
        "session": lambda seed: "05" + made_bytes(seed, 32).hex(),
        "pgp4": lambda seed: made_bytes(seed, 20).hex().upper(),
        "pgp6": lambda seed: made_bytes(seed, 32).hex().upper(),
    }
    return makers[kind](f"{kind} {label}")


def broken(identifier: str) -> str:
    """Give the identifier with one sign in its middle changed, so that its checksum is wrong."""
    at = len(identifier) // 2
    digits = {"2": "3", "3": "2", "a": "e", "e": "a", "A": "E", "E": "A"}
    other = next((place for place in range(at, len(identifier)) if identifier[place] in digits), at)
    return identifier[:other] + digits.get(identifier[other], "q") + identifier[other + 1 :]
