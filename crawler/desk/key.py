"""The key that sessions are encrypted with: from a passphrase, or a file of the home. Never asked for in a prompt."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import stat
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from crawler.model.errors import BadInput

PASSPHRASE_VARIABLE = "NPSWATCH_DESK_PASSPHRASE_FILE"  # noqa: S105  # the variable's name
CREDENTIAL = "npswatch-desk"
_CREDENTIALS = "CREDENTIALS_DIRECTORY"  # set by systemd for a unit with LoadCredential=
_KEY_BYTES = 32
_NONCE_BYTES = 12
_MARK_BYTES = 8
_SCRYPT_COST = 2**15  # 32 MiB and about a tenth of a second, once a process
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


class DeskKey:
    """Seals and opens what only this home may read, with AES-256-GCM."""

    def __init__(self, key: bytes, source: str) -> None:
        self.source = source
        self._cipher = AESGCM(key)
        self._mark = hmac.digest(key, b"npswatch desk", hashlib.sha256)[:_MARK_BYTES]

    def __repr__(self) -> str:
        """The key's source, never the key."""
        return f"DeskKey(source={self.source!r})"

    @classmethod
    def of(cls, folder: Path) -> DeskKey:
        """The key of a desk: from the passphrase file the environment names, a systemd credential, else its own file.

        Raises BadInput where a passphrase file cannot be read, is empty or may be read by others.
        """
        given = _given()
        if given is not None:
            return cls(_stretched(given[0], _kept(folder / "salt", _KEY_BYTES)), given[1])
        return cls(_kept(folder / "key", _KEY_BYTES), f"the key file {folder / 'key'}")

    @classmethod
    def shared(cls, salt: bytes) -> DeskKey:
        """The key of a desk that machines share: of the passphrase each of them was given.

        Raises BadInput where this one has none.
        """
        given = _given()
        if given is None:
            raise BadInput(
                f"no passphrase is given here; the machines of a shared state need the same one: {PASSPHRASE_VARIABLE}"
            )
        return cls(_stretched(given[0], salt), given[1])

    def seal(self, plain: bytes, bound: str) -> bytes:
        """The bytes encrypted; they open only with the same ``bound`` words."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return self._mark + nonce + self._cipher.encrypt(nonce, plain, bound.encode())

    def open(self, sealed: bytes, bound: str) -> bytes:
        """The bytes again. Raises BadInput where they were sealed with another key, or changed."""
        mark, rest = sealed[:_MARK_BYTES], sealed[_MARK_BYTES:]
        if mark != self._mark:
            raise BadInput(f"the session was kept with another key than {self.source}: bring it again")
        try:
            return self._cipher.decrypt(rest[:_NONCE_BYTES], rest[_NONCE_BYTES:], bound.encode())
        except InvalidTag as error:
            raise BadInput("the session is not as it was kept: bring it again") from error


def passphrase_source() -> str | None:
    """Where the operator's passphrase stands; None where none was given. Raises BadInput for one that is unusable."""
    given = _given()
    return given[1] if given is not None else None


def _given() -> tuple[bytes, str] | None:
    """The passphrase the operator gave and where it stands; None without one."""
    named = os.environ.get(PASSPHRASE_VARIABLE)
    if named:
        return _passphrase(Path(named)), f"the passphrase in {named}"
    credential = Path(os.environ.get(_CREDENTIALS, "")) / CREDENTIAL
    if os.environ.get(_CREDENTIALS) and credential.is_file():
        return _passphrase(credential), f"the systemd credential {CREDENTIAL}"
    return None


def _passphrase(path: Path) -> bytes:
    try:
        mode = path.stat().st_mode
        words = path.read_bytes().rstrip(b"\r\n")
    except OSError as error:
        raise BadInput(f"the passphrase file {path} cannot be read: {error.strerror}") from error
    if mode & _OTHERS:
        raise BadInput(f"the passphrase file {path} may be read by others; run: chmod 600 {path}")
    if not words:
        raise BadInput(f"the passphrase file {path} is empty; write a passphrase into it")
    return words


def _stretched(passphrase: bytes, salt: bytes) -> bytes:
    return Scrypt(salt=salt, length=_KEY_BYTES, n=_SCRYPT_COST, r=8, p=1).derive(passphrase)


def _kept(path: Path, size: int) -> bytes:
    """The random bytes of a file only its owner reads, made once; two processes that make it get the same."""
    try:
        if not path.exists():
            draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(secrets.token_bytes(size))
                file.flush()
                os.fsync(file.fileno())
            try:
                os.link(draft, path)
            except FileExistsError:
                pass  # another process was first
            finally:
                draft.unlink()
        kept = path.read_bytes()
    except OSError as error:
        raise BadInput(f"the desk's {path} cannot be used: {error.strerror}") from error
    if len(kept) != size:
        raise BadInput(f"the desk's {path} is damaged; restore it, or remove it and bring the sessions again")
    return kept
