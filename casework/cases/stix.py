"""A case as a STIX 2.1 bundle: offers as observed data, vendors as hypotheses, the same ids each time."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from casework.cases.case import Case, Snapshot
from casework.cases.evidence_files import NAMESPACE, Evidence, EvidenceRow
from casework.cases.handling import handling_named
from casework.cases.spreadsheets import writable

EXTENSION = f"extension-definition--{uuid.uuid5(NAMESPACE, 'nps-market-offer 1.0')}"
PRODUCER = f"identity--{uuid.uuid5(NAMESPACE, 'npswatch')}"
SCHEMA_FILE = Path(__file__).with_name("offer_extension.schema.json")
_TLP_EXTENSION = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d"
_TLP_CREATED = "2022-10-01T00:00:00.000Z"
_OURS_SINCE = "2026-01-01T00:00:00.000Z"
_EXTENSION_VERSION = "1.0.0"
_OFFER_FIELDS = ("substances", "quantity_g", "volume_ml", "count", "dose_mg", "form", "price_per_gram")
_LISTING_FIELDS = ("listing_id", "title", "price", "ships_from", "ships_to", "delivery", "identifiers", "linked_crimes")
_HYPOTHESIS = (
    "A name that sells on a market, as its pages show it. That one person or group stands behind it, and who, "
    "is a hypothesis until somebody confirms it."
)


def bundle_text(case: Case, evidence: Evidence) -> str:
    """The bundle as JSON; the same case gives the same text."""
    import stix2

    objects = _Objects(case=case, evidence={row.capture: row for row in evidence.rows})
    objects.add_producer()
    for vendor in case.latest("vendor"):
        objects.add_vendor(vendor)
    for listing in case.named("listing"):
        objects.add_listing(listing)
    objects.add_report()
    bundle = stix2.v21.Bundle(id=f"bundle--{objects.named('bundle')}", objects=objects.all, allow_custom=True)
    return str(bundle.serialize(indent=1, ensure_ascii=False)) + "\n"


@dataclass(kw_only=True, slots=True)
class _Objects:
    """The objects of a bundle by id, each made once."""

    case: Case
    evidence: Mapping[str, EvidenceRow]
    made: dict[str, Any] = field(default_factory=dict)

    @property
    def all(self) -> list[Any]:
        return list(self.made.values())

    def named(self, *words: str) -> uuid.UUID:
        """The id of something of this case."""
        return uuid.uuid5(NAMESPACE, "\x1f".join(("case", self.case.number, *words)))

    def add_producer(self) -> None:
        """Who says it, how it may be handed on, and what our own properties mean."""
        import stix2

        handling = handling_named(self.case.handling)
        self._keep(
            stix2.v21.MarkingDefinition(
                id=handling.marking,
                created=_TLP_CREATED,
                name=handling.code,
                extensions={_TLP_EXTENSION: {"extension_type": "property-extension", "tlp_2_0": handling.level}},
                allow_custom=True,
            )
        )
        ours = {"created": _OURS_SINCE, "modified": _OURS_SINCE}
        self._keep(stix2.v21.Identity(id=PRODUCER, name="npswatch", identity_class="system", **ours))
        self._keep(
            stix2.v21.ExtensionDefinition(
                id=EXTENSION,
                created_by_ref=PRODUCER,
                name="NPS market offer",
                description="What a listing of a market offers, and the capture it was read from.",
                schema=json.dumps(json.loads(SCHEMA_FILE.read_text(encoding="utf-8")), separators=(",", ":")),
                version=_EXTENSION_VERSION,
                extension_types=["property-extension"],
                **ours,
            )
        )

    def add_vendor(self, vendor: Snapshot) -> None:
        """A vendor whose page was read: the hypothesis with what the page says of it."""
        body = vendor.body
        name = writable(str(body.get("name") or body.get("url") or vendor.id))
        references = [{"source_name": "pgp", "external_id": each} for each in body.get("pgp_fingerprints") or ()]
        for kind, values in sorted((body.get("identifiers") or {}).items()):
            references += [{"source_name": kind, "external_id": writable(each)} for each in values]
        said: dict[str, Any] = {"external_references": references} if references else {}
        self._actor(str(body["market"]), name, said | _seen(body))

    def add_listing(self, listing: Snapshot) -> None:
        """A listing as observed data over its address, its vendor's account and the e-mail addresses it names."""
        import stix2

        body = listing.body
        url = self._fact("URL", value=writable(str(body["url"])))
        observed = [url]
        market = self._market(str(body["market"]), str(body["url"]))
        if body.get("vendor"):
            name = writable(str(body["vendor"]))
            actor = self._actor(str(body["market"]), name, {})
            account = self._account(str(body["market"]), name)
            observed.append(account)
            self._relate(actor, "uses", market)
            self._relate(actor, "related-to", account)
        for address in (body.get("identifiers") or {}).get("emails") or ():
            observed.append(self._fact("EmailAddress", value=writable(address)))
        self._keep(
            stix2.v21.ObservedData(
                id=f"observed-data--{self.named('listing', listing.id)}",
                first_observed=body.get("first_seen") or self.case.created,
                last_observed=body.get("last_seen") or self.case.created,
                number_observed=max(1, int(body.get("times_seen") or 1)),
                object_refs=list(dict.fromkeys(observed)),
                extensions={EXTENSION: self._offer(body)},
                allow_custom=True,
                **self._common(),
            )
        )

    def add_report(self) -> None:
        """The report that holds all of it together."""
        import stix2

        references = [id_ for id_ in self.made if not id_.startswith(("marking-definition--", EXTENSION))]
        self._keep(
            stix2.v21.Report(
                id=f"report--{self.named('report')}",
                name=f"{self.case.number}: {self.case.title}",
                report_types=["observed-data"],
                published=self.case.changed,
                object_refs=references,
                **self._common(),
            )
        )

    def _market(self, market: str, url: str) -> str:
        import stix2

        id_ = f"infrastructure--{self.named('market', market)}"
        if id_ not in self.made:
            self._keep(
                stix2.v21.Infrastructure(
                    id=id_, name=writable(market), description="A market that offers drugs.", **self._common()
                )
            )
        host = urlsplit(url).hostname
        if host:
            self._relate(id_, "consists-of", self._fact("DomainName", value=writable(host)))
        return id_

    def _actor(self, market: str, name: str, said: Mapping[str, Any]) -> str:
        import stix2

        id_ = f"threat-actor--{self.named('vendor', market, name.casefold())}"
        if id_ not in self.made:
            description = f"{_HYPOTHESIS} Market: {writable(market)}."
            common = self._common() | {"labels": ["hypothesis", "vendor"]}
            self._keep(
                stix2.v21.ThreatActor(
                    id=id_, name=name, description=description, threat_actor_types=["unknown"], **common, **said
                )
            )
        return id_

    def _account(self, market: str, name: str) -> str:
        return self._fact("UserAccount", user_id=f"{name}@{writable(market)}", account_login=name, display_name=name)

    def _fact(self, kind: str, **said: Any) -> str:
        """The id of an observable, which depends by the standard on what it says alone."""
        import stix2

        made = getattr(stix2.v21, kind)(**said, object_marking_refs=[handling_named(self.case.handling).marking])
        self._keep(made)
        return str(made.id)

    def _relate(self, source: str, how: str, target: str) -> None:
        import stix2

        id_ = f"relationship--{self.named('relationship', source, how, target)}"
        if id_ not in self.made:
            self._keep(
                stix2.v21.Relationship(
                    id=id_, relationship_type=how, source_ref=source, target_ref=target, **self._common()
                )
            )

    def _common(self) -> dict[str, Any]:
        return {
            "created_by_ref": PRODUCER,
            "created": self.case.created,
            "modified": self.case.changed,
            "object_marking_refs": [handling_named(self.case.handling).marking],
        }

    def _keep(self, made: Any) -> None:
        self.made[str(made.id)] = made

    def _offer(self, body: Mapping[str, Any]) -> dict[str, Any]:
        offer = body.get("offer") or {}
        said = {name: offer[name] for name in _OFFER_FIELDS if name in offer}
        said |= {name: body[name] for name in _LISTING_FIELDS if name in body}
        row = self.evidence.get(str(body.get("capture", "")))
        if row is not None:
            said["capture"] = {
                "id": row.capture,
                "time": row.time,
                "payload_digest": row.payload_digest,
                "record_id": row.record_id,
                "file": row.file,
            }
        written: dict[str, Any] = _writable(said)
        return {"extension_type": "property-extension", "market": writable(str(body["market"])), **written}


def _seen(body: Mapping[str, Any]) -> dict[str, Any]:
    return {name: body[name] for name in ("first_seen", "last_seen") if body.get(name)}


def _writable(value: Any) -> Any:
    if isinstance(value, str):
        return writable(value)
    if isinstance(value, Mapping):
        return {name: _writable(member) for name, member in value.items()}
    return [_writable(member) for member in value] if isinstance(value, Iterable) else value
