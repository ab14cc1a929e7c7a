"""`npswatch kibana`: data views, saved searches and dashboards for investigators who search in Kibana."""

from __future__ import annotations

import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from crawler.cli.context import Context, JsonOption, StoreOption, print_json
from crawler.model.errors import BadInput

if TYPE_CHECKING:
    from casework.kibana.client import Credentials

PASSWORD_VARIABLE = "NPSWATCH_KIBANA_PASSWORD"  # noqa: S105  # the name of a variable
API_KEY_VARIABLE = "NPSWATCH_KIBANA_API_KEY"


def add_to(app: typer.Typer) -> None:
    """Adds the commands."""
    kibana = typer.Typer(help="Put our views, searches and dashboards into a Kibana.", no_args_is_help=True)
    kibana.command(name="install")(install)
    kibana.command(name="export")(export)
    app.add_typer(kibana, name="kibana")


def install(
    context: typer.Context,
    kibana: Annotated[str, typer.Option(help="Address of a Kibana 9, such as https://kibana.example:5601.")],
    space: Annotated[str, typer.Option(help="The space to put them into; it must exist.")] = "default",
    user: Annotated[
        str | None, typer.Option(help=f"Who signs in; the password is read from {PASSWORD_VARIABLE}.")
    ] = None,
    ca: Annotated[
        Path | None, typer.Option(help="The authority of Kibana's certificate, where the system does not know it.")
    ] = None,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """Put data views, saved searches and dashboards in place; again, they are replaced and nothing is added.

    An API key is read from NPSWATCH_KIBANA_API_KEY. The store's address names the prefix of the indices, where it is
    not npswatch.

    Examples: `npswatch kibana install --kibana http://127.0.0.1:5601`,
    `npswatch kibana install --kibana https://kibana.example:5601 --space nps --user installer`
    """
    from casework.kibana.install import install as put_in_place

    done = put_in_place(kibana, space, _credentials(user), prefix=_prefix(context, store), ca=ca)
    for index in done.empty_views:
        print(f"npswatch: Kibana finds no index {index} yet: it appears with the first crawl", file=sys.stderr)
    if as_json:
        print_json(asdict(done))
        return
    print(f"Kibana {done.version}, space {done.space}: {done.objects['index-pattern']} data views, "
          f"{done.objects['search']} saved searches, {done.objects['dashboard']} dashboards are in place")  # fmt: skip
    for title, link in done.dashboards.items():
        print(f"  {title}  {link}")


def export(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="The NDJSON file to write.")],
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write all objects as NDJSON, to import by hand under Stack Management, Saved Objects.

    Example: `npswatch kibana export npswatch.ndjson`
    """
    from casework.kibana.export import export as write
    from casework.kibana.objects import as_ndjson, saved_objects

    objects = saved_objects(_prefix(context, store))
    written = write(file, as_ndjson(objects))
    if as_json:
        print_json({"file": str(file), "objects": len(objects), "written": written})
    else:
        print(f"{file}: {len(objects)} objects" + ("" if written else ", unchanged"))


def _credentials(user: str | None) -> Credentials:
    from casework.kibana.client import Credentials

    password, api_key = os.environ.get(PASSWORD_VARIABLE), os.environ.get(API_KEY_VARIABLE)
    if user and not password:
        raise BadInput(f"there is no password for {user}: put it into {PASSWORD_VARIABLE}")
    return Credentials(user=user, password=password if user else None, api_key=None if user else api_key)


def _prefix(context: typer.Context, store: str | None) -> str:
    """The prefix of the indices in use; the usual one where the store is a file, which no Kibana can search."""
    from index.address import DEFAULT_PREFIX, ElasticsearchAddress, parse_address

    base: Context = context.obj
    address = parse_address(base.store(store))
    return address.prefix if isinstance(address, ElasticsearchAddress) else DEFAULT_PREFIX
