"""The accepted addresses of a market in a home: the operator's, and those of the last signed list."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

from config.profiles import Profile, read_profiles
from crawler.home import Home
from crawler.mirrors.signed_list import Reason, SignedList, read_signed_list, refusal
from crawler.model.errors import BadInput
from crawler.model.plain import iso
from crawler.passage import check_address

OPERATOR, SIGNED = "operator", "signed list"


@dataclass(frozen=True, kw_only=True, slots=True)
class Mirror:
    """An accepted address, who vouches for it, and whether it was the one that lived last."""

    address: str
    source: str
    lives: bool


class MirrorBook:
    """One market's accepted addresses; everything else is a stranger's."""

    def __init__(self, home: Home, market: str, profile: Profile | None = None) -> None:
        self._home = home
        self._market = market
        self._profile = profile or read_profiles().get(market)

    def mirrors(self) -> tuple[Mirror, ...]:
        """The accepted addresses, in the order in which they are tried."""
        own = self._home.own_addresses(self._market)
        living = self._home.mirror_facts(self._market).get("living")
        return tuple(
            Mirror(address=each, source=OPERATOR if each in own else SIGNED, lives=each == living)
            for each in self._home.addresses(self._market)
        )

    def add(self, url: str) -> str:
        """The address, accepted on the operator's word. Raises AddressRefused for what cannot be asked for."""
        check_address(url, self._profile)
        address = _plain(url)
        own = self._home.own_addresses(self._market)
        if address not in own:
            self._home.remember_addresses(self._market, (*own, address))
        self._write(removed=[each for each in self._removed() if each != address])
        return address

    def remove(self, url: str) -> str:
        """The address, no longer accepted, also when a signed list names it again. Raises BadInput if it was not."""
        host = urlsplit(url).netloc.lower() or url.lower()
        gone = [each.address for each in self.mirrors() if urlsplit(each.address).netloc == host]
        if not gone:
            raise BadInput(
                f"{url} is no address of {self._market}; see them with: npswatch market mirrors {self._market} list"
            )
        own = self._home.own_addresses(self._market)
        self._home.remember_addresses(self._market, tuple(each for each in own if each not in gone))
        self._write(removed=[*self._removed(), *gone])
        return gone[0]

    def accept(self, page: bytes, key: bytes | None = None, now: datetime | None = None) -> tuple[str, ...]:
        """The addresses of a signed list that are new; those of the list before that it no longer names are dropped.

        ``key`` is kept for the lists that the crawl fetches; without one the kept key is used. Raises MirrorsRefused
        with its reason, and nothing changes.
        """
        pinned = self._profile.mirror_key if self._profile is not None else None
        if pinned is None:
            raise refusal(Reason.UNPINNED, f"the profile of {self._market} names no mirror_key (its full fingerprint)")
        kept = self._home.mirror_key_file(self._market)
        if key is None and not kept.exists():
            raise refusal(Reason.UNPINNED, f"the key {pinned} is not here; accept a list with --key KEYFILE once")
        material = key if key is not None else kept.read_bytes()
        found = read_signed_list(page, material, pinned, now or datetime.now(UTC))
        new = self._take(found)
        if key is not None:
            kept.write_bytes(key)
        return new

    def lives(self, address: str) -> None:
        """Keeps which address answered last: the next run begins there."""
        self._write(living=address)

    def _take(self, found: SignedList) -> tuple[str, ...]:
        facts = self._home.mirror_facts(self._market)
        last = facts.get("signed")
        if last is not None and found.signed < datetime.fromisoformat(last):
            raise refusal(Reason.OLDER, f"signed {iso(found.signed)}, the last one {last}")
        before = set(self._home.addresses(self._market))
        self._write(signed=iso(found.signed), fingerprint=found.fingerprint, addresses=list(found.addresses))
        return tuple(each for each in self._home.addresses(self._market) if each not in before)

    def _removed(self) -> list[str]:
        return list(self._home.mirror_facts(self._market).get("removed", []))

    def _write(self, **facts: object) -> None:
        self._home.keep_mirror_facts(self._market, self._home.mirror_facts(self._market) | facts)


def _plain(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.lower()}{parts.path or '/'}"
