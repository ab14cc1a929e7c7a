"""A case: its head, its acts, and the documents as they were when they were added."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Any

from casework.cases.acts import ADDED, CONTENT_ACTS, CREATED, NOTED, Act, check_chain, digest_of
from crawler.model.errors import BadInput, BadResult

Body = dict[str, Any]

_NUMBER = re.compile(r"\w(?:[\w .()№#+,-]{0,78}[\w)])?")
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
_LONGEST_LINE = 300
_LONGEST_NOTE = 20_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Snapshot:
    """A document as the index had it when it was added: kind, id, body, its digest, and the act that added it."""

    kind: str
    id: str
    digest: str
    added: int
    body: Body

    def plain(self) -> dict[str, Any]:
        """The snapshot as JSON-ready values."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """A case with all its acts and snapshots, oldest first."""

    number: str
    acts: tuple[Act, ...]
    snapshots: tuple[Snapshot, ...] = ()

    @property
    def title(self) -> str:
        """What the case is about."""
        return str(self.acts[0].detail["title"])

    @property
    def handling(self) -> str:
        """The handling code, such as TLP:AMBER."""
        return str(self.acts[0].detail["handling"])

    @property
    def officer(self) -> str:
        """Who opened the case."""
        return self.acts[0].officer

    @property
    def created(self) -> str:
        """When it was opened, ISO 8601 UTC."""
        return self.acts[0].time

    @property
    def changed(self) -> str:
        """When its content last changed; handing it out changes nothing."""
        return next(act.time for act in reversed(self.acts) if act.act in CONTENT_ACTS)

    @property
    def head(self) -> str:
        """The hash of the last act, which stands for all of them."""
        return self.acts[-1].hash

    @property
    def notes(self) -> tuple[Act, ...]:
        """The notes, oldest first."""
        return tuple(act for act in self.acts if act.act == NOTED)

    def latest(self, kind: str) -> tuple[Snapshot, ...]:
        """The newest snapshot of each document of that kind, in the order they were first added."""
        newest = {each.id: each for each in self.snapshots if each.kind == kind}
        return tuple(newest.values())

    def named_ids(self, kind: str) -> frozenset[str]:
        """The ids of that kind an officer named, without what came with them."""
        added = (act.detail for act in self.acts if act.act == ADDED)
        return frozenset(id_ for detail in added if detail["kind"] == kind for id_ in detail["ids"])

    def named(self, kind: str) -> tuple[Snapshot, ...]:
        """The newest snapshots of those an officer named."""
        ids = self.named_ids(kind)
        return tuple(each for each in self.latest(kind) if each.id in ids)

    def plain_head(self) -> dict[str, Any]:
        """What stands on the case's cover, as JSON-ready values. No authority is configured: it says so with null."""
        names = ("number", "title", "officer", "handling", "created", "changed", "head")
        return {name: getattr(self, name) for name in names} | {"authority": None}

    def check(self) -> str:
        """The hash of the last act. Raises BadResult naming the first act or snapshot that was changed."""
        head = check_chain(self.number, self.acts)
        if self.acts[0].act != CREATED:
            raise BadResult(f"case {self.number}: the first act did not open it")
        chained = {
            (each["kind"], each["id"], each["digest"])
            for act in self.acts
            if act.act == ADDED
            for each in act.detail["snapshots"]
        }
        for each in self.snapshots:
            if (each.kind, each.id, each.digest) not in chained or digest_of(each.body) != each.digest:
                raise BadResult(f"case {self.number}: the {each.kind} {each.id} is not what was added")
        if len(chained) != len({(each.kind, each.id, each.digest) for each in self.snapshots}):
            raise BadResult(f"case {self.number}: a document that was added is missing")
        return head


def checked_number(number: str) -> str:
    """A case number that is also safe as a file's name. Raises BadInput for any other."""
    text = unicodedata.normalize("NFC", number).strip()
    if not _NUMBER.fullmatch(text) or _RESERVED.fullmatch(text):
        raise BadInput(
            f"{number!r} cannot be a case number: at most 80 letters, digits, blanks and . - _ + # № ( ), "
            "beginning with a letter or digit"
        )
    return text


def checked_line(text: str, what: str) -> str:
    """Words for one line. Raises BadInput when there are none, too many, or something that is no text."""
    line = " ".join(text.split())
    if not line or len(line) > _LONGEST_LINE or not line.isprintable():
        raise BadInput(f"the {what} must be one line of 1 to {_LONGEST_LINE} printable characters")
    return line


def checked_note(text: str) -> str:
    """Words of a note, over as many lines as they need. Raises BadInput as ``checked_line`` does."""
    note = text.strip()
    if not note or len(note) > _LONGEST_NOTE or not note.replace("\n", "").replace("\t", "").isprintable():
        raise BadInput(f"a note must have 1 to {_LONGEST_NOTE} printable characters")
    return note
