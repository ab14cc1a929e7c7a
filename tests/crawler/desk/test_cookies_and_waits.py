"""To whom a session's cookies go, what a gate shows and asks for, and what tells a member's page from a visitor's."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from scrapy import Request
from scrapy.http import HtmlResponse, Response
from scrapy.utils.test import get_crawler

from crawler.desk.cookies import Cookie
from crawler.desk.marks import is_signed_in, leads_to_sign_in
from crawler.desk.sessions import Session
from crawler.desk.shown import asked_wait, place_in_queue, refresh_target, text_of
from crawler.middlewares.account import ACCOUNT, TRIED, AccountCookies
from crawler.middlewares.gates import GateMiddleware
from crawler.model.desk import SessionRecord, SessionState
from crawler.model.errors import BadInput
from crawler.model.page import Gate
from crawler.model.reading import Received
from spiders.reader import read_page

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
HOST, MIRROR, OTHER = "harbourmarket.onion", "harbourmirror.onion", "somewhere.onion"


def session(*cookies: Cookie, hosts: tuple[str, ...] = (HOST,), id_: int = 1) -> Session:
    record = SessionRecord(
        id=id_,
        market="harbour",
        account="A-17",
        officer="A. Karimov",
        hosts=hosts,
        cookies=len(cookies),
        added=NOW,
        expires=NOW + timedelta(days=1),
        state=SessionState.NEW,
    )
    return Session(record=record, cookies=cookies)


@pytest.fixture
def middleware() -> AccountCookies:
    return AccountCookies.from_crawler(get_crawler())


def sent(middleware: AccountCookies, url: str, trial: Session | None = None) -> tuple[str, str | None]:
    request = Request(url, meta={TRIED: trial})
    middleware.process_request(request)
    return (request.headers.get("Cookie") or b"").decode(), request.meta.get(ACCOUNT)


def test_a_sessions_cookies_go_to_its_own_host_and_path_alone(middleware: AccountCookies) -> None:
    middleware.use(
        session(
            Cookie(name="sid", value="abc", host=HOST),
            Cookie(name="shop", value="x", host=HOST, path="/shop"),
            Cookie(name="old", value="x", host=HOST, expires=1),
        )
    )
    assert sent(middleware, f"http://{HOST}/") == ("sid=abc", "A-17")
    assert set(sent(middleware, f"http://{HOST}/shop/1")[0].split("; ")) == {"sid=abc", "shop=x"}
    assert sent(middleware, f"http://{MIRROR}/") == ("", None)
    assert sent(middleware, f"http://{OTHER}/") == ("", None)


def test_a_session_on_trial_is_used_for_that_request_and_no_other(middleware: AccountCookies) -> None:
    tried = session(Cookie(name="sid", value="tried", host=HOST), id_=2)
    assert sent(middleware, f"http://{HOST}/", tried) == ("sid=tried", "A-17")
    assert sent(middleware, f"http://{HOST}/") == ("", None)
    middleware.use(session(Cookie(name="sid", value="used", host=HOST)))
    assert sent(middleware, f"http://{HOST}/") == ("sid=used", "A-17")
    assert sent(middleware, f"http://{HOST}/", tried) == ("sid=tried", "A-17")


def test_what_the_market_sets_stays_with_the_session_also_where_it_says_secure(middleware: AccountCookies) -> None:
    used = session(Cookie(name="sid", value="abc", host=HOST))
    middleware.use(used)
    kept: list[tuple[Cookie, ...]] = []
    middleware.keep = lambda _, cookies: kept.append(cookies)
    request = Request(f"http://{HOST}/")
    middleware.process_request(request)
    middleware.process_response(request, Response(request.url, headers={"Set-Cookie": "sid=new; Secure; HttpOnly"}))
    assert sent(middleware, f"http://{HOST}/")[0] == "sid=new"
    assert [each.value for each in kept[-1]] == ["new"]
    middleware.use(None)
    assert sent(middleware, f"http://{HOST}/") == ("", None)
    secure = Request("http://shop.example/")
    middleware.process_request(secure)
    middleware.process_response(secure, Response(secure.url, headers={"Set-Cookie": "sid=1; Secure"}))
    assert sent(middleware, "http://shop.example/") == ("", None)


def page(body: str, url: str = f"http://{HOST}/queue", **headers: str) -> HtmlResponse:
    return HtmlResponse(url, body=body.encode(), headers=headers, encoding="utf-8")


@pytest.mark.parametrize(
    ("response", "seconds"),
    [
        (page("", **{"Retry-After": "30"}), 30),
        (page("", **{"Retry-After": "Wed, 25 Nov 2026 12:00:20 GMT"}), 20),
        (page("", **{"Retry-After": "Wed, 25 Nov 2020 12:00:20 GMT"}), 0),
        (page("", **{"Retry-After": "soon"}), None),
        (page("", Refresh="7; url=/"), 7),
        (page("<meta http-equiv='Refresh' content='12'>"), 12),
        (page("<meta http-equiv=refresh content=\"5;URL='/in'\">"), 5),
        (page("<meta http-equiv=refresh content='x'>"), None),
        (page(""), None),
    ],
)
def test_a_gate_says_how_long_to_wait(response: HtmlResponse, seconds: float | None) -> None:
    assert asked_wait(response, NOW) == seconds


def test_a_refresh_is_followed_on_its_own_host_alone() -> None:
    assert refresh_target(page("<meta http-equiv=refresh content='5; url=/in?t=1'>")) == f"http://{HOST}/in?t=1"
    assert refresh_target(page(f"<meta http-equiv=refresh content='5; url=http://{OTHER}/'>")) is None
    assert refresh_target(page("<meta http-equiv=refresh content='5; url=http://[::1'>")) is None
    assert refresh_target(page("<meta http-equiv=refresh content='5'>")) is None


def test_what_a_gate_shows_is_its_words_and_nothing_that_runs() -> None:
    body = "<title>Queue</title><script>x()</script><style>p{}</style><p>Your  place:\n 12</p><img alt='a cat'>"
    assert text_of(page(body)) == "Queue\nYour place: 12\na cat"
    assert place_in_queue(text_of(page(body))) == "Your place: 12"
    assert text_of(Response("http://x.onion/", body=b"\xff\x00<p>words")) == "\ufffd\nwords"
    assert len(text_of(page("".join(f"<p>{number} words" for number in range(100_000))))) <= 4_000


MEMBER = "<a href='/account'>me</a><a href='/logout?t=1'>x</a>"
VISITOR = "<a href='/auth/login.php'>x</a><a href='/l/1'>3-MMC</a>"


@pytest.mark.parametrize(
    ("body", "signed_in"),
    [
        (MEMBER, True),
        (VISITOR, False),
        (MEMBER + VISITOR, True),
        ("<form action='/signout'><button>x</button></form>", True),
        ("<button> Выйти </button>", True),
        ("<a href='#'>Log in</a>", False),
        ("<a href='/l/1'>3-MMC, log out of stock</a>", None),
        ("<a href='/category/exitus'>x</a>", None),
        ("", None),
    ],
)
def test_a_members_page_is_told_from_a_visitors(body: str, signed_in: bool | None) -> None:
    assert is_signed_in(page(body), None) is signed_in


def test_a_profiles_marker_decides_where_there_is_one() -> None:
    assert is_signed_in(page(VISITOR + "<b class=balance>0</b>"), "b.balance")
    assert is_signed_in(page(MEMBER), "b.balance") is False
    assert is_signed_in(Response("http://x.onion/", body=b"x"), "b.balance") is None


def test_an_address_where_visitors_sign_in_is_known() -> None:
    assert leads_to_sign_in(f"http://{HOST}/login?next=/l/1")
    assert leads_to_sign_in(f"http://{HOST}/user/sign-in.php")
    assert not leads_to_sign_in(f"http://{HOST}/listing/login-codes")


def test_an_answer_that_asks_for_authorisation_is_a_login() -> None:
    raw = read_page(Received(body=b"<html>no", url=f"http://{HOST}/", content_type="text/html", status=401))
    assert raw.gate == Gate.LOGIN.value


def test_a_patience_that_is_no_span_of_time_is_said_before_anything_is_asked() -> None:
    settings = {"STATE": "x", "DESK_PATIENCE": "soon", "DESK_LOOKS_EVERY": "2s"}
    with pytest.raises(BadInput, match="DESK_PATIENCE must be a span of time"):
        GateMiddleware.from_crawler(get_crawler(settings_dict=settings))
