"""A small market of our own: listings over several category pages, two vendors, plain markup."""

from __future__ import annotations

from tests.sites import Answer, Page

_FRAME = (
    "<!DOCTYPE html><html><head><meta charset='utf-8'><title>{title} - Small Market</title></head><body>"
    "<nav><a href='/'>Home</a> <a href='/category?name=stimulants'>Stimulants</a> <a href='/logout'>Logout</a></nav>"
    "<main>{content}</main><footer>Small Market, rules, help</footer></body></html>"
)
_VENDORS = ("northlight", "kettle_row")
_PER_PAGE = 10


def small_market(listings: int) -> dict[str, Page]:
    """The pages of a market with so many listings, by path."""
    pages: dict[str, Page] = {"/": _page("Home", "<h1>Small Market</h1>" + _cards(range(min(4, listings))))}
    last = max(1, -(-listings // _PER_PAGE))
    for number in range(1, last + 1):
        path = "/category?name=stimulants" + (f"&page={number}" if number > 1 else "")
        pages[path] = _page("Stimulants", _category(listings, number, last))
    for number in range(listings):
        pages[f"/listing/{number}"] = _page(_title(number), _listing(number))
    for name in _VENDORS:
        mine = [number for number in range(listings) if _VENDORS[number % 2] == name]
        pages[f"/vendor/{name}"] = _page(name, _vendor(name, mine))
    return pages


def listing_paths(listings: int) -> set[str]:
    """The addresses of the listings of such a market."""
    return {f"/listing/{number}" for number in range(listings)}


def _title(number: int) -> str:
    return f"{('3-MMC', '4-MMC', 'Metonitazene', '2-FDCK')[number % 4]} {number + 1}g crystal lot {number}"


def _page(title: str, content: str) -> Answer:
    return Answer(body=_FRAME.format(title=title, content=content).encode())


def _price(number: int) -> str:
    return f"${(number + 1) * 12}.50"


def _cards(numbers: range | list[int]) -> str:
    return "".join(
        f"<div class='card'><a href='/listing/{n}'>{_title(n)}</a><span class='price'>{_price(n)}</span>"
        f"<span class='by'>Vendor: <a href='/vendor/{_VENDORS[n % 2]}'>{_VENDORS[n % 2]}</a></span></div>"
        for n in numbers
    )


def _category(listings: int, number: int, last: int) -> str:
    first = (number - 1) * _PER_PAGE
    more = f"<a rel='next' href='/category?name=stimulants&amp;page={number + 1}'>Next</a>" if number < last else ""
    return f"<h1>Stimulants</h1>{_cards(range(first, min(first + _PER_PAGE, listings)))}<p class='pages'>{more}</p>"


def _listing(number: int) -> str:
    vendor = _VENDORS[number % 2]
    return (
        f"<div class='crumbs'><a href='/'>Home</a> &gt; <a href='/category?name=stimulants'>Stimulants</a></div>"
        f"<h1>{_title(number)}</h1><table><tr><th>Price</th><td>{_price(number)}</td></tr>"
        f"<tr><th>Vendor</th><td><a href='/vendor/{vendor}'>{vendor}</a></td></tr>"
        f"<tr><th>Ships from</th><td>Netherlands</td></tr><tr><th>Ships to</th><td>Worldwide</td></tr>"
        f"<tr><th>In stock</th><td>{number + 3}</td></tr></table>"
        f"<h2>Description</h2><div class='description'><p>Lot {number}, packed in {number + 2} bags and sent on "
        f"working days. Write to us before you ask for anything special; answers come within a day.</p></div>"
        f"<form action='/buy'><input name='amount'><button>Buy</button></form>"
    )


def _vendor(name: str, mine: list[int]) -> str:
    return (
        f"<h1>{name}</h1><table><tr><th>Member since</th><td>2025-03-01</td></tr><tr><th>Sales</th><td>120</td></tr>"
        f"<tr><th>Rating</th><td>4.8 / 5</td></tr></table><h2>About</h2><p>We have been here for a while and answer "
        f"every message in the order they come.</p><h2>Listings</h2>{_cards(mine)}"
    )
