from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path

import pytest

from casework.page.headers import headers
from casework.page.static_files import INLINE_STYLES, inline_style

_CSS = (Path(__file__).parents[3] / "casework" / "page" / "static" / "page.css").read_text()
_READ_ON = [
    ("ink", "paper"), ("ink", "raised"), ("ink", "stripe"), ("ink", "mark"),
    ("quiet", "paper"), ("quiet", "raised"), ("quiet", "stripe"),
    ("link", "paper"), ("link", "raised"), ("link", "stripe"), ("paper", "link"),
    ("nps", "nps-paper"), ("emergent", "emergent-paper"), ("blind", "paper"), ("blind", "raised"), ("blind", "stripe"),
    ("good", "good-paper"), ("degraded", "degraded-paper"), ("blind", "blind-paper"),
]  # fmt: skip


def _colours(block: str) -> dict[str, str]:
    return dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", block))


def _light_of(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: str, other: str) -> float:
    lighter, darker = sorted((_light_of(one), _light_of(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_text_has_the_contrast_wcag_aa_asks_for(scheme: str) -> None:
    light, dark = re.findall(r":root \{(.*?)\}", _CSS, re.DOTALL)
    colours = _colours(light) | (_colours(dark) if scheme == "dark" else {})
    poor = {pair: _contrast(colours[pair[0]], colours[pair[1]]) for pair in _READ_ON}
    assert {pair: value for pair, value in poor.items() if value < 4.5} == {}
    assert _contrast(colours["focus"], colours["paper"]) >= 3


def test_nothing_is_fetched_from_elsewhere_by_style_or_script() -> None:
    folder = Path(__file__).parents[3] / "casework" / "page"
    for file in [
        folder / "static" / "page.css",
        folder / "static" / "charts.js",
        folder / "static" / "late.js",
        *(folder / "templates").iterdir(),
    ]:
        text = file.read_text()
        assert not re.search(r"https?://|@import|url\(|<style|style=|<script>|\son[a-z]+=", text), file


def test_the_policy_allows_the_styles_a_page_holds_and_no_others() -> None:
    policy = headers()["content-security-policy"]
    for name in INLINE_STYLES:
        text = re.fullmatch(r"<style>(.*)</style>", str(inline_style(name)), re.DOTALL)
        assert text is not None
        digest = base64.b64encode(hashlib.sha256(text[1].encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy
    assert policy.count("sha256-") == len(INLINE_STYLES)
