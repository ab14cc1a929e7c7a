"""Scores of `npswatch label`: python -m bench.gold.score GOLD.jsonl PREDICTED.jsonl [--show FIELD]."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from math import sqrt
from pathlib import Path

from bench.gold.lines import (
    AMOUNTS,
    Line,
    UnreadableLinesError,
    acceptable,
    folded,
    paired,
    read_lines,
    same_number,
    written_alike,
)

Z95 = 1.959964
UNKNOWN_LANGUAGE = "und"


@dataclass(kw_only=True, slots=True)
class Tally:
    """How often something was right out of how many, and the lines on which it was not."""

    right: float = 0
    of: float = 0
    misses: list[str] = field(default_factory=list)

    @property
    def share(self) -> float:
        """The share that was right; 1 where nothing was asked."""
        return self.right / self.of if self.of else 1.0

    def interval(self) -> tuple[float, float]:
        """Wilson's 95 % interval of the share; (0, 1) where nothing was asked."""
        if not self.of:
            return 0.0, 1.0
        spread = Z95 * sqrt(self.share * (1 - self.share) / self.of + Z95**2 / (4 * self.of**2))
        middle, scale = self.share + Z95**2 / (2 * self.of), 1 + Z95**2 / self.of
        return max(0.0, (middle - spread) / scale), min(1.0, (middle + spread) / scale)

    def add(self, *, right: bool, miss: str) -> None:
        """Count one answer, and keep its line where it was wrong."""
        self.of += 1
        self.right += right
        if not right:
            self.misses.append(miss)


Tallies = dict[str, Tally]


def miss_line(gold: Line, what: str, expected: object, answer: object) -> str:
    """Give one line that shows a miss: id, field, both values and the title."""
    return f"{gold['id']}  {what}: expected {expected!r}, got {answer!r}  <{gold['title']}>"


def matched_substances(expected: list[Line], answers: list[Line]) -> list[tuple[Line, Line]]:
    """Give the pairs of an expected and an answered substance that name the same thing, each used once."""
    left = list(answers)
    pairs = []
    for wanted in expected:
        names = {folded(name) for name in acceptable(wanted["name"])}
        hit = next((answer for answer in left if folded(str(answer.get("name", ""))) in names), None)
        if hit is not None:
            left.remove(hit)
            pairs.append((wanted, hit))
    return pairs


def count_sets(tallies: Tallies, what: str, gold: Line, *, hits: int, wanted: list[str], answered: list[str]) -> None:
    """Count precision, recall and F1 of one line's set of answers; F1 as hits over the mean of asked and answered."""
    miss = miss_line(gold, what, wanted, answered)
    for suffix, total in (
        ("precision", len(answered)),
        ("recall", len(wanted)),
        ("F1", (len(wanted) + len(answered)) / 2),
    ):
        tally = tallies.setdefault(f"{what} {suffix}", Tally())
        tally.right += hits
        tally.of += total
        if hits < total:
            tally.misses.append(miss)


def score_substances(tallies: Tallies, gold: Line, answer: Line) -> None:
    """Count names, and for names found their class and whether they are NPS."""
    expected = gold["expected"].get("substances")
    if expected is None:
        return
    answers = answer.get("substances", [])
    pairs = matched_substances(expected, answers)
    wanted, answered = ([str(acceptable(one.get("name"))[0]) for one in lines] for lines in (expected, answers))
    count_sets(tallies, "substances", gold, hits=len(pairs), wanted=wanted, answered=answered)
    for one, found in pairs:
        right = found.get("class") in acceptable(one["class"])
        tallies["class"].add(right=right, miss=miss_line(gold, "class", one["class"], found.get("class")))
        if "nps" in one:
            right = found.get("nps") is one["nps"]
            miss = miss_line(gold, f"nps of {found['name']}", one["nps"], found.get("nps"))
            tallies["nps"].add(right=right, miss=miss)
    score_title_nps(tallies, gold, answers)
    score_emergent(tallies, gold, answers)


def score_title_nps(tallies: Tallies, gold: Line, answers: list[Line]) -> None:
    """Count whether a line was rightly told to offer any NPS, where that is known of all its substances."""
    expected = gold["expected"]["substances"]
    if any("nps" not in one for one in expected):
        return
    wanted, got = (any(one.get("nps") is True for one in lines) for lines in (expected, answers))
    tallies["nps of title"].add(right=wanted == got, miss=miss_line(gold, "nps of title", wanted, got))


def score_emergent(tallies: Tallies, gold: Line, answers: list[Line]) -> None:
    """Count emergent names: found means marked emergent under the name as written."""
    expected = [one for one in gold["expected"]["substances"] if one.get("emergent")]
    emergent = [one for one in answers if one.get("emergent")]
    hits = len(matched_substances(expected, emergent))
    wanted, answered = ([str(one.get("name")) for one in lines] for lines in (expected, emergent))
    count_sets(tallies, "emergent", gold, hits=hits, wanted=wanted, answered=answered)


def score_amounts(tallies: Tallies, gold: Line, answer: Line) -> None:
    """Count amounts, form and price; `stated` counts only the lines that state one."""
    expected = gold["expected"]
    for name in AMOUNTS:
        if name in expected:
            right = same_number(expected[name], answer.get(name))
            add_stated(tallies, name, gold, expected[name], answer.get(name), right=right)
    if "form" in expected:
        right = answer.get("form") == expected["form"]
        tallies["form"].add(right=right, miss=miss_line(gold, "form", expected["form"], answer.get("form")))
    if "price" in expected:
        wanted = (expected["price"], expected.get("currency"))
        got = (answer.get("price"), answer.get("currency"))
        right = same_number(wanted[0], got[0]) and wanted[1] == got[1]
        add_stated(tallies, "price", gold, wanted if wanted[0] is not None else None, got, right=right)


def add_stated(tallies: Tallies, name: str, gold: Line, expected: object, got: object, *, right: bool) -> None:
    """Count one value under its name, and under `<name> stated` where there is one to find."""
    miss = miss_line(gold, name, expected, got)
    tallies[name].add(right=right, miss=miss)
    if expected is not None:
        tallies[f"{name} stated"].add(right=right, miss=miss)


def score_language(tallies: Tallies, gold: Line, answer: Line) -> None:
    """Count languages told right, told wrong and left unknown, for titles alone and for lines with a description."""
    expected = gold["expected"].get("language")
    if expected is None:
        return
    got = answer.get("language", UNKNOWN_LANGUAGE)
    right = got in acceptable(expected)
    unknown = not right and got == UNKNOWN_LANGUAGE
    kind = "described" if gold.get("description") else "title"
    miss = miss_line(gold, "language", expected, got)
    tallies[f"language right, {kind}"].add(right=right, miss=miss)
    for outcome, happened in (("wrong", not right and not unknown), ("und", unknown)):
        tally = tallies[f"language {outcome}, {kind}"]
        tally.of += 1
        tally.right += happened
        tally.misses += [miss] if happened else []


def identifier_set(found: Line) -> set[tuple[str, str]]:
    """Give identifiers as pairs of kind and compared spelling."""
    return {(kind, written_alike(kind, str(one))) for kind, ones in found.items() for one in ones}


def score_sets(tallies: Tallies, gold: Line, answer: Line) -> None:
    """Count identifiers and linked crimes."""
    expected = gold["expected"]
    if "identifiers" in expected:
        wanted = identifier_set(expected["identifiers"])
        answered = identifier_set(answer.get("identifiers", {})) - identifier_set(expected.get("identifiers_also", {}))
        shown, got = ([" ".join(one) for one in sorted(pairs)] for pairs in (wanted, answered))
        count_sets(tallies, "identifiers", gold, hits=len(wanted & answered), wanted=shown, answered=got)
    if "linked_crimes" in expected:
        crimes, flags = set(expected["linked_crimes"]), set(answer.get("linked_crimes", []))
        count_sets(
            tallies, "linked_crimes", gold, hits=len(crimes & flags), wanted=sorted(crimes), answered=sorted(flags)
        )


def empty_tallies() -> Tallies:
    """Give all measures in the order in which they are printed."""
    sets = ("substances", "emergent", "identifiers", "linked_crimes")
    names = [f"{name} {suffix}" for name in sets for suffix in ("F1", "precision", "recall")]
    names += ["nps", "nps of title", "class"]
    names += [f"{name}{suffix}" for name in (*AMOUNTS, "price") for suffix in ("", " stated")]
    names += ["form"]
    names += [f"language {outcome}, {kind}" for kind in ("title", "described") for outcome in ("right", "wrong", "und")]
    return {name: Tally() for name in names}


def score(gold: list[Line], predicted: list[Line]) -> Tallies:
    """Give all measures of a prediction; raise UnreadableLinesError where ids do not match."""
    tallies = empty_tallies()
    for line, answer in paired(gold, predicted):
        score_substances(tallies, line, answer)
        score_amounts(tallies, line, answer)
        score_language(tallies, line, answer)
        score_sets(tallies, line, answer)
    return tallies


def table(tallies: Tallies) -> Iterator[str]:
    """Give the printed lines: measure, share, n, and Wilson's 95 % interval."""
    yield f"{'measure':26} {'share':>7} {'n':>7}   95 % interval"
    for name, tally in tallies.items():
        low, high = tally.interval()
        yield f"{name:26} {tally.share:7.4f} {tally.of:7g}   {low:.4f}-{high:.4f}"


def shown_misses(tallies: Tallies, wanted: str) -> list[str]:
    """Give the misses of every measure whose name starts with `wanted`, each once."""
    shown = (tally for name, tally in tallies.items() if name.startswith(wanted))
    return list(dict.fromkeys(miss for tally in shown for miss in tally.misses))


def main(arguments: list[str] | None = None) -> int:
    """Print the scores of a prediction; 0 done, 2 where the files cannot be scored."""
    parser = argparse.ArgumentParser(prog="python -m bench.gold.score", description=__doc__)
    parser.add_argument("gold", type=Path)
    parser.add_argument("predicted", type=Path)
    parser.add_argument("--show", metavar="FIELD", help="also print the misses of measures that start with FIELD")
    options = parser.parse_args(arguments)
    try:
        tallies = score(read_lines(options.gold), read_lines(options.predicted))
    except (OSError, UnreadableLinesError) as error:
        print(error, file=sys.stderr)
        return 2
    print("\n".join(table(tallies)))
    if options.show:
        print("\n".join(shown_misses(tallies, options.show)))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
