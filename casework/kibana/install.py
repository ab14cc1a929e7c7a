"""Our objects put into a Kibana through its own APIs; doing it again replaces them and adds nothing."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from casework.kibana.client import DEFAULT_SPACE, Answer, Credentials, Kibana, KibanaRefused
from casework.kibana.objects import SavedObject, as_ndjson, saved_objects
from crawler.model.errors import BadResult
from index.address import DEFAULT_PREFIX

MAJOR_VERSION = 9
_FILE_NAME = "npswatch.ndjson"
_OK = 200
_NOT_SIGNED_IN, _FORBIDDEN, _NOT_FOUND = 401, 403, 404
_UNAVAILABLE = 503
_ELSEWHERE = (301, 302, 303, 307, 308)


@dataclass(frozen=True, kw_only=True, slots=True)
class Installed:
    """What is in place: the Kibana's version, the objects' number by type, links to the dashboards.

    ``empty_views`` are data views Kibana finds no documents' fields for yet: their index is not there.
    """

    version: str
    space: str
    objects: dict[str, int]
    dashboards: dict[str, str]
    empty_views: tuple[str, ...]


def install(
    kibana_url: str,
    space: str,
    credentials: Credentials,
    *,
    prefix: str = DEFAULT_PREFIX,
    ca: Path | None = None,
) -> Installed:
    """What was put in place over the indices of that prefix.

    Raises BadInput for a wrong address, KibanaRefused where Kibana is not there, not ours or lets us not in, and
    BadResult naming every object it did not take.
    """
    kibana = Kibana(kibana_url, space=space, credentials=credentials, ca=ca)
    version = _checked_version(kibana)
    _check_space(kibana)
    objects = saved_objects(prefix)
    placed = _import(kibana, objects)
    return Installed(
        version=version,
        space=space,
        objects=_numbers(objects),
        dashboards=_links(kibana, objects, placed),
        empty_views=_empty_views(kibana, objects, placed),
    )


def _checked_version(kibana: Kibana) -> str:
    """The version, as the status tells it to who may ask; where it tells less, as the statistics do."""
    answer = kibana.get("/api/status")
    _check_rights(kibana, answer)
    level = _inner(answer.body, "status", "overall", "level")
    if answer.status == _UNAVAILABLE:
        raise KibanaRefused(f"Kibana at {kibana.url} is not ready ({level or 'starting'}): try again in a minute")
    if answer.status in _ELSEWHERE:
        raise KibanaRefused(f"{kibana.url} leads elsewhere ({answer.status}): give Kibana's own address, base path too")
    if answer.status != _OK or level is None:
        raise KibanaRefused(f"what answers at {kibana.url} is no Kibana (it answers {answer.status})")
    version = _inner(answer.body, "version", "number") or _version_in_statistics(kibana)
    if version.split(".")[0] != str(MAJOR_VERSION):
        raise KibanaRefused(f"Kibana at {kibana.url} is version {version}; the objects are for {MAJOR_VERSION}.x")
    return version


def _version_in_statistics(kibana: Kibana) -> str:
    answer = kibana.get("/api/stats")
    _check_rights(kibana, answer)
    version = _inner(answer.body, "kibana", "version")
    if version is None:
        raise KibanaRefused(f"Kibana at {kibana.url} does not tell its version ({answer.message()})")
    return version


def _check_space(kibana: Kibana) -> None:
    if kibana.space == DEFAULT_SPACE:
        return
    answer = kibana.get(f"/api/spaces/space/{quote(kibana.space, safe='')}")
    _check_rights(kibana, answer)
    if answer.status == _NOT_FOUND:
        raise KibanaRefused(f"Kibana at {kibana.url} has no space {kibana.space}: make it first, or name another")
    if answer.status != _OK:
        raise KibanaRefused(f"Kibana at {kibana.url} does not tell of the space {kibana.space}: {answer.message()}")


def _import(kibana: Kibana, objects: list[SavedObject]) -> dict[tuple[str, str], str]:
    """The ids the objects have in that Kibana: our own, unless another space of it holds the same ones."""
    path = kibana.in_space("/api/saved_objects/_import?overwrite=true")
    answer = kibana.send_file(path, _FILE_NAME, as_ndjson(objects))
    _check_rights(kibana, answer)
    if answer.status != _OK or answer.body is None:
        raise KibanaRefused(f"Kibana at {kibana.url} refuses the import: {answer.message()}")
    _check_taken(answer.body, objects)
    results = answer.body.get("successResults") or []
    return {(each["type"], each["id"]): str(each.get("destinationId") or each["id"]) for each in results}


def _check_taken(body: dict[str, Any], objects: list[SavedObject]) -> None:
    refused = [_refusal(each) for each in body.get("errors") or []]
    taken = body.get("successCount", 0)
    if body.get("success") is True and not refused and taken == len(objects):
        return
    reasons = "; ".join(refused) or "it does not say why"
    raise BadResult(f"Kibana took {taken} of {len(objects)} objects: {reasons}")


def _refusal(error: dict[str, Any]) -> str:
    why = error.get("error") or {}
    words = [str(why.get("type", "unknown"))]
    words += [f"{each.get('type')} {each.get('id')}" for each in why.get("references") or []]
    words += [str(why[name]) for name in ("message", "destinationId") if why.get(name)]
    return f"{error.get('type')} {error.get('id')}: {', '.join(words)}"


def _empty_views(kibana: Kibana, objects: list[SavedObject], placed: dict[tuple[str, str], str]) -> tuple[str, ...]:
    """The indices of those data views whose time field Kibana does not find."""
    return tuple(
        each["attributes"]["title"]
        for each in objects
        if each["type"] == "index-pattern" and not _has_its_time(kibana, each, placed)
    )


def _has_its_time(kibana: Kibana, view: SavedObject, placed: dict[tuple[str, str], str]) -> bool:
    id_ = quote(_id_there(view, placed), safe="")
    answer = kibana.get(kibana.in_space(f"/api/data_views/data_view/{id_}"))
    fields = (answer.body or {}).get("data_view", {}).get("fields", {})
    return answer.status == _OK and view["attributes"]["timeFieldName"] in fields


def _check_rights(kibana: Kibana, answer: Answer) -> None:
    if answer.status == _NOT_SIGNED_IN:
        raise KibanaRefused(f"Kibana at {kibana.url} does not let this user in: check user and password, or API key")
    if answer.status == _FORBIDDEN:
        raise KibanaRefused(
            f"this user may not put objects into the space {kibana.space} of Kibana at {kibana.url}: "
            f"it needs all rights on saved objects there ({answer.message()})"
        )


def _links(kibana: Kibana, objects: list[SavedObject], placed: dict[tuple[str, str], str]) -> dict[str, str]:
    return {
        each["attributes"]["title"]: kibana.url + kibana.in_space(f"/app/dashboards#/view/{_id_there(each, placed)}")
        for each in objects
        if each["type"] == "dashboard"
    }


def _id_there(each: SavedObject, placed: dict[tuple[str, str], str]) -> str:
    own = str(each["id"])
    return placed.get((str(each["type"]), own), own)


def _numbers(objects: list[SavedObject]) -> dict[str, int]:
    types = [each["type"] for each in objects]
    return {type_: types.count(type_) for type_ in dict.fromkeys(types)}


def _inner(body: dict[str, Any] | None, *names: str) -> str | None:
    """A string inside of objects; None where it is not there."""
    value: Any = body
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value if isinstance(value, str) else None
