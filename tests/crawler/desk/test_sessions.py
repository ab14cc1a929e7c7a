"""Sessions an officer brings: read from what browsers give, kept encrypted, for the market's own hosts alone."""

import json
import stat
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.desk.cookies import Cookie, read_cookies
from crawler.desk.desk import Desk
from crawler.desk.key import CREDENTIAL, PASSPHRASE_VARIABLE
from crawler.home import Home
from crawler.model.desk import Pasted, SessionState, TaskKind, TaskState
from crawler.model.errors import BadInput
from tests.crawler.crawls import npswatch
from tests.crawler.desk.gated import put_task

HOST, MIRROR = "harbourmarket.onion", "harbourmirror.onion"
SECRET = "s3cr3t-value-of-a-session"
NOW = 1_790_000_000
NETSCAPE = (
    "# Netscape HTTP Cookie File\n\n"
    f"{HOST}\tFALSE\t/\tFALSE\t0\tsid\t{SECRET}\n"
    f"#HttpOnly_.{HOST}\tTRUE\t/shop\tTRUE\t{NOW + 60}\ttoken\tabc==\n"
    f"{HOST}\tFALSE\t/\tFALSE\t{NOW - 60}\told\tx\n"
    "www.example.com\tFALSE\t/\tTRUE\t0\tother\ty\n"
)
EXPORTS = {
    "cookie editor": [
        {"name": "sid", "value": SECRET, "domain": HOST, "hostOnly": True, "path": "/", "expirationDate": NOW + 9.5}
    ],
    "browser context": {"cookies": [{"name": "sid", "value": SECRET, "domain": HOST, "path": "/", "expires": -1}]},
    "quick manager": [
        {"Host raw": f"http://{HOST}/", "Name raw": "sid", "Path raw": "/", "Content raw": SECRET, "Expires raw": "0"}
    ],
    "a plain table": {"sid": SECRET},
}


@pytest.fixture
def desk(home: Path) -> Desk:
    """The desk of a home that knows one market."""
    Home.at(home).remember_addresses("harbour", (f"http://{HOST}/", f"http://{MIRROR}/"))
    return Desk(home)


def pasted(cookies: str = f"sid={SECRET}", **more: Any) -> Pasted:
    values = {"market": "harbour", "account": "A-17", "officer": "A. Karimov", "cookies": cookies} | more
    return Pasted(**values)


def test_a_cookie_file_gives_the_markets_own_living_cookies() -> None:
    read = read_cookies(NETSCAPE, [HOST, MIRROR], NOW)
    assert read.cookies == (
        Cookie(name="sid", value=SECRET, host=HOST),
        Cookie(name="token", value="abc==", host=HOST, below=True, path="/shop", expires=NOW + 60),
    )
    assert read.left_out == 2


def test_cookies_of_one_address_are_for_every_address_only_on_the_officers_word(desk: Desk) -> None:
    bound = desk.bring(pasted(f"{HOST}\tFALSE\t/\tFALSE\t0\tsid\t{SECRET}\n"))
    assert bound.hosts == (HOST,)
    assert desk.usable_session("harbour", MIRROR) is None
    free = desk.bring(pasted(f"{HOST}\tFALSE\t/\tFALSE\t0\tsid\t{SECRET}\n", every_address=True))
    assert free.hosts == (HOST, MIRROR)
    session = desk.usable_session("harbour", MIRROR)
    assert session is not None
    assert {cookie.host for cookie in session.cookies} == {HOST, MIRROR}


@pytest.mark.parametrize("name", EXPORTS)
def test_what_cookie_extensions_export_is_read(name: str) -> None:
    (cookie,) = read_cookies(json.dumps(EXPORTS[name]), [HOST], NOW).cookies
    assert (cookie.name, cookie.value, cookie.host, cookie.path) == ("sid", SECRET, HOST, "/")


@pytest.mark.parametrize(
    "text",
    [
        f"sid={SECRET}; lang=en=x",
        f"Cookie: sid={SECRET}; lang=en=x",
        f"GET / HTTP/1.1\r\nHost: {HOST}\r\nCookie: sid={SECRET}; lang=en=x\r\n\r\n",
        f"\ufeff sid={SECRET};\nlang=en=x ;",
    ],
)
def test_a_cookie_header_is_for_each_host_of_the_market(text: str) -> None:
    cookies = read_cookies(text, [HOST, MIRROR], NOW).cookies
    assert {(each.name, each.value, each.host) for each in cookies} == {
        (name, value, host) for name, value in (("sid", SECRET), ("lang", "en=x")) for host in (HOST, MIRROR)
    }


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "no cookie is in it"),
        ("hello there", "no Cookie header"),
        ("{'a': 1}", "cannot be read"),
        ("[" * 100_000, "cannot be read"),
        ('[{"name": "a"}]', "no name and value"),
        ("[1, 2]", "no list of cookies"),
        ('{"a": 1}', "no list of cookies"),
        ("na me=x", "a cookie's name is none"),
        (f"a={SECRET}\r\nInjected: x", "no Cookie header"),
        ('[{"name": "a", "value": "x\\r\\nSet: y"}]', "has characters that no cookie has"),
        ("a=" + "x" * 9_000, "too long"),
        ("a=1; " * 50_000, "longer than"),
        ("; ".join(f"n{number}=x" for number in range(300)), "300 cookies"),
        ("www.example.com\tFALSE\t/\tTRUE\t0\tother\ty", "1 cookies are for other hosts"),
        (f"evil.{HOST}.example.com\tTRUE\t/\tTRUE\t0\tother\ty", "1 cookies are for other hosts"),
        (f"{HOST}\tFALSE\t/\tFALSE\t0\tsid\tx\nbroken\tline", "line 2 of the cookie file has 2 fields"),
    ],
)
def test_what_is_no_session_of_the_market_is_refused_and_not_repeated(text: str, why: str) -> None:
    with pytest.raises(BadInput, match=why) as refused:
        read_cookies(text, [HOST], NOW)
    assert SECRET not in str(refused.value)


@given(st.text(max_size=300))
def test_no_text_does_more_than_be_read_or_refused(text: str) -> None:
    try:
        read = read_cookies(text, [HOST], NOW)
    except BadInput:
        return
    for cookie in read.cookies:
        assert cookie.is_for(HOST)
        assert all(" " <= letter <= "~" and letter != ";" for letter in cookie.name + cookie.value + cookie.path)


def test_a_session_is_kept_encrypted_and_comes_back_whole(desk: Desk, home: Path) -> None:
    record = desk.bring(pasted(NETSCAPE.replace(str(NOW), "4000000000"), authority="2026/114", expires="7d"))
    assert (record.state, record.account, record.authority, record.hosts) == (
        SessionState.NEW,
        "A-17",
        "2026/114",
        (HOST,),
    )
    session = desk.usable_session("harbour")
    assert session is not None
    assert session.cookies[0].value == SECRET
    assert SECRET not in repr(session) + repr(session.cookies) + repr(record) + repr(pasted(SECRET))
    for file in home.rglob("*"):
        if file.is_file():
            assert SECRET.encode() not in file.read_bytes(), file
            if file.parent.name == "desk":
                assert stat.S_IMODE(file.stat().st_mode) == 0o600, file


def test_a_newer_session_of_the_account_replaces_the_older(desk: Desk) -> None:
    desk.bring(pasted("sid=one"))
    desk.bring(pasted("sid=two"))
    assert [each.state for each in desk.sessions()] == [SessionState.NEW, SessionState.FORGOTTEN]
    session = desk.usable_session("harbour")
    assert session is not None
    assert session.cookies[0].value == "two"


def test_a_session_ends_with_its_time_and_is_wiped(desk: Desk, home: Path) -> None:
    desk.bring(pasted(expires="1s"))
    time.sleep(1.1)
    assert desk.usable_session("harbour") is None
    (record,) = desk.sessions("harbour")
    assert (record.state, record.why) == (SessionState.EXPIRED, "its time is over")
    with pytest.raises(BadInput, match="is over already"):
        desk.bring(pasted(expires="2020-01-01"))
    with pytest.raises(BadInput, match="the session's time"):
        desk.bring(pasted(expires="soon"))


def test_a_session_that_may_not_be_used_stays_so(desk: Desk) -> None:
    record = desk.bring(pasted())
    desk.mark_session(record.id, SessionState.REFUSED, "it shows login")
    desk.mark_session(record.id, SessionState.WORKS)
    assert desk.usable_session("harbour") is None
    assert [(each.state, each.why) for each in desk.sessions()] == [(SessionState.REFUSED, "it shows login")]
    assert desk.forget("harbour", "A-17", "A. Karimov") == 0


def test_what_the_market_changed_in_the_session_is_kept(desk: Desk) -> None:
    record = desk.bring(pasted())
    desk.keep_cookies(record, (Cookie(name="sid", value="rotated", host=HOST),))
    session = desk.usable_session("harbour")
    assert session is not None
    assert [each.value for each in session.cookies] == ["rotated"]


def test_a_passphrase_or_a_credential_opens_what_it_sealed_and_nothing_else(
    desk: Desk, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = tmp_path / "words"
    words.write_text("correct horse\n")
    monkeypatch.setenv(PASSPHRASE_VARIABLE, str(words))
    with pytest.raises(BadInput, match="chmod 600"):
        desk.bring(pasted())
    words.chmod(0o600)
    desk.bring(pasted())
    assert not (home / "desk" / "key").exists()

    credentials = tmp_path / "credentials"
    credentials.mkdir()
    (credentials / CREDENTIAL).write_text("correct horse")
    (credentials / CREDENTIAL).chmod(0o400)
    monkeypatch.delenv(PASSPHRASE_VARIABLE)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(credentials))
    session = Desk(home).usable_session("harbour")
    assert session is not None
    assert session.cookies[0].value == SECRET

    monkeypatch.delenv("CREDENTIALS_DIRECTORY")
    assert Desk(home).usable_session("harbour") is None
    (record,) = desk.sessions()
    assert record.state is SessionState.REFUSED
    assert "kept with another key than the key file" in record.why


def test_an_empty_or_missing_passphrase_file_is_said_plainly(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = tmp_path / "words"
    monkeypatch.setenv(PASSPHRASE_VARIABLE, str(words))
    with pytest.raises(BadInput, match="cannot be read"):
        desk.bring(pasted())
    words.touch(mode=0o600)
    with pytest.raises(BadInput, match="is empty"):
        desk.bring(pasted())


def test_bringing_a_session_answers_the_markets_task(desk: Desk, home: Path) -> None:
    login = put_task(home, "harbour", TaskKind.LOGIN, shows="Please log in")
    seized = put_task(home, "harbour", TaskKind.SEIZED, shows="Seized")
    other = put_task(home, "quartz", TaskKind.LOGIN, shows="Please log in")
    desk.bring(pasted())
    states = {each: desk.task(each).state for each in (login, seized, other)}
    assert states == {login: TaskState.ANSWERED, seized: TaskState.OPEN, other: TaskState.OPEN}
    assert desk.task(login).history[-1].what == "a session of account A-17 was brought"


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"market": "nowhere"}, "no address of nowhere is known"),
        ({"account": ""}, "the account's number must be one line"),
        ({"account": "A\n17"}, "the account's number must be one line"),
        ({"officer": "x" * 300}, "the officer's name must be one line"),
        ({"authority": "a\x1b[31m"}, "the authority's reference must be one line"),
    ],
)
def test_a_session_without_its_particulars_is_refused(desk: Desk, more: dict[str, str], why: str) -> None:
    with pytest.raises(BadInput, match=why):
        desk.bring(pasted(**more))
    assert desk.sessions() == []


def test_the_command_line_brings_lists_and_forgets(desk: Desk, home: Path, tmp_path: Path) -> None:
    by = ("--account", "A-17", "--officer", "A. Karimov")
    brought = npswatch(home, "desk", "session", "harbour", "--cookies", "-", *by, "--json", input=f"sid={SECRET}")
    assert brought.returncode == 0, brought.stderr
    assert json.loads(brought.stdout)["state"] == "new"
    file = tmp_path / "cookies.txt"
    file.write_text(NETSCAPE.replace(str(NOW), "4000000000"))
    brought = npswatch(home, "desk", "session", "harbour", "--cookies", str(file), *by, "--authority", "2026/114")
    assert "harbour | account A-17 | new | until" in brought.stdout
    listed = npswatch(home, "desk", "sessions", "harbour", "--json")
    assert [each["state"] for each in json.loads(listed.stdout)] == ["new", "forgotten"]
    assert SECRET not in brought.stdout + listed.stdout + npswatch(home, "desk", "sessions").stdout
    assert npswatch(home, "desk", "forget", "harbour", *by).stdout == "1 sessions of account A-17 forgotten\n"
    assert npswatch(home, "desk", "forget", "harbour", *by).returncode == 2
    assert npswatch(home, "desk", "session", "harbour", "--cookies", "missing", *by).returncode == 2
