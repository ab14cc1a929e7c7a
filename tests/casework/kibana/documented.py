"""A real HTTP server that answers as Kibana 9.2 documents it, and notes every call that is not as documented.

Status, statistics, spaces, the saved objects import and the data views: methods, paths, headers, the multipart form,
strictness about attributes, references, conflicts and rights (docs/kibana.md names the sources). It is no Kibana.
"""

from __future__ import annotations

import base64
import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.parser import BytesParser
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

Reply = tuple[int, dict[str, Any]]
_DASHBOARD = {
    "title", "description", "kibanaSavedObjectMeta", "timeRestore", "timeFrom", "timeTo", "refreshInterval",
    "controlGroupInput", "panelsJSON", "optionsJSON", "hits", "version",
}  # fmt: skip
_SEARCH = {
    "title", "description", "columns", "sort", "grid", "rowHeight", "rowsPerPage", "hideChart", "breakdownField",
    "kibanaSavedObjectMeta", "isTextBasedQuery", "usesAdHocDataView", "timeRestore", "timeRange", "refreshInterval",
    "viewMode", "hideAggregatedPreview", "hits", "version", "sampleSize", "headerRowHeight", "visContext", "density",
}  # fmt: skip
_KNOWN_VERSIONS = {"dashboard": (10, 3, 0), "search": (10, 6, 0), "index-pattern": (8, 0, 0)}


@dataclass
class DocumentedKibana:
    """What the server holds, whom it lets in, and what it was asked."""

    address: str = ""
    version: str = "9.2.4"
    level: str = "available"
    tells_status_to_all: bool = True
    base_path: str = ""
    users: dict[str, str] = field(default_factory=dict)
    api_keys: set[str] = field(default_factory=set)
    readers: set[str] = field(default_factory=set)
    spaces: dict[str, dict[tuple[str, str], dict[str, Any]]] = field(default_factory=lambda: {"default": {}})
    origins: dict[tuple[str, str, str], str] = field(default_factory=dict)
    indices: set[str] = field(default_factory=set)
    unwilling: dict[str, dict[str, Any]] = field(default_factory=dict)
    instead: dict[str, tuple[int, dict[str, str], bytes]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def stored(self, space: str = "default") -> dict[tuple[str, str], dict[str, Any]]:
        """The objects of a space by type and id."""
        return self.spaces[space]


@contextmanager
def documented_kibana(tls: ssl.SSLContext | None = None) -> Iterator[DocumentedKibana]:
    """A running server on loopback."""
    state = DocumentedKibana()

    class Handler(_Handler):
        kibana = state

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    state.address = f"{'https' if tls else 'http'}://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    kibana: DocumentedKibana
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.kibana.asked.append(f"{self.command} {self.path}")
        if self.path in self.kibana.instead:
            self._send(*self.kibana.instead[self.path])
            return
        status, answer = self._routed(body)
        self._send(status, {"Content-Type": "application/json; charset=utf-8"}, json.dumps(answer).encode())

    def _send(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _routed(self, body: bytes) -> Reply:
        parts = urlsplit(self.path)
        path = parts.path.removeprefix(self.kibana.base_path)
        if path == "/api/status":
            return self._status()
        user = self._user()
        if user is None:
            return _error(401, "Unauthorized", "[security_exception]: unable to authenticate user")
        space = "default"
        if path.startswith("/s/"):
            _, _, space, path = path.split("/", 3)
            space, path = unquote(space), f"/{path}"
        if self.command == "POST" and "kbn-xsrf" not in self.headers:
            return _error(400, "Bad Request", "Request must contain a kbn-xsrf header.")
        return self._api(path, space, user, parse_qs(parts.query), body)

    def _api(self, path: str, space: str, user: str, query: dict[str, list[str]], body: bytes) -> Reply:
        match path.split("/")[2:]:
            case ["stats"] if self.command == "GET":
                return 200, {"kibana": {"name": "kibana", "version": self.kibana.version, "status": "green"}}
            case ["spaces", "space", name] if self.command == "GET":
                return self._space(unquote(name), user)
            case ["saved_objects", "_import"] if self.command == "POST":
                return self._import(space, user, query, body)
            case ["data_views", "data_view", id_] if self.command == "GET":
                return self._data_view(space, unquote(id_))
        self.kibana.faults.append(f"no such call: {self.command} {self.path}")
        return _error(404, "Not Found", "Not Found")

    def _status(self) -> Reply:
        overall = {"status": {"overall": {"level": self.kibana.level, "summary": "said here"}}}
        status = 200 if self.kibana.level in ("available", "degraded") else 503
        if self.headers.get("Authorization") and self._user() is None:
            return _error(401, "Unauthorized", "[security_exception]: unable to authenticate user")
        if not self.kibana.tells_status_to_all and not self.headers.get("Authorization"):
            return status, {"status": {"overall": {"level": self.kibana.level}}}
        return status, {"name": "kibana", "version": {"number": self.kibana.version, "build_snapshot": False}} | overall

    def _user(self) -> str | None:
        scheme, _, secret = self.headers.get("Authorization", "").partition(" ")
        if scheme == "ApiKey" and secret in self.kibana.api_keys:
            return secret
        if scheme == "Basic":
            user, _, password = base64.b64decode(secret).decode().partition(":")
            return user if self.kibana.users.get(user) == password else None
        secured = self.kibana.users or self.kibana.api_keys
        return None if secured or scheme else "anybody"

    def _space(self, name: str, user: str) -> Reply:
        if user in self.kibana.readers:
            return _error(403, "Forbidden", f"Unauthorized to get {name} space")
        if name not in self.kibana.spaces:
            return _error(404, "Not Found", "Not Found")
        return 200, {"id": name, "name": name, "disabledFeatures": []}

    def _data_view(self, space: str, id_: str) -> Reply:
        found = self.kibana.spaces.get(space, {}).get(("index-pattern", id_))
        if found is None:
            return _error(404, "Not Found", f"Saved object [index-pattern/{id_}] not found")
        there = found["attributes"]["title"] in self.kibana.indices
        fields = {found["attributes"]["timeFieldName"]: {"type": "date", "aggregatable": True}} if there else {}
        return 200, {"data_view": {"id": id_, "title": found["attributes"]["title"], "fields": fields}}

    def _import(self, space: str, user: str, query: dict[str, list[str]], body: bytes) -> Reply:
        if user in self.kibana.readers:
            return _error(403, "Forbidden", "Unable to bulk_create dashboard,index-pattern,search")
        if set(query) - {"overwrite", "createNewCopies", "compatibilityMode"}:
            return _error(400, "Bad Request", f"[request query]: unknown {sorted(query)}")
        name, content = self._file(body)
        if not name.endswith(".ndjson"):
            return _error(400, "Bad Request", f"Invalid file extension {name}")
        objects = [json.loads(line) for line in content.decode().splitlines() if line]
        return 200, self._imported(space, objects, overwrite=query.get("overwrite") == ["true"])

    def _file(self, body: bytes) -> tuple[str, bytes]:
        header = f"Content-Type: {self.headers['Content-Type']}\r\n\r\n".encode()
        form = BytesParser(policy=HTTP).parsebytes(header + body)
        parts = list(form.iter_parts())
        if form.get_content_type() != "multipart/form-data" or len(parts) != 1:
            self.kibana.faults.append(f"the form has {len(parts)} parts and is {form.get_content_type()}")
            return "", b""
        field_name = parts[0].get_param("name", header="content-disposition")
        if field_name != "file":
            self.kibana.faults.append(f"the file stands in {field_name}")
        content = parts[0].get_payload(decode=True)
        assert isinstance(content, bytes)
        return str(parts[0].get_filename()), content

    def _imported(self, space: str, objects: list[dict[str, Any]], *, overwrite: bool) -> dict[str, Any]:
        stored = self.kibana.spaces[space]
        coming = {(each["type"], each["id"]) for each in objects}
        results: list[dict[str, Any]] = []
        errors: list[dict[str, Any]] = []
        for each in objects:
            wrong = self._wrong_with(each, coming | set(stored)) or self._conflict(each, stored, overwrite=overwrite)
            said = {"type": each["type"], "id": each["id"], "meta": {"title": each["attributes"]["title"]}}
            if wrong:
                errors.append(said | {"error": wrong})
                continue
            there = self._id_there(space, each)
            stored[each["type"], there] = each
            renamed = {"destinationId": there} if there != each["id"] else {}
            results.append(said | {"managed": False, "overwrite": overwrite} | renamed)
        answer = {"success": not errors, "successCount": len(results), "warnings": [], "successResults": results}
        return answer | ({"errors": errors} if errors else {})

    def _id_there(self, space: str, each: dict[str, Any]) -> str:
        """An id another space already holds is given anew there, and found again by its origin."""
        taken = any((each["type"], each["id"]) in held for name, held in self.kibana.spaces.items() if name != space)
        if not taken:
            return str(each["id"])
        return self.kibana.origins.setdefault((space, each["type"], each["id"]), f"new-{len(self.kibana.origins)}")

    def _wrong_with(self, each: dict[str, Any], known: set[tuple[str, str]]) -> dict[str, Any] | None:
        if each["id"] in self.kibana.unwilling:
            return self.kibana.unwilling[each["id"]]
        if each["type"] not in _KNOWN_VERSIONS:
            return {"type": "unsupported_type"}
        missing = [
            {"type": to["type"], "id": to["id"]}
            for to in each["references"]
            if to["type"] in ("index-pattern", "search") and (to["type"], to["id"]) not in known
        ]
        if missing:
            return {"type": "missing_references", "references": missing}
        message = _unlike_the_schema(each)
        return {"type": "unknown", "message": message, "statusCode": 400} if message else None

    def _conflict(
        self, each: dict[str, Any], stored: dict[tuple[str, str], dict[str, Any]], *, overwrite: bool
    ) -> dict[str, Any] | None:
        return {"type": "conflict"} if (each["type"], each["id"]) in stored and not overwrite else None

    def log_message(self, *_: Any) -> None:
        return


def _unlike_the_schema(each: dict[str, Any]) -> str | None:
    """What Kibana's own attribute schemas (dashboard version 2, search version 5) would say."""
    version = tuple(int(part) for part in each["typeMigrationVersion"].split("."))
    if version > _KNOWN_VERSIONS[each["type"]]:
        return f"Document belongs to a more recent version of Kibana [{each['typeMigrationVersion']}]"
    allowed = {"dashboard": _DASHBOARD, "search": _SEARCH}.get(each["type"], set(each["attributes"]))
    unknown = set(each["attributes"]) - allowed
    return f"[attributes.{min(unknown)}]: definition for this key is missing" if unknown else None


def _error(status: int, error: str, message: str) -> Reply:
    return status, {"statusCode": status, "error": error, "message": message}
