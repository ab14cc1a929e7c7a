"""How a market's Tor fared, in words for a person."""

from crawler.tor.health import health_words

FACTS = {
    "market": "harbour",
    "process": 1,
    "running": False,
    "time": "2026-11-25T09:00:00Z",
    "works": True,
    "words": "",
}


def test_circuits_nobody_looked_at_are_not_told_as_none() -> None:
    assert "its circuits were not looked at" in health_words(FACTS | {"bootstrap": 100})
    told = health_words(FACTS | {"bootstrap": 100, "circuits": 2, "circuit_age": 61.4, "failures": 3})
    assert "2 circuits, the oldest 61 s old" in told
    assert "3 failures" in told
