"""Our indices on a server: templates from ``config/index``, versioned indices, aliases, the move to a new version."""

from __future__ import annotations

import hashlib
import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import elasticsearch
from elasticsearch import helpers

from crawler.model.sighting import Document
from index.address import DEFAULT_PREFIX
from index.entry import Entry, entry
from index.fields import field_table_digest, kinds

_TEMPLATES = Path(__file__).parent.parent / "config" / "index"
_NUMBER = re.compile(r"-(\d{6})$")
_SCAN_PAGE = 500
_FIRST_ANSWER_SECONDS = 8.0


@cache
def template(kind: str, prefix: str = DEFAULT_PREFIX) -> dict[str, Any]:
    """The index template of a kind for indices of that prefix, its mapping marked with what it was made from."""
    text = (_TEMPLATES / f"{kind}.json").read_text(encoding="utf-8")
    made: dict[str, Any] = json.loads(text)
    made["index_patterns"] = [f"{prefix}-{kind}-*"]
    made["template"]["mappings"]["_meta"] = {"digest": _digest(text)}
    return made


class Indices:
    """The indices of one prefix on one server. Methods raise the client's own errors; the store maps them."""

    def __init__(self, client: elasticsearch.Elasticsearch, prefix: str) -> None:
        self._client = client
        self._prefix = prefix

    def alias(self, kind: str) -> str:
        """The name a kind is read and written under."""
        return f"{self._prefix}-{kind}"

    def all_aliases(self) -> list[str]:
        """The names of all kinds."""
        return [self.alias(kind) for kind in kinds()]

    def kind_of(self, index: str) -> str:
        """The kind an index or alias keeps."""
        return _NUMBER.sub("", index).removeprefix(f"{self._prefix}-")

    def prepare(self) -> None:
        """Every kind has its template, its index and its alias, made with today's fields."""
        present = self._present()
        for kind in kinds():
            index, digest = present.get(kind, (None, None))
            if digest == self._wanted(kind):
                continue
            self._client.indices.put_index_template(name=self.alias(kind), **_arguments(template(kind, self._prefix)))
            if index is None:
                self._create(f"{self.alias(kind)}-000001", kind)
            else:
                self._move(kind, index)

    def _present(self) -> dict[str, tuple[str, str | None]]:
        """Index and digest of each kind that has an alias."""
        names = ",".join(self.all_aliases())
        client = self._client.options(request_timeout=_FIRST_ANSWER_SECONDS)
        answer = client.indices.get_mapping(index=names, ignore_unavailable=True, allow_no_indices=True)
        found = answer.body.items()
        return {self.kind_of(name): (name, made["mappings"].get("_meta", {}).get("digest")) for name, made in found}

    def _wanted(self, kind: str) -> str:
        return str(template(kind, self._prefix)["template"]["mappings"]["_meta"]["digest"])

    def _create(self, index: str, kind: str) -> None:
        """The first index; another process may be making it at this very moment."""
        try:
            self._client.indices.create(index=index, aliases={self.alias(kind): {"is_write_index": True}})
        except elasticsearch.BadRequestError as error:
            if error.error != "resource_already_exists_exception":
                raise

    def _move(self, kind: str, old: str) -> None:
        """The next index, filled from the bodies of the old one, takes its place; a half-filled one is made anew."""
        number = _NUMBER.search(old)
        new = f"{self.alias(kind)}-{int(number[1]) + 1 if number else 1:06d}"
        self._client.indices.add_block(index=old, block="write")
        self._client.indices.delete(index=new, ignore_unavailable=True)
        self._client.indices.create(index=new)
        self._client.indices.refresh(index=old)
        helpers.bulk(self._client, self._copies(kind, old, new))
        self._client.indices.refresh(index=new)
        alias = self.alias(kind)
        self._client.indices.update_aliases(
            actions=[
                {"add": {"index": new, "alias": alias, "is_write_index": True}},
                {"remove_index": {"index": old}},
            ]
        )

    def _copies(self, kind: str, old: str, new: str) -> Any:
        for hit in helpers.scan(self._client, index=old, size=_SCAN_PAGE, _source_excludes=["find"]):
            made = entry(Document(kind=kind, id=hit["_id"], body=hit["_source"]))
            yield {"_index": new, "_id": hit["_id"], "_source": {**hit["_source"], "find": found_by(made)}}


def found_by(made: Entry) -> dict[str, Any]:
    """What the server keeps beside a body: its id, the folded words, the keys it is compared and sorted by."""
    strings = {
        name: [value.key for value in values] for name, values in made.values.items() if isinstance(values[0].key, str)
    }
    return {"id": made.document.id, "text": made.text, "order": strings}


def _digest(text: str) -> str:
    return hashlib.sha256((field_table_digest() + text).encode()).hexdigest()


def _arguments(made: dict[str, Any]) -> dict[str, Any]:
    """A template as the client's named arguments."""
    return {"meta" if name == "_meta" else name: part for name, part in made.items()}
