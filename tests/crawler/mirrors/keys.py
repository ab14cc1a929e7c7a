"""Keys of a market of our own, and lists of mirrors signed with them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pysequoia import SignatureMode, Tsk, sign


@dataclass(frozen=True, kw_only=True)
class Signer:
    """A key pair: its public part as a file holds it, its full fingerprint."""

    secret: Any
    public: bytes
    fingerprint: str

    def signed(self, *lines: str) -> bytes:
        """The lines as a message signed in clear text."""
        text = "\n".join(lines) + "\n"
        return bytes(sign(self.secret.signer(), text.encode(), mode=SignatureMode.CLEAR))


def signer(**options: Any) -> Signer:
    """A new key pair."""
    secret = Tsk.generate("The market <keys@market.example>", **options)
    certificate = secret.extract_certificate()
    return Signer(secret=secret, public=str(certificate).encode(), fingerprint=certificate.fingerprint.upper())


def profile_text(name: str, key: str, *paths: str) -> str:
    """A market profile that pins a key."""
    listed = ", ".join(f'"{path}"' for path in paths)
    return f'name = "{name}"\npace = "none"\nmirror_key = "{key}"\nmirror_paths = [{listed}]\n'
