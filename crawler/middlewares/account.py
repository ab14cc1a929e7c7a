"""Cookies of the market's visitor, or of the account an officer brought a session of."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable
from http.cookiejar import Cookie as JarCookie
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import urlsplit

from scrapy import Request, Spider
from scrapy.downloadermiddlewares.cookies import CookiesMiddleware
from scrapy.http import Response
from scrapy.http.cookies import CookieJar

from crawler.desk.cookies import Cookie
from crawler.desk.sessions import Session

TRIED = "session_tried"
"""Key of a request's meta: the session this one request is made with, to test it."""
ACCOUNT, JAR = "account", "cookiejar"
_BETWEEN_KEEPS = 5.0
Keep = Callable[[Session, tuple[Cookie, ...]], None]


class AccountCookies(CookiesMiddleware):
    """Scrapy's cookies, kept apart by session; those of a session go to the market's own hosts alone.

    Each request says in its meta whose it is: ``account`` (none for a visitor) and ``cookiejar`` (the session's id).
    """

    def __init__(self, debug: bool = False) -> None:
        super().__init__(debug)
        self.jars: defaultdict[Any, CookieJar] = defaultdict(lambda: CookieJar(_OnionPolicy()))
        self.session: Session | None = None
        self.keep: Keep | None = None
        self._kept_at = 0.0

    def use(self, session: Session | None) -> None:
        """From now on requests are made with the session; None: as a visitor."""
        self.session = session

    def cookies_of(self, session: Session) -> tuple[Cookie, ...]:
        """The session's cookies as they are now, after what the market changed."""
        return tuple(_plain(cookie) for cookie in self.jars[session.record.id] if cookie.value is not None)

    def process_request(self, request: Request, spider: Spider | None = None) -> None:
        """Gives the request the cookies of its session, or of the visitor."""
        session = request.meta.get(TRIED) or self.session
        for key in (ACCOUNT, JAR):
            request.meta.pop(key, None)
        if session is not None and (urlsplit(request.url).hostname or "").lower() in session.record.hosts:
            request.meta.update({ACCOUNT: session.record.account, JAR: session.record.id})
            self._seed(session)
        super().process_request(request)

    def process_response(self, request: Request, response: Response, spider: Spider | None = None) -> Response:
        """The response; cookies it changes in the session are kept, at most every few seconds."""
        super().process_response(request, response)
        session = self.session
        changed = "Set-Cookie" in response.headers and session is not None
        if changed and session is not None and request.meta.get(JAR) == session.record.id:
            self._keep(session)
        return response

    def _seed(self, session: Session) -> None:
        if session.record.id not in self.jars:
            for cookie in session.cookies:
                self.jars[session.record.id].set_cookie(_jarred(cookie))

    def _keep(self, session: Session) -> None:
        if self.keep is not None and time.monotonic() - self._kept_at > _BETWEEN_KEEPS:
            self._kept_at = time.monotonic()
            self.keep(session, self.cookies_of(session))


class _OnionPolicy(DefaultCookiePolicy):
    def return_ok_secure(self, cookie: JarCookie, request: Any) -> bool:
        """An onion service is a secure place, as browsers see it: its own key encrypts the way to it."""
        host = urlsplit(request.get_full_url()).hostname or ""
        return host.endswith(".onion") or super().return_ok_secure(cookie, request)


def _jarred(cookie: Cookie) -> JarCookie:
    domain = f".{cookie.host}" if cookie.below else cookie.host
    return JarCookie(
        version=0,
        name=cookie.name,
        value=cookie.value,
        port=None,
        port_specified=False,
        domain=domain,
        domain_specified=cookie.below,
        domain_initial_dot=cookie.below,
        path=cookie.path,
        path_specified=True,
        secure=False,
        expires=cookie.expires,
        discard=cookie.expires is None,
        comment=None,
        comment_url=None,
        rest={},
    )


def _plain(cookie: JarCookie) -> Cookie:
    return Cookie(
        name=cookie.name,
        value=cookie.value or "",
        host=cookie.domain.lstrip("."),
        below=cookie.domain_initial_dot,
        path=cookie.path,
        expires=cookie.expires,
    )
