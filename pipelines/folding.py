"""Text as names are compared: case, accents, disguises and separators evened out, each letter's place kept."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache

from anyascii import anyascii

NO_BREAK, JOINED, SPACED, HARD = 0, 1, 2, 3
_JOINERS = frozenset("-‐‑‒–—_.·'’ʻʼ‘`´′,~*")
_HARD = frozenset("/|+&;:()[]{}!?\n\t•=<>→×")
_APOSTROPHES = frozenset("'’ʻʼ‘`´′")
_ELIDED = frozenset(("d", "l", "qu", "un", "dell", "dall", "all", "nell", "sull"))  # d'ecstasy, dell'eroina
_SIGNS = {"×": "x", "€": "e", "$": "s", "@": "a", "£": "l", "¢": "c"}
_GREEK = {"α": "a", "β": "b", "γ": "g", "δ": "d", "µ": "u", "μ": "u"}
_ARABIC = {"ي": "ی", "ى": "ی", "ك": "ک", "أ": "ا", "إ": "ا", "آ": "ا", "ة": "ه", "ۀ": "ه", "ې": "ی", "ۍ": "ی", "ګ": "گ"}
_LOOKALIKE = dict(zip("авсенкмортухіѕјԁ", "abcehkmoptyxisjd", strict=True))
_SOUND = dict(
    zip("абвгдеёзийклмнопрстуфхыіїэўқғҳӯӣәөүұңъь", "abvgdeeziyklmnoprstufhyiieoqghuiaouun  ", strict=True)
) | {
    "ж": "zh",
    "ц": "ts",
    "ч": "ch",
    "ш": "sh",
    "щ": "sch",
    "ю": "yu",
    "я": "ya",
    "є": "ye",
    "ъ": "",
    "ь": "",
    "ҷ": "j",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Folded:
    """A text without its separators: ``letters``, the place of each in ``text``, the break before each.

    ``breaks[i]`` is NO_BREAK, JOINED (hyphen, dot), SPACED or HARD (stroke, plus, bracket) between letter i-1 and i;
    it has one more entry than there are letters, the last being HARD.
    """

    text: str
    letters: str
    places: tuple[int, ...]
    breaks: bytes

    def words_at(self, start: int, end: int) -> str:
        """The original words behind letters ``start`` to ``end``."""
        return self.text[self.places[start] : self.places[end - 1] + 1]

    def word_end(self, index: int) -> int:
        """Where the run of letters without any break that holds ``index`` ends."""
        while index < len(self.letters) and not self.breaks[index]:
            index += 1
        return index


@lru_cache(maxsize=8192)
def fold_letter(letter: str) -> str:
    """A letter as compared ("É" → "e", "ᴍ" → "m", "Ё" → "е"); empty for what is dropped, a space for a separator."""
    category = unicodedata.category(letter)
    if category[0] in "CM":
        return " " if letter in "\n\t\r" else ""
    if category[0] in "ZSP" and letter not in "²³":
        return " "
    known = letter.lower()
    if known in _GREEK or known in _ARABIC:
        return _GREEK.get(known) or _ARABIC[known]
    plain = unicodedata.normalize("NFKC", letter).casefold()
    if len(plain) == 1 and ("a" <= plain <= "z" or "0" <= plain <= "9" or "؀" <= plain <= "ۿ"):
        return str(unicodedata.digit(plain)) if plain.isdigit() else _ARABIC.get(plain, plain)
    if "Ѐ" <= plain[:1] <= "ԯ":
        return "е" if plain == "ё" else plain
    return "".join(filter(str.isalnum, anyascii(plain).lower()))


@lru_cache(maxsize=16384)
def fold(text: str) -> Folded:
    """The text folded; what was dropped (zero-width signs, tatweel) leaves no trace."""
    letters: list[str] = []
    places: list[int] = []
    breaks = bytearray()
    pending = HARD
    for place, letter in enumerate(text):
        if letter == "ـ":
            continue
        folded = fold_letter(letter)
        if letter in _SIGNS and _stands_for_letter(text, place):
            folded = _SIGNS[letter]
        if folded == " ":
            pending = max(pending, _break_of(text, place, letter))
            continue
        for part in folded:
            letters.append(part)
            places.append(place)
            breaks.append(pending)
            pending = NO_BREAK
    breaks.append(HARD)
    return Folded(text=text, letters="".join(letters), places=tuple(places), breaks=bytes(breaks))


def _stands_for_letter(text: str, place: int) -> bool:
    """Whether a sign at ``place`` is a letter in disguise: "M€PH€DRON€", "co$aine", but not "50€" or "US$5"."""
    before, after = text[place - 1 : place], text[place + 1 : place + 2]
    return (before.isalpha() and not after.isdigit()) or (after.isalpha() and not before.isdigit() and before != "")


def _word_before(text: str, place: int) -> str:
    start = place
    while start > 0 and text[start - 1].isalpha():
        start -= 1
    return text[start:place]


def squeeze(text: str) -> str:
    """The folded letters alone, as keys of names are kept."""
    return fold(text).letters


def _break_of(text: str, place: int, sign: str) -> int:
    if sign == ",":
        return JOINED if text[place + 1 : place + 2].isdigit() and text[place - 1 : place].isdigit() else HARD
    if sign in _APOSTROPHES:
        return SPACED if _word_before(text, place).lower() in _ELIDED else NO_BREAK
    if sign in _JOINERS:
        return JOINED
    return HARD if sign in _HARD else SPACED


def is_cyrillic(letter: str) -> bool:
    """Whether a folded letter is Cyrillic."""
    return "Ѐ" <= letter <= "ԯ"


def by_sound(letters: str) -> str:
    """Cyrillic letters in Latin ones by sound: "мефедрон" → "mefedron"; others stay."""
    return letters if letters.isascii() else "".join(_SOUND.get(letter, letter) for letter in letters)


def _by_look(letters: str) -> str:
    return "".join(_LOOKALIKE.get(letter) or _SOUND.get(letter, letter) for letter in letters)


def undisguised(folded: Folded) -> Iterable[Folded]:
    """The text read as Latin, by look and by sound, where words mix Cyrillic with Latin letters or digits."""
    mixed = [word for word in _words(folded) if _is_mixed(folded.letters[word[0] : word[1]])]
    if mixed:
        yield _replaced(folded, mixed, _by_look)
        yield _replaced(folded, mixed, by_sound)


def _words(folded: Folded) -> Iterable[tuple[int, int]]:
    start = 0
    for index in range(1, len(folded.letters) + 1):
        if folded.breaks[index] >= SPACED:
            yield start, index
            start = index


def _is_mixed(word: str) -> bool:
    if word.isascii():
        return False
    cyrillic = [letter for letter in word if is_cyrillic(letter)]
    latin = any("a" <= letter <= "z" for letter in word)
    digit = any("0" <= letter <= "9" for letter in word)
    return bool(cyrillic) and (latin or (digit and all(letter in _LOOKALIKE for letter in cyrillic)))


def _replaced(folded: Folded, words: list[tuple[int, int]], read: Callable[[str], str]) -> Folded:
    letters, places, breaks = [], [], bytearray()
    inside = {index for start, end in words for index in range(start, end)}
    for index, letter in enumerate(folded.letters):
        parts = read(letter).strip() if index in inside else letter
        for number, part in enumerate(parts):
            letters.append(part)
            places.append(folded.places[index])
            breaks.append(folded.breaks[index] if number == 0 else NO_BREAK)
    breaks.append(HARD)
    return Folded(text=folded.text, letters="".join(letters), places=tuple(places), breaks=bytes(breaks))
