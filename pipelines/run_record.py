"""The record of a run: what it planned, reached, read and missed, and whether that is good enough."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from config.profiles import Profile
from crawler.model.identity import run_began, stable_id
from crawler.model.plain import iso
from crawler.model.sighting import Document
from pipelines.reconcile import Account

GOOD, DEGRADED, BLIND = "good", "degraded", "blind"
_TOLERATED_FAILURES = 0.02
_TOR = (
    "version", "outages", "outage_seconds", "failures", "renewals", "circuits", "circuit_age", "seconds_a_page",
    "bytes_a_second",
)  # fmt: skip
_MIRRORS = ("failovers", "accepted", "refused")
_PAGE_TYPES = ("listing", "category", "vendor", "feedback", "other")


def run_document(
    stats: Mapping[str, Any], account: Account, *, market: str, run: str, why: str, profile: Profile | None
) -> Document:
    """The run document from the counters of a crawl and its account; ``why`` is the reason Scrapy gave for its end.

    ``verdict`` is good, degraded or blind; a market that answered nothing, or only gates, is blind, whatever else.
    """
    count = _counter(stats)
    gates = {name.rpartition("/")[2]: value for name, value in stats.items() if name.startswith("pages/gate/")}
    read = count("pages/read") - sum(gates.values())
    body: dict[str, Any] = {
        "market": market,
        "run": run,
        "started": iso(stats["start_time"]),
        "ended": iso(stats["finish_time"]),
        "planned": count("frontier/planned") + count("frontier/added") + count("desk/asked"),
        "reached": count("captures/kept"),
        "read": read,
        "new": count("listings/new"),
        "changed": count("listings/changed"),
        "gone": count("listings/gone"),
        "back": count("listings/back"),
        "hidden": count("listings/hidden"),
        "unreached": count("listings/unreached"),
        "failed": count("pages/failed"),
        "gates": gates,
        "pages": count("captures/kept"),
        "page_types": {kind: count(f"pages/type/{kind}") for kind in _PAGE_TYPES},
        "refused": count("guard/refused"),
        "waiting": count("frontier/waiting"),
        "spooled": count("outbox/waiting"),
        "rejected": count("outbox/rejected"),
        "resumed": bool(count("frontier/resumed")),
        "why_ended": why,
        "unchanged": count("captures/unchanged"),
        "forbidden": count("robots/forbidden"),
    }
    of_frontier = ("traps", "why_left", "dead")
    body |= {name: stats[f"frontier/{name}"] for name in of_frontier if stats.get(f"frontier/{name}")}
    if tor := {name: stats[f"tor/{name}"] for name in _TOR if f"tor/{name}" in stats}:
        body["tor"] = tor
    if mirrors := {name: stats[f"mirrors/{name}"] for name in _MIRRORS if f"mirrors/{name}" in stats}:
        body["mirrors"] = mirrors
    body |= account.as_fields()
    if "coverage" in stats:
        body["coverage"] = dict(stats["coverage"])
    walls = sum(n for kind, n in gates.items() if kind != "error") - count("gates/asked_again")
    body["verdict"], body["reasons"] = _verdict(body, profile, walls)
    body["reasons"] += stats.get("tor/refusals", [])
    if account.fault:
        body["verdict"] = BLIND if body["verdict"] == BLIND else DEGRADED
        body["reasons"].append(account.fault)
    return Document(kind="run", id=stable_id("run", market, run), body=body)


def cut_off_document(account: Account, *, market: str, run: str) -> Document:
    """The record of a run whose process died before it could write one, made by the run that went on from there."""
    reasons = ["its process was ended by force; the next run read what it had kept and not read"]
    if account.fault:
        reasons.append(account.fault)
    began = run_began(run)
    body: dict[str, Any] = {"started": iso(began)} if began is not None else {}
    body |= {
        "market": market,
        "run": run,
        "reached": account.captured,
        "pages": account.captured,
        "why_ended": "killed",
        "verdict": DEGRADED,
        "reasons": reasons,
    }
    return Document(kind="run", id=stable_id("run", market, run), body=body | account.as_fields())


def _counter(stats: Mapping[str, Any]) -> Any:
    def count(name: str) -> int:
        return int(stats.get(name, 0))

    return count


def _verdict(body: dict[str, Any], profile: Profile | None, walls: int) -> tuple[str, list[str]]:
    if not body["reached"] and "dead" not in body and "why_left" in body:
        return DEGRADED, [f"nothing was asked for: {body['why_left']}"]
    if body["planned"] and not body["read"]:
        return BLIND, [_blind_reason(body)]
    reasons = [*_failures(body, walls), *_unmet(body, profile)]
    return (DEGRADED if reasons else GOOD), reasons


def _blind_reason(body: dict[str, Any]) -> str:
    if body["gates"]:
        return "only gates answered: " + ", ".join(f"{kind} {n}" for kind, n in sorted(body["gates"].items()))
    return f"nothing answered: {body['failed']} of {body['planned']} pages failed"


def _failures(body: dict[str, Any], walls: int) -> list[str]:
    """What went wrong; ``walls`` counts gates whose pages were not asked for again."""
    reasons = []
    errors = body["gates"].get("error", 0)
    if body["failed"] + errors > _TOLERATED_FAILURES * max(1, body["read"]):
        reasons.append(f"{body['failed'] + errors} pages failed")
    if walls:
        reasons.append(f"{walls} pages were gates")
    if "dead" in body:
        reasons.append("the market stopped answering")
    if body["rejected"]:
        reasons.append(f"the index refused {body['rejected']} documents")
    if body["spooled"]:
        reasons.append(f"{body['spooled']} documents wait for the index")
    if body["why_ended"] != "finished":
        reasons.append(f"ended early: {body['why_ended']}")
    return reasons


def _unmet(body: dict[str, Any], profile: Profile | None) -> list[str]:
    """Minimums hold for a run that read everything: one that only fetched what was due is measured by its failures."""
    if profile is None or body["resumed"] or body["waiting"] or body["read"] < body["planned"] * 0.5:
        return []
    types = body["page_types"]
    seen = {"pages": body["read"], "listings": types["listing"], "vendors": types["vendor"]}
    return [
        f"only {seen[name]} {name}, the profile expects {least}"
        for name, least in sorted(profile.minimums.items())
        if name in seen and body["new"] and seen[name] < least
    ]
