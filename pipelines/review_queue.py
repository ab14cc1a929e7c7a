"""Emergent names waiting for a chemist, and the chemist's decisions, which extend the operator's vocabulary."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from pathlib import Path

from config.vocabulary import read_table
from crawler.model.errors import BadInput
from crawler.model.plain import iso
from crawler.model.sighting import Sighting
from pipelines.folding import squeeze
from pipelines.vocabulary import OPERATOR_FILE

QUEUE_FILE = "emergent.tsv"
CLASSES = (
    "synthetic cathinones", "synthetic cannabinoids", "phenethylamines", "tryptamines", "fentanyl analogues",
    "nitazenes", "designer benzodiazepines", "arylcyclohexylamines", "aminoindanes", "piperazines", "plant-based",
    "other NPS", "traditional",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class Waiting:
    """An emergent name as first seen: likely class, when (ISO 8601 UTC), on which market and page, in which title."""

    name: str
    substance_class: str
    first_seen: str
    market: str
    url: str
    title: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Decision:
    """What a chemist decided of a name: accepted with its class and whether it is an NPS, or refused."""

    name: str
    decision: str
    substance_class: str
    nps: bool
    chemist: str
    decided: str
    reason: str


def waiting_of(sighting: Sighting) -> tuple[Waiting, ...]:
    """The emergent names of a sighting, ready for the queue."""
    listing = sighting.page.listing
    if listing is None or listing.offer is None:
        return ()
    return tuple(
        Waiting(
            name=one.name,
            substance_class=one.substance_class,
            first_seen=iso(sighting.time),
            market=sighting.market,
            url=sighting.url,
            title=" ".join((listing.title or "").split()),
        )
        for one in listing.offer.substances
        if one.emergent
    )


def add_waiting(home: Path, names: Iterable[Waiting]) -> int:
    """How many of the names are new to the queue of ``home``; those already waiting or decided are not added again."""
    known = {squeeze(one.name) for one in read_waiting(home)} | {squeeze(one.name) for one in read_decisions(home)}
    new = []
    for one in names:
        if squeeze(one.name) not in known:
            known.add(squeeze(one.name))
            new.append(one)
    if new:
        _append(home / QUEUE_FILE, [field.name for field in fields(Waiting)], [asdict(one) for one in new])
    return len(new)


def read_waiting(home: Path) -> tuple[Waiting, ...]:
    """The names of ``home`` that no chemist has decided on yet, oldest first."""
    if not (home / QUEUE_FILE).is_file():
        return ()
    decided = {squeeze(one.name) for one in read_decisions(home)}
    queued = (Waiting(**row) for row in read_table(home / QUEUE_FILE))
    return tuple(one for one in queued if squeeze(one.name) not in decided)


def read_decisions(home: Path) -> tuple[Decision, ...]:
    """The decisions kept in ``home``, oldest first."""
    if not (home / OPERATOR_FILE).is_file():
        return ()
    return tuple(
        Decision(
            name=row["name"],
            decision=row["decision"],
            substance_class=row["class"],
            nps=row["nps"] == "yes",
            chemist=row["chemist"],
            decided=row["decided"],
            reason=row["reason"],
        )
        for row in read_table(home / OPERATOR_FILE)
    )


def decide(
    home: Path,
    name: str,
    *,
    accepted: bool,
    chemist: str,
    when: datetime,
    substance_class: str | None = None,
    nps: bool = True,
    reason: str = "",
) -> Decision:
    """The decision, kept in the operator's vocabulary, which the matcher reads at its next start.

    Raises BadInput for a name that does not wait, a class outside the closed list, or a chemist without a name.
    """
    waiting = next((one for one in read_waiting(home) if squeeze(one.name) == squeeze(name)), None)
    if waiting is None:
        raise BadInput(f"{name} does not wait for a decision")
    chosen = substance_class or waiting.substance_class
    if chosen not in CLASSES:
        raise BadInput(f"no class {chosen!r}; one of: {', '.join(CLASSES)}")
    if not chemist.strip():
        raise BadInput("a decision needs the name of the chemist")
    word = "accepted" if accepted else "refused"
    row = {"name": waiting.name, "decision": word, "class": chosen, "nps": "yes" if nps else "no"}
    row |= {"chemist": chemist, "decided": iso(when), "reason": reason}
    _append(home / OPERATOR_FILE, list(row), [row])
    return read_decisions(home)[-1]


def _append(path: Path, header: list[str], rows: list[dict[str, str]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = not path.is_file() or not path.stat().st_size
    with path.open("a", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(
            file, header, delimiter="\t", quoting=csv.QUOTE_NONE, quotechar=None, lineterminator="\n"
        )
        if fresh:
            table.writeheader()
        table.writerows({key: " ".join(value.split()) for key, value in row.items()} for row in rows)
        file.flush()
        os.fsync(file.fileno())
