"""Which invented sites there are and which of them are held out."""

from importlib import import_module
from inspect import isclass

from bench.sites.site import Site

MODULES = (
    "harbourlane",
    "oldbazaar",
    "zakladka",
    "soyka",
    "oqbozor",
    "dala",
    "kohestan",
    "apotheke",
    "rcgarden",
    "lumen",
    "ledger",
    "saltmarsh",
    "zaimka",
    "taverna",
)
HELD_OUT = frozenset({"saltmarsh", "taverna"})
"""Never looked at while a reader is tuned: figures on these are published beside the others."""


def all_sites() -> dict[str, type[Site]]:
    """All sites by name, in the order of the README."""
    return {name: site_of(name) for name in MODULES}


def site_of(name: str) -> type[Site]:
    """The site that a module defines; its name is the module's."""
    module = import_module(f"bench.sites.{name}")
    found = [v for v in vars(module).values() if isclass(v) and issubclass(v, Site) and v.__module__ == module.__name__]
    return found[0]
