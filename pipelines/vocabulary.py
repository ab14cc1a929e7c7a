"""The substances we know by name, compiled for matching once a process."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import ahocorasick

from config import vocabulary
from pipelines.folding import NO_BREAK, Folded, by_sound, fold, is_cyrillic

_SHORTEST_WITH_ENDING = 3
_SHORTEST_SOUND = 5
_SHORTEST_HEARD = 6
_SHORTEST_SOUND_OF_SEVERAL = 9
_SHORTEST_MISSPELT = 7
_WEAK = ("weak", "pill", "form")
_VOWELS = "аяьйоіеәө"
OPERATOR_FILE = "vocabulary.tsv"


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """A substance of the vocabulary: canonical name, class of the closed list, whether it is an NPS."""

    name: str
    substance_class: str
    nps: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Alias:
    """A name of a substance as a key of the matcher.

    ``seams`` are the letters before which a separator may stand; ``stem`` says that the key is a stem and needs an
    ending; a ``weak`` name is an everyday word too, a ``stamp`` one that is pressed on pills, a ``form`` what a drug
    looks like, a ``brand`` is believed only as written.
    """

    key: str
    entry: Entry
    weak: bool
    seams: frozenset[int]
    stem: bool = False
    capitals: bool = False
    stamp: bool = False
    brand: bool = False
    form: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Vocabulary:
    """All names in the forms the matcher asks for.

    ``international`` are the names many languages share; ``refused`` are coined names a chemist found to be none.
    """

    entries: Mapping[str, Entry]
    aliases: Mapping[str, tuple[Alias, ...]]
    automaton: ahocorasick.Automaton
    by_sound: Mapping[str, Alias]
    deletions: Mapping[str, tuple[str, ...]]
    endings: Mapping[str, frozenset[str]]
    international: frozenset[str]
    refused: frozenset[str]


_HOMES: list[Path] = []


def extend_from(home: Path) -> None:
    """From now on the operator's own vocabulary in ``home`` is read too; called once, at the start."""
    _HOMES[:] = [home]


def load_vocabulary() -> Vocabulary:
    """The shipped vocabulary, extended by the operator's own where `extend_from` named a home."""
    return _compiled(_HOMES[0] if _HOMES else None)


@cache
def _compiled(home: Path | None) -> Vocabulary:
    entries = {row["name"]: _entry(row) for row in vocabulary.table("substances")}
    names = [(name, entry, "strong") for name, entry in entries.items()]
    rows = [(row["alias"], entries[row["substance"]], row["strength"]) for row in vocabulary.table("aliases")]
    aliases = _aliases(itertools.chain(rows, _without_weak_twins(names, rows), _decided(home)))
    automaton = ahocorasick.Automaton()
    for key in aliases:
        automaton.add_word(key, key)
    automaton.make_automaton()
    strong = [alias for found in aliases.values() for alias in found if not (alias.weak or alias.stem or alias.brand)]
    return Vocabulary(
        entries=entries,
        aliases=aliases,
        automaton=automaton,
        by_sound=_by_sound(strong),
        deletions=_deletions(alias.key for alias in strong if _is_plain_name(alias.key, _SHORTEST_MISSPELT)),
        endings=_endings(),
        international=frozenset(fold(name).letters for name in entries),
        refused=frozenset(fold(row["name"]).letters for row in _decisions(home) if row["decision"] == "refused"),
    )


def _by_sound(aliases: Iterable[Alias]) -> dict[str, Alias]:
    """The names by their sound; words with digits among them are only asked for a name that follows a pattern."""
    found: dict[str, Alias] = {}
    for alias in aliases:
        short = len(alias.key) <= (_SHORTEST_SOUND_OF_SEVERAL - 1 if alias.seams else _SHORTEST_SOUND)
        if not short and any(map(str.isalpha, alias.key[-_SHORTEST_SOUND:])):
            found.update((sound, alias) for sound in sounds_of(alias.key) if len(sound) >= _SHORTEST_HEARD)
    return found


def _entry(row: Mapping[str, str]) -> Entry:
    return Entry(name=row["name"], substance_class=row["class"], nps=row["nps"] == "yes")


def _without_weak_twins(
    names: Iterable[tuple[str, Entry, str]], rows: Iterable[tuple[str, Entry, str]]
) -> Iterable[tuple[str, Entry, str]]:
    weak = {(fold(alias).letters, entry.name) for alias, entry, strength in rows if strength in _WEAK}
    return (row for row in names if (fold(row[0]).letters, row[0]) not in weak)


def _decided(home: Path | None) -> Iterable[tuple[str, Entry, str]]:
    for row in _decisions(home):
        if row["decision"] == "accepted":
            yield row["name"], Entry(name=row["name"], substance_class=row["class"], nps=row["nps"] == "yes"), ""


def _decisions(home: Path | None) -> tuple[dict[str, str], ...]:
    if home is None or not (home / OPERATOR_FILE).is_file():
        return ()
    return vocabulary.read_table(home / OPERATOR_FILE)


_LOCANTS = (("ortho", "o", "2"), ("meta", "m", "3"), ("para", "p", "4"))
_LOCANT = re.compile(r"^(ortho|meta|para|[234]'?)-?(fluoro|chloro|bromo|methyl|methoxy)(.+)$", re.IGNORECASE)


_CODES = {
    "Cl": "chloro", "F": "fluoro", "Br": "bromo", "I": "iodo", "Me": "methyl", "MeO": "methoxy", "HO": "hydroxy",
    "AcO": "acetoxy", "Et": "ethyl", "EtO": "ethoxy",
}  # fmt: skip
_CODED = re.compile(r"^([2-7](?:,[2-7])?)-?(Cl|F|Br|I|MeO|Me|HO|AcO|EtO|Et)-([A-Z].*|[a-zα].{3,})$")


def _spellings(name: str) -> Iterable[str]:
    """A name and its other spellings by rule: alpha for α, p- and 4- for para-."""
    yield name
    for greek, word in (("α", "alpha"), ("α", "alfa"), ("α", "альфа"), ("β", "beta"), ("δ", "delta"), ("Δ", "delta")):
        if greek in name:
            yield name.replace(f"{greek}-", f"{word}-").replace(greek, f"{word}-" if f"{greek}-" not in name else word)
    locant = _LOCANT.match(name)
    if locant and len(locant[3]) > 3:
        same = next((group for group in _LOCANTS if locant[1].lower().rstrip("'") in group), ())
        yield from (f"{one}-{locant[2]}{locant[3]}" for one in same)
    coded = _CODED.match(name)
    if coded:
        yield f"{coded[1]}-{_CODES[coded[2]]}-{coded[3]}"
    if "desethyl" in name.lower() and "desethyl-" not in name.lower():
        yield re.sub("(desethyl)", r"\1-", name, flags=re.IGNORECASE)
    if name.lower().endswith("fentanyl") and len(name) > len("fentanyl"):
        yield name[: -len("fentanyl")].rstrip("-") + " fentanyl"


def _aliases(rows: Iterable[tuple[str, Entry, str]]) -> dict[str, tuple[Alias, ...]]:
    found: dict[str, list[Alias]] = {}
    for name, entry, strength in rows:
        for spelling in _spellings(name):
            _add(found, spelling, entry, strength)
    return {key: tuple(members) for key, members in found.items()}


def _add(found: dict[str, list[Alias]], spelling: str, entry: Entry, strength: str) -> None:
    folded = fold(spelling)
    key, weak = folded.letters, strength in _WEAK
    seams = _seams(folded) | _after_residues(folded)
    alias = Alias(
        key=key,
        entry=entry,
        weak=weak,
        seams=seams,
        capitals=weak and spelling.isupper() and spelling.isascii(),
        stamp=strength == "pill",
        brand=strength == "brand",
        form=strength == "form",
    )
    old = next((one for one in found.get(key, ()) if not one.stem), None)
    if old is None:
        found.setdefault(key, []).append(alias)
    elif old.entry is entry and seams - old.seams:
        found[key].remove(old)
        found[key].append(replace(alias, weak=old.weak and weak, seams=seams | old.seams))
    if len(key) > _SHORTEST_WITH_ENDING and is_cyrillic(key[-1]) and key[-1] in _VOWELS:
        stem = Alias(key=key[:-1], entry=entry, weak=weak, seams=seams, stem=True)
        if not any(one.stem for one in found.get(stem.key, ())):
            found.setdefault(stem.key, []).append(stem)


_RESIDUES = re.compile(
    r"(?:(?:n|iso|cyclo|sec|tert)?(?:methyl|ethyl|propyl|butyl|pentyl|hexyl|fluoro|chloro|bromo|iodo|methoxy|ethoxy|acetyl|"
    r"hydroxy|desethyl|desmethyl|deschloro|furanyl|acryl|valeryl|butyr|isobutyryl|dimethyl|diethyl)){1,3}(?=[a-z]{5})"
)


def _after_residues(folded: Folded) -> frozenset[int]:
    """Where a separator may stand though the name as listed has none: "N-ethyl pentylone", "methoxy acetylfentanyl"."""
    found = _RESIDUES.finditer(folded.letters)
    return frozenset(match.end() for match in found if folded.breaks[match.start()] or match.start() == 0)


def _seams(folded: Folded) -> frozenset[int]:
    """Where the name as listed is parted, and where digits begin or end."""
    letters = folded.letters
    parted = {index for index in range(1, len(letters)) if folded.breaks[index] != NO_BREAK}
    if not letters.isalpha():
        digits = [letter.isdigit() for letter in letters]
        parted.update(index for index in range(1, len(letters)) if digits[index] != digits[index - 1])
    return frozenset(parted)


def _is_plain_name(key: str, shortest: int) -> bool:
    return len(key) > shortest and key.isalpha()


_SOUNDS = (
    ("ph", "f"), ("th", "t"), ("rh", "r"), ("ck", "k"), ("sch", "s"), ("sh", "s"), ("ch", "k"), ("kh", "k"),
    ("x", "ks"),
    ("ts", "s"), ("tz", "s"), ("ce", "se"), ("ci", "si"), ("cy", "si"), ("cz", "s"), ("c", "k"), ("q", "k"),
    ("y", "i"), ("z", "s"), ("w", "v"), ("ae", "e"), ("oe", "e"), ("j", "i"), ("ii", "i"),
)  # fmt: skip
# Residues that Russian names in its own way.
_RUSSIAN = (("фтор", "флуор"), ("хлор", "клор"), ("йод", "иод"))
_LINKED = re.compile(r"(флуор|клор|бром|иод)(?!о)")
_TWICE = re.compile(r"(.)\1+")


def sound_of(word: str) -> str:
    """How a chemical name sounds, the same for its spellings in many languages: "кокаин", "cocaine" → "kokain"."""
    if not word.isascii():
        for russian, latin in _RUSSIAN:
            word = word.replace(russian, latin)
        word = by_sound(_LINKED.sub(r"\1о", word))
    sound = word
    for letters, heard in _SOUNDS:
        sound = sound.replace(letters, heard)
    sound = sound[:1] + sound[1:].replace("h", "")
    return _TWICE.sub(r"\1", sound).rstrip("aeiou")


_BREATH = re.compile(r"(?<![ptscrk])h")


def sounds_of(name: str) -> set[str]:
    """A name's sound, and that of its Cyrillic spelling where an "h" becomes "г": "hexedrone", "гекседрон"."""
    breathed = _BREATH.sub("g", name)
    return {sound_of(name)} if breathed == name else {sound_of(name), sound_of(breathed)}


def deletions_of(word: str) -> set[str]:
    """The word and what is left of it when one letter is taken out."""
    return {word, *(word[:index] + word[index + 1 :] for index in range(len(word)))}


def _deletions(keys: Iterable[str]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for key in keys:
        for shorter in deletions_of(key):
            found.setdefault(shorter, []).append(key)
    return {shorter: tuple(members) for shorter, members in found.items()}


def _endings() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {"latin": set(), "cyrillic": set(), "arabic": set()}
    for row in vocabulary.table("suffixes"):
        found[row["script"]].update(fold(ending).letters for ending in row["endings"].split())
    return {script: frozenset(members) for script, members in found.items()}
