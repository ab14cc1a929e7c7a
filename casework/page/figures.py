"""Figures as investigators read them: money, times, amounts, routes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from markupsafe import Markup

from casework.page.hostile import shown

NOTHING = Markup('<span class="none">–</span>')
_COIN_DIGITS = 8
_ISO_4217_LETTERS = 3
_COINS = frozenset({"BTC", "XMR", "LTC", "ETH", "BCH", "DASH", "ZEC", "TRX", "DOGE", "SOL", "TON", "BNB"})


def money(value: Mapping[str, Any] | None, per: str = "") -> Markup:
    """An amount with its currency, never broken over two lines; a dash where there is none."""
    if not value or "amount" not in value:
        return NOTHING
    amount = amount_text(float(value["amount"]), str(value.get("currency", "")))
    return Markup('<span class="figure">%s %s%s</span>') % (amount, value.get("currency", ""), per)


def amount_text(amount: float, currency: str) -> str:
    """An amount with the digits its currency has: two, or up to eight for a coin."""
    if currency in _COINS or len(currency) > _ISO_4217_LETTERS:
        return f"{amount:,.{_COIN_DIGITS}f}".rstrip("0").rstrip(".")
    return f"{amount:,.2f}"


def number(value: float | int | None) -> str:
    """A number with thin grouping, without needless zeros; a dash where there is none."""
    if value is None:
        return "–"
    return f"{value:,.10g}" if isinstance(value, float) else f"{value:,}"


def share(value: float | None) -> str:
    """A confidence between 0 and 1 in percent."""
    return "–" if value is None else f"{value:.0%}"


def moment(text: str | None, *, clock: bool = True) -> Markup:
    """A time in UTC to the minute, or its day; what is no time stays as it is written."""
    if not text:
        return NOTHING
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        return shown(text)
    whole = "T" in text
    if whole:
        read = read.astimezone(UTC)
    written = f"{read:%Y-%m-%d %H:%M} UTC" if clock and whole else f"{read:%Y-%m-%d}"
    return Markup('<time datetime="%s" title="%s">%s</time>') % (text, text, written)


def day(text: str | None) -> Markup:
    """The day of a time in UTC; the whole time on hovering."""
    return moment(text, clock=False)


def place(where: Mapping[str, Any] | None) -> Markup:
    """A place by its country's code, else in the page's words."""
    if not where:
        return NOTHING
    country, text = where.get("country"), where.get("text", "")
    if not country:
        return shown(text)
    return Markup('<abbr title="%s">%s</abbr>') % (text, country)


def route(body: Mapping[str, Any]) -> Markup:
    """From where to where a listing is shipped; cities where it names them instead."""
    start, goals = body.get("ships_from"), body.get("ships_to") or ()
    cities = body.get("cities") or ()
    if not start and not goals:
        return Markup(", ").join(shown(city) for city in cities[:3]) if cities else NOTHING
    to = Markup(", ").join(place(goal) for goal in goals[:4]) if goals else NOTHING
    more = f" +{len(goals) - 4}" if len(goals) > 4 else ""
    return Markup("%s → %s%s") % (place(start), to, more)
