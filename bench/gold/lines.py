"""Gold and predicted lines as they are on disk, and how two values of them are compared."""

from __future__ import annotations

import json
import re
import unicodedata
from pathlib import Path
from typing import Any

Line = dict[str, Any]

CLASSES = frozenset(
    {
        "synthetic cathinones",
        "synthetic cannabinoids",
        "phenethylamines",
        "tryptamines",
        "fentanyl analogues",
        "nitazenes",
        "designer benzodiazepines",
        "arylcyclohexylamines",
        "aminoindanes",
        "piperazines",
        "plant-based",
        "other NPS",
        "traditional",
    }
)
FORMS = frozenset({"powder", "crystal", "pill", "blotter", "liquid", "herbal", "vape", "patch", "spray", "other"})
CRIMES = frozenset(
    {
        "money_laundering",
        "corruption",
        "human_trafficking",
        "weapons",
        "migrant_smuggling",
        "terrorism",
        "forged_documents",
        "cybercrime",
    }
)
IDENTIFIER_KINDS = frozenset(
    {
        "btc",
        "xmr",
        "eth",
        "ltc",
        "onion",
        "pgp_fingerprints",
        "emails",
        "jabber",
        "telegram",
        "session",
        "wickr",
        "phone",
        "signal",
        "tox",
    }
)
AMOUNTS = ("quantity_g", "volume_ml", "count", "dose_mg")
TOLERANCE = 0.02
PHONE_KINDS = frozenset({"phone", "signal"})
CASE_KEPT = frozenset({"btc", "xmr", "ltc"})


class UnreadableLinesError(ValueError):
    """A gold or predicted file that cannot be scored; raised by `read_lines` and `paired`."""


def read_lines(path: Path) -> list[Line]:
    """Give the objects of a JSON-lines file in order; raise UnreadableLinesError with the line's number."""
    found: list[Line] = []
    for number, text in enumerate(path.read_text(encoding="utf-8").split("\n"), 1):
        if not text.strip():
            continue
        try:
            line = json.loads(text)
        except json.JSONDecodeError as error:
            raise UnreadableLinesError(f"{path}:{number}: {error}") from error
        if not isinstance(line, dict) or "id" not in line:
            raise UnreadableLinesError(f"{path}:{number}: not an object with an id")
        found.append(line)
    return found


def paired(gold: list[Line], predicted: list[Line]) -> list[tuple[Line, Line]]:
    """Give each gold line with the predicted line of its id; raise UnreadableLinesError where the ids differ."""
    answers = {line["id"]: line for line in predicted}
    if len(answers) != len(predicted):
        raise UnreadableLinesError("an id was predicted twice")
    unlike = {line["id"] for line in gold} ^ answers.keys()
    if unlike:
        raise UnreadableLinesError(f"{len(unlike)} ids are in one file only, for instance {min(map(str, unlike))}")
    return [(line, answers[line["id"]]) for line in gold]


def acceptable(expected: Any) -> list[Any]:
    """Give the values any of which is right: the list itself, or the one value in a list."""
    return expected if isinstance(expected, list) else [expected]


def folded(name: str) -> str:
    """Give a name as it is compared: NFKC, no case, single spaces."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def same_number(expected: float | None, answer: Any) -> bool:
    """Tell whether both are absent, or the answer lies within two in a hundred of the expected number."""
    if expected is None or answer is None:
        return expected is None and answer is None
    if isinstance(answer, bool) or not isinstance(answer, int | float):
        return False
    return abs(answer - expected) <= TOLERANCE * abs(expected)


def written_alike(kind: str, identifier: str) -> str:
    """Give an identifier in the one spelling in which it is compared."""
    if kind in PHONE_KINDS:
        return re.sub(r"\D", "", identifier)
    text = re.sub(r"\s", "", identifier)
    if kind in CASE_KEPT and not text.lower().startswith(("bc1", "ltc1")):
        return text
    text = text.casefold()
    if kind == "onion":
        text = re.sub(r"^https?://", "", text).split("/")[0]
    return text.lstrip("@") if kind == "telegram" else text
