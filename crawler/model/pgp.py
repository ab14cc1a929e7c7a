"""OpenPGP keys in text: full fingerprints, version 4 and 6, of primary key and subkeys."""

from __future__ import annotations

import re

_BLOCK = re.compile(r"-{5}BEGIN PGP PUBLIC KEY BLOCK-{5}.{20,100000}?-{5}END PGP PUBLIC KEY BLOCK-{5}", re.DOTALL)

_KEY_PACKETS = ("Tag.PublicKey", "Tag.PublicSubkey")


def find_key_blocks(text: str) -> tuple[str, ...]:
    """The armoured public key blocks of a text, as they stand in it."""
    return tuple(_BLOCK.findall(text)) if "BEGIN PGP PUBLIC" in text else ()


def fingerprints(block: str) -> tuple[str, ...]:
    """The full fingerprints of an armoured key block, primary key first, in upper case; none for what is no key."""
    from pysequoia import Cert
    from pysequoia.packet import PacketPile

    try:
        packets = PacketPile.from_bytes(bytes(Cert.from_bytes(_tidy(block).encode())))
    except RuntimeError:  # what the library raises for anything that is no key
        return ()
    found = (packet.fingerprint for packet in packets if str(packet.tag) in _KEY_PACKETS)
    return tuple(dict.fromkeys(one.upper() for one in found if one))


def _tidy(block: str) -> str:
    """The block with the blank line after its headers and without the blanks pages put around its lines."""
    lines = [line.strip() for line in block.strip().splitlines()]
    headers = 1
    while headers < len(lines) and re.match(r"[A-Za-z]+: ", lines[headers]):
        headers += 1
    body = [line for line in lines[headers:] if line]
    return "\n".join([*lines[:headers], "", *body]) + "\n"
