"""Each software profile reads a page with the places its software has, in miniature, with invented offers."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from config.profiles import SOFTWARE_FOLDER, read_profile, software_names
from crawler.model.plain import plain
from crawler.model.reading import Received
from pipelines.understanding import start_sighting, understand
from spiders.reader import read_page

PAGES: dict[str, tuple[str, dict[str, Any]]] = {
    "kabus": (
        """<div class="products-show-main"><h1 class="products-show-title">3-MMC 5g</h1>
<div class="products-show-column-left"><span>Positive:</span><span>12</span></div><div class="products-show-price">
<span class="products-show-price-fiat">$60.50</span> <span class="products-show-price-monero">≈ ɱ0.3801</span></div>
<span class="products-show-badge products-show-badge-cargo">Cargo</span>
<span class="products-show-badge products-show-badge-category">Stimulants</span>
<div class="products-show-shipping-from">From Netherlands</div><div>⬇</div>
<div class="products-show-shipping-to">To Worldwide</div>
<span class="products-show-badge products-show-badge-stock">Stock ➜ 1,200 grams</span>
<a href="/dashboard/ada" class="products-show-username-link"> ada </a><a href="/vendors/ada">Visit Vendor</a>
<form><button>Add to Cart</button></form>
<div class="products-show-description"><h2>Product Description</h2>
<div class="products-show-description-content">Sent on working days.</div></div></div>""",
        {
            "title": "3-MMC 5g",
            "vendor": "ada",
            "price": {"amount": 60.5, "currency": "USD"},
            "category": ["Stimulants"],
            "ships_from": {"country": "NL", "text": "Netherlands"},
            "ships_to": [{"country": "WW", "text": "Worldwide"}],
            "stock": 1200,
            "description": "Sent on working days.",
        },
    ),
    "eckmar": (
        """<ol class="breadcrumb"><li class="breadcrumb-item"><a href="/">Products</a></li>
<li class="breadcrumb-item"><a href="/c/1">Drugs</a></li><li class="breadcrumb-item active">
<a href="/c/2">Stimulants</a>
</li></ol><div class="row"><div class="col-md-5"><h2>3-MMC 5g</h2><form><table class="table"><tr><td>Offers</td><td><ul>
<li><strong>$ 12.50</strong> per gram, for at least 1 product</li>
<li><strong>$ 10.00</strong> per gram, for at least 10 products</li></ul></td></tr>
<tr><td>Left/Sold</td><td><span class="badge badge-light">40 grams</span>/
<span class="badge badge-light">7 grams </span></td></tr></table><button>Add to cart</button></form></div>
<div class="col-md-3"><div class="card"><div class="card-header">Seller information</div><div class="card-body">
<div class="btn-group"><a class="btn btn-light btn-sm" href="/vendor/ada"><span>ada</span></a>
<span class="btn btn-primary">Level 3</span></div></div></div></div></div>
<ul id="productsmenu" class="nav nav-tabs"><li><a href="#productsmenu">Details</a></li></ul>
<p>Sent on working days.</p>""",
        {
            "title": "3-MMC 5g",
            "vendor": "ada",
            "price": {"amount": 12.5, "currency": "USD"},
            "category": ["Drugs", "Stimulants"],
            "stock": 40,
            "sales": 7,
            "prices": [
                {"amount": 12.5, "currency": "USD", "quantity_text": "1 product"},
                {"amount": 10, "currency": "USD", "quantity_text": "10 products"},
            ],
        },
    ),
    "bitwasp": (
        """<div class="span9 mainContent" id="item_detail"><div class="itemInfo" id="prod_a1"><h2>
<a href="/message/send/u1" class="btn">Message Vendor</a> 3-MMC 5g</h2><div class="row-fluid">Vendor:
<a href="/user/u1">ada</a> <span class="rating">(<a href="/reviews/view/user/u1">4.8</a>)</span><br>Added: today</div>
<div class="price">Price: <span class="priceValue">BTC 0.0125</span></div>Ship's From: Netherlands<br>
Ship's To: <br> - Germany BTC 0.001 <br><div id="main">Sent on working days.</div></div></div>""",
        {
            "title": "3-MMC 5g",
            "vendor": "ada",
            "price": {"amount": 0.0125, "currency": "BTC"},
            "ships_from": {"country": "NL", "text": "Netherlands"},
            "description": "Sent on working days.",
        },
    ),
    "annularis": (
        """<div class="col-lg-9" id="item_detail"><div class="card bg-light card-body mb-3"><div class="caption-full">
<h4 class="float-right">EUR 60.50</h4><h4><a href="/item/a1">3-MMC 5g</a></h4><p class="float-right">
<a href="/message/send/u1" class="btn">Message</a><input type="submit" value="Purchase"></p><p>Sent on working days.</p>
<p>By <a href="/user/u1">ada</a> <span class="rating">(<a href="/reviews/view/user/u1">4.8</a>)</span></p></div>
</div></div>""",
        {
            "title": "3-MMC 5g",
            "vendor": "ada",
            "price": {"amount": 60.5, "currency": "EUR"},
            "description": "Sent on working days.",
        },
    ),
    "woocommerce": (
        """<body class="product-template-default single single-product woocommerce"><nav class="woocommerce-breadcrumb">
<a href="/">Home</a> / <a href="/c/a">Drugs</a> / <a href="/c/b">Stimulants</a> / 3-MMC 5g</nav>
<div class="summary entry-summary"><h1 class="product_title entry-title">3-MMC 5g</h1><p class="price"><del>
<span class="woocommerce-Price-amount amount">£70.00</span></del> <ins>
<span class="woocommerce-Price-amount amount">£60.50</span></ins></p><p class="stock in-stock">8 in stock</p>
<form class="cart"><button>Add to basket</button></form></div>
<div class="woocommerce-tabs"><div id="tab-description"><p>Sent on working days.</p></div></div>
<ol class="commentlist"><li><div class="comment_container"><div class="star-rating">Rated 4 out of 5</div>
<p class="meta"><strong class="woocommerce-review__author">bob</strong>
<time class="woocommerce-review__published-date" datetime="2025-05-06T07:08:09+00:00">May</time></p>
<div class="description"><p>Came well packed.</p></div></div></li></ol></body>""",
        {
            "title": "3-MMC 5g",
            "price": {"amount": 60.5, "currency": "GBP"},
            "category": ["Drugs", "Stimulants"],
            "stock": 8,
            "description": "Sent on working days.",
        },
    ),
    "opencart": (
        """<div class="container" id="product-product"><ul class="breadcrumb"><li><a href="/">Home</a></li>
<li><a href="/c/a">Stimulants</a></li><li><a href="/p/1">3-MMC 5g</a></li></ul><div id="content"><div class="col-sm-8">
<div class="tab-content"><div class="tab-pane active" id="tab-description">Sent on working days.</div></div></div>
<div class="col-sm-4"><h1>3-MMC 5g</h1><ul class="list-unstyled"><li>Product Code: X1</li></ul>
<ul class="list-unstyled"><li><h2>60.50€</h2></li><li>Ex Tax: 50.00€</li></ul>
<div id="product"><input type="text" name="quantity"><button>Add to Cart</button></div></div></div></div>""",
        {
            "title": "3-MMC 5g",
            "price": {"amount": 60.5, "currency": "EUR"},
            "category": ["Stimulants"],
            "description": "Sent on working days.",
        },
    ),
}
SHELVES = {
    "kabus": """<div class="products-index-container"><div class="product-card-grid"><a href="/products/3mmc"
class="product-card"><form><button title="Add to Wishlist">♥</button></form><span class="product-card-type">Cargo</span>
<span class="product-card-price">$60.50</span><h3 class="product-card-name">3-MMC 5g</h3></a></div></div>""",
    "eckmar": """<div class="row my-2"><div class="col-md-9"><a href="/products/3mmc"><h3 class="mb-0">3-MMC 5g</h3></a>
<h5>Posted by <a href="/vendor/ada" class="badge badge-info">ada</a></h5>From: <strong>$60.50</strong></div></div>""",
    "bitwasp": """<div id="item_view"><div class="span3 well well-small"><div class="caption">
<a href="/products/3mmc">3-MMC 5g</a><div class="price">Price: <span class="priceValue">$60.50</span></div>
<div class="vendor"><a href="/user/u1">ada</a></div></div></div></div>""",
    "annularis": """<div class="card bg-light card-body mb-3"><a href="/products/3mmc"><img></a><div class="caption">
<h4>
<a href="/products/3mmc">3-MMC 5g</a></h4><p>$60.50 - <a href="/user/u1">ada</a></p></div></div>""",
    "woocommerce": """<body class="tax-product_cat"><ul class="products columns-4"><li class="product type-product">
<a href="/products/3mmc" class="woocommerce-LoopProduct-link"><h2 class="woocommerce-loop-product__title">3-MMC 5g</h2>
<span class="price"><span class="woocommerce-Price-amount amount">$60.50</span></span></a></li></ul></body>""",
    "opencart": """<div id="product-category"><div class="product-layout"><div class="product-thumb">
<div class="caption">
<h4><a href="/products/3mmc">3-MMC 5g</a></h4><p>Sent on…</p><p class="price">$60.50</p></div></div></div></div>""",
}


def _profile(tmp_path: Path, software: str) -> Any:
    path = tmp_path / "any.toml"
    path.write_text(f'name = "any"\nsoftware = "{software}"\n')
    return read_profile(path)


def _said(tmp_path: Path, software: str, markup: str) -> dict[str, Any]:
    received = Received(body=markup.encode(), url="http://m.example/x")
    raw = read_page(received, profile=_profile(tmp_path, software))
    said: dict[str, Any] = plain(understand(start_sighting(raw, market="any", url="http://m.example/x")).page)
    return said


def test_every_software_profile_is_tested_here_and_names_its_source() -> None:
    assert set(PAGES) == set(SHELVES) == set(software_names())
    for name in software_names():
        table = tomllib.loads((SOFTWARE_FOLDER / f"{name}.toml").read_text(encoding="utf-8"))
        assert table.keys() == {"title", "source", "read", "selectors"}
        assert isinstance(table["read"], date)


@pytest.mark.parametrize("software", sorted(PAGES))
def test_a_listing_of_the_software_is_read(tmp_path: Path, software: str) -> None:
    markup, expected = PAGES[software]
    page = _said(tmp_path, software, markup)
    assert page["page_type"] == "listing"
    assert {name: page["listing"].get(name) for name in expected} == expected


@pytest.mark.parametrize("software", sorted(SHELVES))
def test_a_shelf_of_the_software_is_read(tmp_path: Path, software: str) -> None:
    (card,) = _said(tmp_path, software, SHELVES[software])["listings"]
    assert (card["title"], card["url"]) == ("3-MMC 5g", "http://m.example/products/3mmc")
    assert card["price"] == {"amount": 60.5, "currency": "USD"}
    assert card.get("vendor", "ada") == "ada"


def test_a_review_of_the_software_is_read(tmp_path: Path) -> None:
    (review,) = _said(tmp_path, "woocommerce", PAGES["woocommerce"][0])["reviews"]
    assert review == {"rating": 4, "text": "Came well packed.", "buyer": "bob", "date": "2025-05-06T07:08:09Z"}
