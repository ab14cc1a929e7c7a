"""Wallet addresses and other names that carry a checksum, checked down to it.

Base58Check as in Bitcoin, Bech32 (BIP-173) and Bech32m (BIP-350), mixed-case hexadecimal of Ethereum (EIP-55),
Monero's own base58 with Keccak, Tox's exclusive or.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import cache

_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_BECH32_ONE, _BECH32M_ONE = 1, 0x2BC830A3
_GENERATORS = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_CHECKSUM = 4
_HASH160 = 21
_MONERO_BLOCK, _MONERO_BLOCK_CHARACTERS = 8, 11
_MONERO_PREFIXES = frozenset((18, 19, 42))
_TOX_BYTES = 38
_LONGEST_BECH32 = 90

BTC_VERSIONS = frozenset((0x00, 0x05))
LTC_VERSIONS = frozenset((0x30, 0x32))


def is_btc(address: str) -> bool:
    """Whether this is a Bitcoin address of the main network with a right checksum: P2PKH, P2SH, SegWit, Taproot."""
    return _is_base58check(address, BTC_VERSIONS) or is_segwit(address, "bc")


def is_ltc(address: str) -> bool:
    """Whether this is a Litecoin address with a right checksum; the old P2SH form that is also Bitcoin's is not."""
    return _is_base58check(address, LTC_VERSIONS) or is_segwit(address, "ltc")


def is_eth(address: str) -> bool:
    """Whether this is an Ethereum address in mixed case whose case is the right checksum (EIP-55)."""
    digits = address.removeprefix("0x")
    if len(digits) != 40 or digits.lower() == digits or digits.upper() == digits:
        return False
    hashed = keccak(digits.lower().encode()).hex()
    return all(
        digit.isdigit() or digit.isupper() == (int(nibble, 16) >= 8)
        for digit, nibble in zip(digits, hashed, strict=False)
    )


def is_xmr(address: str) -> bool:
    """Whether this is a Monero address of the main network with a right checksum: standard, sub-address, integrated."""
    raw = _monero_bytes(address)
    return raw is not None and raw[0] in _MONERO_PREFIXES and keccak(raw[:-_CHECKSUM])[:_CHECKSUM] == raw[-_CHECKSUM:]


def is_tox(identifier: str) -> bool:
    """Whether this is a Tox ID whose two check bytes are right."""
    if len(identifier) != 2 * _TOX_BYTES:
        return False
    try:
        raw = bytes.fromhex(identifier)
    except ValueError:
        return False
    check = bytearray(2)
    for index, byte in enumerate(raw[:-2]):
        check[index % 2] ^= byte
    return bytes(check) == raw[-2:] and any(raw[:32])


def keccak(data: bytes) -> bytes:
    """The 256-bit Keccak hash as used before SHA-3 was fixed (Ethereum, Monero)."""
    from Crypto.Hash import keccak as hashing

    return hashing.new(data=data, digest_bits=256).digest()


def is_segwit(address: str, prefix: str) -> bool:
    """Whether this is a SegWit address with this prefix and a right checksum (BIP-173, BIP-350)."""
    if address != address.lower() and address != address.upper():
        return False
    lowered = address.lower()
    if not lowered.startswith(prefix + "1") or len(lowered) > _LONGEST_BECH32:
        return False
    values = [_BECH32.find(letter) for letter in lowered[len(prefix) + 1 :]]
    if len(values) < len("qqqqqq") + 1 or min(values) < 0:
        return False
    version, check = values[0], _polymod([*_expanded(prefix), *values])
    right = _BECH32_ONE if version == 0 else _BECH32M_ONE
    return check == right and version <= 16 and _is_program(version, values[1:-6])


def _is_program(version: int, values: list[int]) -> bool:
    bits = len(values) * 5
    length = bits // 8
    padding = bits % 8
    if padding >= 5 or (padding and values[-1] & ((1 << padding) - 1)):
        return False
    return length in (20, 32) if version == 0 else 2 <= length <= 40


def _expanded(prefix: str) -> list[int]:
    return [ord(letter) >> 5 for letter in prefix] + [0] + [ord(letter) & 31 for letter in prefix]


def _polymod(values: Iterable[int]) -> int:
    check = 1
    for value in values:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for bit, generator in enumerate(_GENERATORS):
            check ^= generator if top >> bit & 1 else 0
    return check


def _is_base58check(address: str, versions: frozenset[int]) -> bool:
    if not 25 <= len(address) <= 36:
        return False
    number = _base58_number(address)
    if number is None or number.bit_length() > 8 * (_HASH160 + _CHECKSUM):
        return False
    raw = number.to_bytes(_HASH160 + _CHECKSUM, "big")
    zeros = len(address) - len(address.lstrip("1"))
    if zeros != len(raw) - len(raw.lstrip(b"\0")):
        return False
    check = hashlib.sha256(hashlib.sha256(raw[:-_CHECKSUM]).digest()).digest()[:_CHECKSUM]
    return raw[0] in versions and check == raw[-_CHECKSUM:]


def _base58_number(text: str) -> int | None:
    number = 0
    for letter in text:
        digit = _digits().get(letter)
        if digit is None:
            return None
        number = number * len(_BASE58) + digit
    return number


@cache
def _digits() -> dict[str, int]:
    return {letter: value for value, letter in enumerate(_BASE58)}


_MONERO_LENGTHS = {95: 69, 106: 77}


def _monero_bytes(address: str) -> bytes | None:
    size = _MONERO_LENGTHS.get(len(address))
    if size is None:
        return None
    raw = b""
    for start in range(0, len(address), _MONERO_BLOCK_CHARACTERS):
        number = _base58_number(address[start : start + _MONERO_BLOCK_CHARACTERS])
        length = min(_MONERO_BLOCK, size - len(raw))
        if number is None or number.bit_length() > 8 * length:
            return None
        raw += number.to_bytes(length, "big")
    return raw
