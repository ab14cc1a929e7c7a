"""Cases as the page shows them: the list, one case with what is in it, and what a form wants to add."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from casework.cases.acts import ADDED, CREATED, EXPORTED, NOTED, Act
from casework.cases.book import Added, CaseBook
from casework.cases.case import Case, Snapshot
from casework.cases.gathering import KINDS
from casework.page.exports import Export, Exports
from casework.page.forms import Form
from casework.page.offers import Offer
from crawler.model.errors import BadInput, BadResult
from crawler.model.identity import stable_id
from index.store import Store

MOST_FOUND = 500
"""How many hits of a search are added at once; `npswatch case add` takes more."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CasesAtHand:
    """The cases there are, the one that changed last first; or why they cannot be read."""

    cases: tuple[Case, ...] = ()
    fault: str = ""

    def holding(self, kind: str, id_: str) -> tuple[Case, ...]:
        """The cases into which somebody put that document."""
        return tuple(case for case in self.cases if id_ in case.named_ids(kind))


@dataclass(frozen=True, kw_only=True, slots=True)
class HandedOut:
    """An export as the case's acts tell it; ``folder`` is where it lies, None where it is not below the home."""

    act: Act
    name: str
    seal: str
    folder: Path | None


@dataclass(frozen=True, kw_only=True, slots=True)
class CasePage:
    """All there is to see of one case; ``fault`` says what in it is not as it was written."""

    case: Case
    fault: str
    offers: tuple[Offer, ...]
    vendors: tuple[Snapshot, ...]
    captures: tuple[Snapshot, ...]
    captures_kept: int
    exports: tuple[HandedOut, ...]
    export: Export | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Picked:
    """What a form adds: documents of one kind by id, or what a query finds."""

    kind: str
    ids: tuple[str, ...]
    query: str | None

    @property
    def nothing(self) -> bool:
        """Whether there is nothing to add."""
        return not self.ids and self.query is None

    @classmethod
    def read(cls, form: Form) -> Picked:
        """What the form names. Raises BadInput for a kind that cases do not hold."""
        kind = form.one("kind") or KINDS[0]
        if kind not in KINDS:
            raise BadInput(f"a case holds {', '.join(KINDS)}, not {kind[:40]!r}")
        query = form.one("query") if form.one("what") == "found" else None
        return cls(kind=kind, ids=() if query is not None else form.all("id"), query=query)


def cases_at_hand(book: CaseBook) -> CasesAtHand:
    """All cases; where the book cannot be read, why: a search goes on without it."""
    try:
        return CasesAtHand(cases=book.cases())
    except BadInput as error:
        return CasesAtHand(fault=str(error))


def case_named(book: CaseBook, number: str) -> Case | None:
    """The case of that number in any case of its letters, or None. Raises BadInput where the book cannot be read."""
    wanted = number.strip().casefold()
    known = next((case.number for case in book.cases() if case.number.casefold() == wanted), None)
    return None if known is None else book.case(known)


def case_page(case: Case, exports: Exports) -> CasePage:
    """The page of a case; it needs no index, for a case keeps what was added."""
    return CasePage(
        case=case,
        fault=_fault(case),
        offers=_offers(case),
        vendors=case.latest("vendor"),
        captures=case.named("capture"),
        captures_kept=len(case.latest("capture")),
        exports=tuple(_handed_out(act, exports) for act in reversed(case.acts) if act.act == EXPORTED),
        export=exports.of(case.number),
    )


def add_picked(book: CaseBook, store: Store, number: str, picked: Picked, officer: str) -> Added:
    """What the addition did. Raises BadInput where something picked is gone from the index, before anything is kept."""
    check_picked(store, picked)
    if picked.query is not None:
        return book.add_found(number, picked.kind, picked.query, store=store, officer=officer, limit=MOST_FOUND)
    return book.add_to_case(number, picked.kind, picked.ids, store=store, officer=officer)


def check_picked(store: Store, picked: Picked) -> None:
    """Nothing. Raises BadInput where nothing is picked, or something that the index does not have any more."""
    if picked.nothing:
        raise BadInput("nothing is picked: tick what shall go into the case")
    gone = _gone(store, picked.kind, picked.ids)
    if gone:
        which = f"the {picked.kind} {gone[0]} is" if len(gone) == 1 else f"{len(gone)} of them are"
        raise BadInput(f"nothing was added: {which} gone from the index")
    if picked.query is not None and not store.count(picked.query, picked.kind):
        raise BadInput(f"nothing was added: the search finds no {picked.kind} any more")


def case_link(number: str) -> str:
    """The page of a case."""
    return f"/case/{quote(number, safe='')}"


def act_words(act: Act) -> str:
    """What was done, in words."""
    detail = act.detail
    match act.act:
        case value if value == CREATED:
            return f"opened: {detail['title']} ({detail['handling']})"
        case value if value == ADDED:
            return _added_words(detail)
        case value if value == NOTED:
            return "noted"
        case value if value == EXPORTED:
            return f"exported to the folder {detail['folder']}"
        case other:
            return other


def _added_words(detail: dict[str, Any]) -> str:
    words = f"added {len(detail['ids'])} of kind {detail['kind']}, {len(detail['snapshots'])} documents kept"
    return f"{words}, found by {detail['query']}" if "query" in detail else words


def _gone(store: Store, kind: str, ids: Sequence[str]) -> list[str]:
    known = store.get_many(kind, list(ids)) if ids else {}
    return [id_ for id_ in ids if id_ not in known]


def _fault(case: Case) -> str:
    try:
        case.check()
    except BadResult as error:
        return str(error)
    return ""


def _offers(case: Case) -> tuple[Offer, ...]:
    vendors = {each.id for each in case.latest("vendor")}
    return tuple(_offer(each, vendors) for each in case.named("listing"))


def _offer(snapshot: Snapshot, vendors: set[str]) -> Offer:
    body = snapshot.body | {"id": snapshot.id}
    vendor = stable_id("vendor", str(body.get("market", "")), str(body.get("vendor", "")).casefold())
    return Offer(body=body, vendor_link=f"/vendor/{vendor}" if vendor in vendors else None)


def _handed_out(act: Act, exports: Exports) -> HandedOut:
    name = str(act.detail["folder"])
    folder = exports.folder / name
    lies_here = Path(name).name == name and folder.is_dir()
    return HandedOut(act=act, name=name, seal=str(act.detail["seal"]), folder=folder if lies_here else None)
