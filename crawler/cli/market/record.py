"""`npswatch market record`: pages kept as cases, scrubbed, with what they say."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

import typer

from config.profiles import Profile, check_name, read_profiles
from crawler.cli.context import JsonOption, print_json
from crawler.cli.market.cases import cases_folder, read_as_case
from crawler.cli.market.scrub import HOST, Scrubber, left_behind
from crawler.model.errors import BadInput


def add_to(app: typer.Typer) -> None:
    """Adds the command."""
    app.command(name="record")(record)


def record(
    market: Annotated[str, typer.Argument(help="The market whose profile reads the pages.")],
    paths: Annotated[list[Path], typer.Argument(help="Saved pages, folders of them, WARC or WACZ files.")],
    base_url: Annotated[str | None, typer.Option(help="The address the saved page came from.")] = None,
    hide: Annotated[list[str] | None, typer.Option(help="A further word to replace: the account that looked.")] = None,
    only: Annotated[str | None, typer.Option(help="Of an archive, only pages whose address holds these words.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Keep pages as cases that `npswatch market check` reads again.

    Addresses, keys, wallets, names of vendors and buyers, tokens, comments and scripts are taken out first. What the
    scrubbed page says is written beside it as JSON: look at it, and correct it where the reader is wrong.

    Examples: `npswatch market record harbour saved/listing.html --hide myaccount`,
    `npswatch market record harbour run.warc.gz --only /item/12`
    """
    check_name(market)
    profile = read_profiles().get(market)
    if profile is None:
        raise BadInput(f"no profile {market}; draft one with npswatch market new {market} --from PAGES")
    folder, scrubber = cases_folder(market), Scrubber(hidden=tuple(hide or ()))
    written = [_record(page, profile, folder, scrubber) for page in _pages(paths, base_url, only)]
    if not written:
        raise BadInput(f"{', '.join(map(str, paths))}: no page in it to record")
    for path, said in written:
        print_json({"case": str(path), "page_type": said["page_type"]}) if as_json else print(
            f"{path}: {said['page_type']}, {_summary(said)}"
        )
    if not as_json:
        print(f"next: look at the JSON, correct what is wrong, then npswatch market check {market}")


def _pages(paths: list[Path], base_url: str | None, only: str | None) -> list[Any]:
    from evidence.replay import files_below, pages_in

    pages = [page for file in files_below(paths) for page in pages_in(file, base_url)]
    return [page for page in pages if only is None or only in (page.received.url or page.path)]


def _record(page: Any, profile: Profile, folder: Path, scrubber: Scrubber) -> tuple[Path, dict[str, Any]]:
    from pipelines.understanding import start_sighting, understand
    from spiders.reader import read_page
    from spiders.reader.decode import decode

    received = page.received
    raw = read_page(received, profile=profile)
    understood = understand(start_sighting(raw, market="", url=received.url or "")).page
    text = scrubber.scrub(decode(received.body, received.content_type), raw, understood)
    if left := left_behind(text):
        raise BadInput(f"{page.path}: cannot be scrubbed, it still holds {left[0]}; name it with --hide WORD")
    url = _scrubbed_address(received.url, scrubber, raw, understood)
    body = text.encode("utf-8", "replace")
    said = read_as_case(body, url, profile)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{said.get('gate') or said['page_type']}-{hashlib.sha256(body).hexdigest()[:8]}.html"
    path.write_bytes(body)
    path.with_suffix(".json").write_text(json.dumps(said, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return path, said


def _scrubbed_address(url: str | None, scrubber: Scrubber, raw: Any, page: Any) -> str | None:
    if url is None:
        return None
    parts = urlsplit(scrubber.scrub(url, raw, page))
    return parts._replace(scheme="http", netloc=HOST).geturl()


def _summary(said: dict[str, Any]) -> str:
    part = said.get("listing") or said.get("vendor") or {}
    if part:
        return f"{len(part)} fields: {', '.join(part)}"
    return f"{len(said.get('listings', ()))} cards" if "listings" in said else str(said.get("gate", "nothing else"))
