"""The one exception tree.

NpswatchError
├── BadInput            wrong usage, input or environment: exit code 2
│   ├── AddressRefused  an address the guard does not let through
│   ├── MirrorsRefused  a list of mirrors that its market's pinned key has not signed; says why
│   ├── BadQuery        a search that cannot be read; says where
│   ├── BadProfile      a market profile with faults; says all of them
│   ├── TorUnavailable  Tor is missing, does not start, or does not answer
│   ├── StoreUnavailable  the index cannot be reached
│   ├── SharedStateUnavailable  the server of the shared state cannot be reached
│   ├── NoSpace         what must be kept cannot be written: the disk is full or refuses
│   └── HomeLocked      another process works on the same market in this home, or holds its lease
└── BadResult           it ran and the result is bad: exit code 1
    └── LeaseLost       another worker has taken over the market
"""

from __future__ import annotations


class NpswatchError(Exception):
    """What npswatch raises on purpose; its text is a sentence an operator can act on."""

    exit_code = 2


class BadInput(NpswatchError):
    """Wrong usage, input or environment. Raised by any room; the command ends with exit code 2."""


class AddressRefused(BadInput):
    """An address that would leave Tor, or is no valid onion. Raised by the guard and by the onion value."""


class MirrorsRefused(BadInput):
    """A list of mirrors that is not taken; ``reason`` is one of a few names. Raised by `crawler.mirrors`."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class BadQuery(BadInput):
    """A search query that cannot be read. Raised by the query language.

    ``position`` is the zero-based character where reading stopped.
    """

    def __init__(self, message: str, position: int) -> None:
        super().__init__(message)
        self.position = position


class BadProfile(BadInput):
    """A market profile with faults, all of them in ``faults``. Raised by the profile reader."""

    def __init__(self, name: str, faults: tuple[str, ...]) -> None:
        super().__init__(f"profile {name}: " + "; ".join(faults))
        self.faults = faults


class TorUnavailable(BadInput):
    """Tor is not installed, does not bootstrap or does not let us in. Raised by `crawler.tor`."""


class StoreUnavailable(BadInput):
    """The index cannot be reached now. Raised by the stores; what was to be written stays spooled."""


class SharedStateUnavailable(BadInput):
    """The server of the shared state cannot be reached now. Raised by `crawler.shared`; what was to go there waits."""


class NoSpace(BadInput):
    """What must be kept cannot be written, most often because the disk is full; says where.

    Raised by archive, outbox and register. A run that meets it stops in order: what it had not kept waits.
    """


class HomeLocked(BadInput):
    """Another living process works on this market. Raised by the frontier for a home, by the lease for all machines."""


class BadResult(NpswatchError):
    """It ran, and the result is bad: verification failed, run degraded or blind. Exit code 1."""

    exit_code = 1


class LeaseLost(BadResult):
    """Another worker has taken over the market; this one must stop at once. Raised by the lease."""
