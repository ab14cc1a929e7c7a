from __future__ import annotations

import hashlib
import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from casework.page.headers import headers
from casework.page.server import serve_page
from crawler.model.errors import BadInput, StoreUnavailable
from index.opening import open_store
from index.store import Store
from tests.casework.page.made_market import listing_id
from tests.casework.page.served import ask, served

_PAGE = Path(__file__).parents[3] / "casework" / "page"
_PATHS = (
    "/",
    "/?q=(",
    "/none",
    "/runs",
    "/static/page.css",
    "/static/none.js",
    f"/listing/{listing_id(0)}",
    "/?page=x",
)


@pytest.mark.parametrize("path", _PATHS)
def test_every_response_has_the_headers(page_address: str, path: str) -> None:
    answer = ask(page_address + path)
    kept = {"cache-control": "private, max-age=31536000, immutable"} if path == "/static/page.css" else {}
    assert {name: answer.headers.get(name) for name in headers()} == {**headers(), **kept}
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "server" not in answer.headers


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:80", "", "[::2]"])
def test_a_name_that_was_made_to_resolve_here_gets_nothing(page_address: str, host: str) -> None:
    answer = ask(page_address + "/", {"Host": host})
    assert answer.status == 421
    assert "3-MMC" not in answer.text
    assert answer.headers["content-security-policy"] == headers()["content-security-policy"]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "LOCALHOST:8765", "[::1]", "[::1]:8765"])
def test_loopback_names_are_answered(page_address: str, host: str) -> None:
    assert ask(page_address + "/runs", {"Host": host}).status == 200


def test_another_site_may_link_here_but_not_load_from_here(page_address: str) -> None:
    from_elsewhere = {"Sec-Fetch-Site": "cross-site"}
    assert ask(page_address + "/", from_elsewhere | {"Sec-Fetch-Mode": "no-cors"}).status == 403
    framed = from_elsewhere | {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"}
    assert ask(page_address + "/", framed).status == 403
    followed = from_elsewhere | {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    assert ask(page_address + "/", followed).status == 200


@pytest.mark.parametrize("path", ["/static/../server.py", "/static/%2e%2e/server.py", "/static/..%2f..%2f__init__.py"])
def test_nothing_outside_the_static_files_is_served(page_address: str, path: str) -> None:
    assert ask(page_address + path).status == 404


def test_only_reading_is_answered(page_address: str) -> None:
    assert ask(page_address + "/", method="HEAD").status == 200
    assert ask(page_address + "/", {"Origin": page_address}, method="POST").status == 405
    assert ask(page_address + "/", method="POST").status == 403
    assert ask(page_address + "/docs").status == 404
    assert ask(page_address + "/openapi.json").status == 404


def test_an_index_that_goes_away_is_named_and_the_page_stays(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path}/index.db")
    with served(store, tmp_path) as address:
        assert ask(address + "/").status == 200
        store.close()
        (tmp_path / "index.db").write_bytes(b"no index any more" * 500)
        for side_file in tmp_path.glob("index.db-*"):
            side_file.unlink()
        answer = ask(address + "/")
        assert answer.status == 503
        assert "index.db cannot be used" in answer.words
        assert answer.headers["content-security-policy"] == headers()["content-security-policy"]


class _Broken:
    def __getattr__(self, name: str) -> Store:
        raise RuntimeError("a fault of ours, with <b>secrets</b>")


def test_a_fault_of_ours_shows_no_insides_and_has_the_headers(tmp_path: Path) -> None:
    with served(_Broken(), tmp_path) as address:  # type: ignore[arg-type]
        answer = ask(address + "/")
    assert answer.status == 500
    assert "secrets" not in answer.text
    assert answer.headers["content-security-policy"] == headers()["content-security-policy"]


def test_a_port_that_is_taken_is_named_with_what_to_do(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(BadInput, match=rf"port {port} is taken; name another with --port"):
            serve_page(f"sqlite:///{tmp_path}/index.db", tmp_path, port)
    with pytest.raises(BadInput, match="--port takes 0 to 65535"):
        serve_page(f"sqlite:///{tmp_path}/index.db", tmp_path, 70000)


def test_a_store_that_cannot_be_reached_frees_the_port(tmp_path: Path) -> None:
    (tmp_path / "index.db").write_text("no index " * 200)
    with pytest.raises(StoreUnavailable, match=r"index\.db"):
        serve_page(f"sqlite:///{tmp_path}/index.db", tmp_path, 0)


_SERVE = """
import sys
from pathlib import Path
from casework.page.server import serve_page
serve_page(f"sqlite:///{sys.argv[1]}/index.db", Path(sys.argv[1]), 0, ready=lambda a: print(a, flush=True))
print("ended", flush=True)
"""


def test_the_page_runs_until_ctrl_c_and_listens_on_loopback_only(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", _SERVE, str(tmp_path)], stdout=subprocess.PIPE, text=True, cwd=_PAGE.parents[1]
    )
    try:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/", address)
        assert ask(address).status == 200
        listening = Path(f"/proc/{process.pid}/net/tcp").read_text()
        port = f":{int(address.rstrip('/').rpartition(':')[2]):04X} "
        hosts = {line.split()[1] for line in listening.splitlines()[1:] if port in line.split()[1] + " "}
        assert hosts == {f"0100007F{port.strip()}"}
        os.kill(process.pid, signal.SIGINT)
        assert process.stdout.read() == "ended\n"
        assert process.wait(timeout=10) == 0
    finally:
        process.kill()
        process.wait()


def test_starting_the_command_line_does_not_import_the_web_framework() -> None:
    code = "import sys, casework.page.server; print([n for n in ('fastapi', 'uvicorn', 'jinja2') if n in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=_PAGE.parents[1], check=True
    )
    assert done.stdout == "[]\n"


def test_vendored_files_are_those_of_their_packages() -> None:
    folder = _PAGE / "static" / "vendored"
    table = re.findall(r"^\| `([^`]+)` \|.*`([0-9a-f]{64})` \|$", (folder / "README.md").read_text(), re.MULTILINE)
    assert {name for name, _ in table} == {each.name for each in folder.iterdir() if each.suffix in (".js", ".css")}
    for name, digest in table:
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest, name
