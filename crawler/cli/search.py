"""`npswatch search`: an investigator's question at the shell."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from crawler.cli.context import Context, JsonOption, StoreOption, print_json, printable
from crawler.cli.run_words import run_hit


def add_to(app: typer.Typer) -> None:
    """Adds the command."""
    app.command(name="search")(search)


def search(
    context: typer.Context,
    query: Annotated[str, typer.Argument(help="Words, fields and ranges; * for all.")],
    limit: Annotated[int, typer.Option(min=0, max=10_000, help="At most so many hits.")] = 20,
    offset: Annotated[int, typer.Option(min=0, help="Leave out so many hits first, for paging.")] = 0,
    sort: Annotated[str | None, typer.Option(help="A field; with - in front, downwards.")] = None,
    kind: Annotated[str, typer.Option(help="listing, observation, vendor, review, capture or run.")] = "listing",
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """Search the index.

    Examples: `npswatch search 'substance:3-MMC ships_from:NL price_per_gram:<20' --sort price_per_gram`,
    `npswatch search '"next day" AND NOT vendor:harbourlight'`
    """
    from index.opening import open_store

    base: Context = context.obj
    home = open_store(base.store(store))
    try:
        hits = home.search(query, kind=kind, limit=limit, offset=offset, sort=sort)
    finally:
        home.close()
    if as_json:
        print_json({"total": hits.total, "hits": list(hits.bodies)})
        return
    print(f"{hits.total} found" + (f", {len(hits.bodies)} shown" if hits.total > len(hits.bodies) else ""))
    for body in hits.bodies:
        print(printable(hit_line(body)))


def hit_line(body: dict[str, Any]) -> str:
    """A hit in one line for a person."""
    if body.get("kind") == "run":
        return run_hit(body)
    offer = body.get("offer", {})
    substances = ", ".join(each["name"] for each in offer.get("substances", ()))
    gram = offer.get("price_per_gram")
    price = body.get("price")
    route = " → ".join(
        part for part in (place(body.get("ships_from")), " ".join(map(place, body.get("ships_to", ())))) if part
    )
    parts = [
        body["id"][:12],
        body.get("market", ""),
        body.get("title") or body.get("name") or body.get("url", ""),
        substances,
        f"{price['amount']:g} {price['currency']}" if price else "",
        f"{gram['amount']:g} {gram['currency']}/g" if gram else "",
        body.get("vendor", "") if isinstance(body.get("vendor"), str) else "",
        route,
    ]
    return " | ".join(part for part in parts if part)


def place(where: dict[str, Any] | None) -> str:
    """A place in as few letters as it has."""
    return "" if where is None else str(where.get("country") or where["text"])
