"""A vendor as their own page shows them, with the full fingerprints of every key on it."""

from __future__ import annotations

import re
from dataclasses import replace

from crawler.model.page import Vendor
from crawler.model.pgp import find_key_blocks, fingerprints
from crawler.model.sighting import Sighting
from crawler.model.words import RawVendor
from pipelines.figures import read_count, read_date, read_rating

_LABEL = re.compile(
    r"^(?:vendor|seller|sold by|by|shop|store|продавец|магазин|sotuvchi|сатушы|сатуучу|verkäufer|verkoper|vendeur"
    r"|vendedor|venditore|satıcı)\s*[:：]\s*",
    re.IGNORECASE,
)
_FIGURES = re.compile(r"\s*(?:[(\[][^()\[\]]{0,40}\d[^()\[\]]{0,40}[)\]]\s*|\s[★☆⭐]+|\s\d{1,3}(?:[.,]\d+)?\s?%)+$")


def vendor_name(text: str) -> str | None:
    """The vendor's name without label and figures: "Seller: CaliTerps (1335) (99 %)" → "CaliTerps"."""
    words = " ".join(text.split())
    name = _FIGURES.sub("", _LABEL.sub("", words)).strip()
    return name or words or None


def read_vendor(sighting: Sighting) -> Sighting:
    """The sighting with its vendor page's fields."""
    raw = sighting.raw.vendor
    if raw is None:
        return sighting
    return replace(sighting, page=replace(sighting.page, vendor=_vendor(raw, sighting)))


def _vendor(raw: RawVendor, sighting: Sighting) -> Vendor:
    blocks = raw.pgp_blocks or find_key_blocks(raw.description.text if raw.description else "")
    seen = sighting.time if sighting.dated else None
    return Vendor(
        name=vendor_name(raw.name.text) if raw.name else None,
        description=(raw.description.text.strip() or None) if raw.description else None,
        pgp_fingerprints=tuple(dict.fromkeys(one for block in blocks for one in fingerprints(block))),
        joined=read_date(raw.joined.text, seen) if raw.joined else None,
        last_seen=read_date(raw.last_seen.text, seen) if raw.last_seen else None,
        sales=read_count(raw.sales.text) if raw.sales else None,
        rating=read_rating(raw.rating.text)[0] if raw.rating else None,
        level=(raw.level.text.strip() or None) if raw.level else None,
    )


class VendorPipeline:
    """Scrapy's form of `read_vendor`."""

    def process_item(self, item: Sighting) -> Sighting:
        """The sighting with its vendor."""
        return read_vendor(item)
