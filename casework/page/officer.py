"""Who works at the page: the name that stands in its forms until somebody writes another."""

from __future__ import annotations

import getpass
import os
from dataclasses import dataclass

OFFICER_VARIABLE = "NPSWATCH_OFFICER"


@dataclass(slots=True)
class Desk:
    """The officer's name as it stands in the next form; empty where nobody said it."""

    officer: str


def desk_of_this_user() -> Desk:
    """The desk of NPSWATCH_OFFICER, else of the computer's user."""
    return Desk(os.environ.get(OFFICER_VARIABLE) or _user())


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return ""  # a container's user may have no name: the form asks for one
