from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.page.hostile import clipped, one_line, seen, shown


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("<b>&\"'", "<bdi>&lt;b&gt;&amp;&#34;&#39;</bdi>"),
        ("plain", "<bdi>plain</bdi>"),
        ("мефедрон", "<bdi>мефедрон</bdi>"),
        ("می\u200cخواهم", "<bdi>می\u200cخواهم</bdi>"),
        ("👩\u200d🔬", "<bdi>👩\u200d🔬</bdi>"),
        ("e\u0301te\u0301", "<bdi>e\u0301te\u0301</bdi>"),
        ("a\r\nb\tc", "<bdi>a\nb\tc</bdi>"),
    ],
)
def test_words_are_escaped_and_spelling_that_needs_joiners_stays(words: str, expected: str) -> None:
    assert shown(words) == expected


@pytest.mark.parametrize(
    "letter", ["\u202e", "\u2066", "\u200b", "\u200c", "\u200d", "\u00ad", "\x07", "\u3164", "\U000e0041", "\u2028"]
)
def test_what_is_invisible_or_turns_the_text_stands_as_its_code_point(letter: str) -> None:
    html = seen(f"ab{letter}cd")
    assert letter not in html
    assert f"U+{ord(letter):04X}" in html


def test_stacked_accents_are_cut_to_three_and_counted() -> None:
    assert seen("z" + "\u0338" * 40).startswith("z" + "\u0338" * 3 + "<span")
    assert "+37 marks" in seen("z" + "\u0338" * 40)


@given(st.text(alphabet=st.characters(codec=None), max_size=300))
def test_no_text_gives_markup_of_its_own_or_anything_invisible(words: str) -> None:
    html = seen(words)
    bare = html.replace('<span class="unseen" title="', "").replace("</span>", "")
    assert bare.count("<") == 0
    assert not set(html) & set("\u202a\u202b\u202d\u202e\u2066\u2067\u2068\u200b\ufeff\x00")
    assert "\n" not in one_line(words)


def test_a_text_that_is_cut_says_how_much_is_missing() -> None:
    assert clipped("a" * 10, 10) == "a" * 10
    assert clipped("a" * 12, 10) == "a" * 10 + "\n[… 2 more characters]"
