"""Pages of five megabytes made to hurt whoever reads them, by name."""

from __future__ import annotations

from collections.abc import Callable

FIVE_MEGABYTES = 5_000_000

HOSTILE: dict[str, Callable[[], str]] = {
    "one line": lambda: "<p>" + "price $5 " * 555_555,
    "one word": lambda: "<h1>" + "a" * FIVE_MEGABYTES,
    "digits": lambda: "<div>" + "1 000 000 " * 500_000,
    "deep": lambda: "<div>" * 1_000_000,
    "deep tables": lambda: "<table><tr><td>" * 333_333,
    "tips": lambda: "".join(
        f"<p><a href='/item/{n}'>Item number {n}</a> <i title='Vendor'></i><a href='/w/{n}'>heron{n}</a> <b>$5</b></p>"
        for n in range(50_000)
    ),
    "worded": lambda: "<h1>Lamp</h1><button>Buy</button>" + "<p>Way out from: Spain</p><p>Left over: x</p>" * 130_000,
    "starred rows": lambda: (
        "<ul>" + "<li>ab**c 2024-01-01 <i class='star'></i><i class='star-o'></i> fine</li>" * 70_000
    ),
    "links": lambda: "".join(f'<a href="/product/{n}">Item {n}</a> $5 ' for n in range(100_000)),
    "rows": lambda: "<table>" + "".join(f"<tr><td>Price</td><td>${n}</td></tr>" for n in range(120_000)),
    "labels": lambda: "<ul>" + "<li><b>Price:</b> $5</li>" * 190_000,
    "cards": lambda: "".join(
        f"<div class=card><a href=/item/{n}>Thing {n}</a><span>{n} EUR</span></div>" for n in range(60_000)
    ),
    "reviews": lambda: "<div class=reviews>" + "<div class=rev>a***b 2024-01-01 <p>good</p></div>" * 90_000,
    "selects": lambda: "<select>" + "<option>1 g - $5" * 300_000,
    "styles": lambda: "<style>" + ".a{display:none}" * 300_000 + "</style><p>x",
    "late styles": lambda: "<p class=b>x</p>" * 100_000 + "<style>" + ".b{display:none}" * 200_000 + "</style>",
    "many styles": lambda: "<p class=b>x<style>.b{display:none}</style>" * 110_000,
    "open style": lambda: "<style>" + "{" * FIVE_MEGABYTES,
    "attributes": lambda: "<div " + " ".join(f"a{n}=b" for n in range(500_000)) + ">",
    "classes": lambda: f'<div class="{"x " * 2_000_000}">text',
    "keys": lambda: "-----BEGIN PGP PUBLIC KEY BLOCK-----\n" * 135_000,
    "entities": lambda: "&amp;" * 1_000_000,
    "entities twice": lambda: "&amp;amp;amp; " * 350_000,
    "headings": lambda: "<h2>Description</h2><p>text " * 178_000,
    "tabs": lambda: '<a href="#x">Description</a><div id=x>text</div>' * 104_000,
    "crumbs": lambda: '<a href="/">Home</a> &raquo; <a href="/c">C</a><br>' * 96_000,
    "pager": lambda: "".join(f'<a href="?page={n}">{n}</a>' for n in range(180_000)),
    "stars": lambda: "<i class=star></i>" * 277_000,
    "colons": lambda: "<p>" + "a: " * 1_666_000,
    "spaces": lambda: "<p>" + " \n" * 2_500_000 + "x",
    "dots": lambda: "<p>" + "Price ....." + "." * FIVE_MEGABYTES,
    "overrides": lambda: "<p>" + "\u202ea\u200b\u2067" * 500_000,
    "two charsets": lambda: "<b>ж" * 800_000,
}


def hostile_page(name: str) -> bytes:
    """The page, at most five megabytes of it; one of two charsets has letters of windows-1251 among its UTF-8."""
    body = HOSTILE[name]()[:FIVE_MEGABYTES].encode("utf-8", "replace")[:FIVE_MEGABYTES]
    return body.replace("ж".encode(), b"\xe6", 100_000) if name == "two charsets" else body
