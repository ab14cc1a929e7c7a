"""Other crime a listing names, with the words that raised the flag; precision before recall."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache

from config import vocabulary
from crawler.model.sighting import Sighting
from crawler.model.values import Source
from pipelines.text import evened

_LONGEST_TEXT = 20_000
_GAP = r"(?:\W{1,3}\w{1,20}){0,3}?\W{1,3}"


@dataclass(frozen=True, kw_only=True, slots=True)
class _Crime:
    flag: str
    phrases: re.Pattern[str]
    unless: tuple[str, ...]


def read_linked_crime(sighting: Sighting) -> Sighting:
    """The sighting with the crimes its listing names beside the sale."""
    listing = sighting.page.listing
    if listing is None:
        return sighting
    found = find_linked_crimes(listing.title or "", listing.description)
    if not found:
        return sighting
    words = tuple(dict.fromkeys(found.values()))
    sources = {**listing.sources, "linked_crimes": Source(words="; ".join(words), rule="phrases", confidence=0.8)}
    changed = replace(listing, linked_crimes=tuple(found), linked_crime_evidence=words, sources=sources)
    return replace(sighting, page=replace(sighting.page, listing=changed))


def find_linked_crimes(title: str, description: str | None = None) -> dict[str, str]:
    """The flags a listing raises, each with the words that raised it."""
    found: dict[str, str] = {}
    for text in filter(None, (title, description)):
        plain = _apostrophes(evened(text[:_LONGEST_TEXT]).lower())
        for flag, words in _flags(plain).items():
            found.setdefault(flag, text[words.start() : words.end()])
    return found


def _apostrophes(text: str) -> str:
    return re.sub(r"[’ʻʼ‘`´]", "'", text)


def _flags(plain: str) -> dict[str, re.Match[str]]:
    found = {}
    for crime in _crimes():
        match = crime.phrases.search(plain)
        if match and not _whole_words(crime.unless).search(plain):
            found[crime.flag] = match
    return found


@cache
def _crimes() -> tuple[_Crime, ...]:
    return tuple(
        _Crime(flag=row["flag"], phrases=_whole_words(tuple(row["phrases"])), unless=tuple(row["unless"]))
        for row in vocabulary.tree("linked_crime")["crime"]
    )


@cache
def _whole_words(phrases: tuple[str, ...]) -> re.Pattern[str]:
    body = "|".join(phrase.replace(r"\W{gap}", _GAP) for phrase in phrases)
    return re.compile(rf"(?<!\w)(?:{body})(?!\w)")


class LinkedCrimePipeline:
    """Scrapy's form of `read_linked_crime`."""

    def process_item(self, item: Sighting) -> Sighting:
        """The sighting with its linked crimes."""
        return read_linked_crime(item)
