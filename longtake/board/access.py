"""Who may ask the board for what: access checks in front of every page, as ASGI middleware.

Every answer carries a Content-Security-Policy with a nonce of its own. A request is refused that
comes by a foreign name (DNS rebinding), without the token where there is one, or that would change
something and does not come from one of our own pages (CSRF).
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from longtake.board.place import BoardPlace

COOKIE = "longtake-board"
STAMP_HEADER = "x-longtake-board"
"""Carries the page's stamp: other sites can neither read it nor send such a header unasked."""

MOST_BYTES = 4 * 2**20
"""A larger request is refused: a storyboard is two mebibytes at most."""

LOGIN = "/login"


class AccessControl:
    """Lets through what ``place`` allows, with safe headers on every answer."""

    def __init__(self, app: ASGIApp, place: BoardPlace) -> None:
        self._app = app
        self._place = place

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request, as ASGI defines it."""
        if scope["type"] == "lifespan":
            return await self._app(scope, receive, send)
        if scope["type"] != "http":
            return await send({"type": "websocket.close", "code": 1008})
        nonce = secrets.token_urlsafe(16)
        scope.setdefault("state", {})["nonce"] = nonce

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                _add_headers(MutableHeaders(scope=message), nonce)
            await send(message)

        refusal = self._refusal(scope)
        return await (refusal or self._app)(scope, receive, guarded)

    def _refusal(self, scope: Scope) -> Response | None:
        """The answer to what may not pass; None for what may."""
        headers, method = Headers(scope=scope), scope["method"]
        if not self._place.answers_to(host_name(headers.get("host", ""))):
            return _say(421, "this is not the board's name; open it by the address that it printed")
        if method not in {"GET", "HEAD", "POST"}:
            return _say(405, "the board knows GET and POST")
        if method == "POST":
            size = headers.get("content-length", "")
            if not size.isdecimal():
                return _say(411, "a request says its length")
            if int(size) > MOST_BYTES:
                return _say(413, "this is too long")
            if not self._from_here(headers):
                return _say(403, "another site may not decide here")
        if scope["path"] == LOGIN:
            return None
        if self._place.token is not None and not self._has_cookie(scope):
            return self._sign_in(scope)
        if method == "POST" and not _same(headers.get(STAMP_HEADER, ""), self._place.stamp):
            return _say(403, "this page is from an earlier board: reload it")
        return None

    def _has_cookie(self, scope: Scope) -> bool:
        given = Request(scope).cookies.get(COOKIE, "")
        return self._place.token is not None and _same(given, cookie_for(self._place.token))

    def _from_here(self, headers: Headers) -> bool:
        """Whether a browser says that one of our own pages asks; what is no browser says nothing.

        A proxy may ask by another name than the browser does: that is one of our further names.
        """
        if headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
            return False
        origin = headers.get("origin")
        if origin is None:
            return True
        try:
            netloc = urlsplit(origin).netloc
        except ValueError:
            return False
        return netloc == headers.get("host") or host_name(netloc) in self._place.names

    def _sign_in(self, scope: Scope) -> Response:
        """With ``?token=…`` in; without it, to where one can give it."""
        request = Request(scope)
        token, given = self._place.token or "", request.query_params.get("token", "")
        if scope["method"] != "GET" or (given and not _same(given, token)):
            return _say(401, "the board wants its token")
        if given:
            return welcome(token, scope["path"])
        if "text/html" in request.headers.get("accept", ""):
            return RedirectResponse(LOGIN, status_code=303)
        return _say(401, "the board wants its token")


def welcome(token: str, path: str = "/") -> Response:
    """To the page, with a cookie in place of the token, which stays in no address."""
    local = "/" + path.lstrip("/\\")
    answer = RedirectResponse(local, status_code=303)
    answer.set_cookie(COOKIE, cookie_for(token), httponly=True, samesite="strict", path="/")
    return answer


def cookie_for(token: str) -> str:
    """What a browser keeps of the token: enough to be let in, not the token."""
    return hmac.new(token.encode(), b"longtake board", hashlib.sha256).hexdigest()


def host_name(host: str) -> str:
    """The name in a Host header, without port and brackets; empty for what is none."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def _same(given: str, wanted: str) -> bool:
    return hmac.compare_digest(given.encode(), wanted.encode())


def _say(status: int, text: str) -> Response:
    return PlainTextResponse(text + "\n", status_code=status)


def _add_headers(headers: MutableHeaders, nonce: str) -> None:
    headers["content-security-policy"] = (
        f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; "
        "img-src 'self' data:; media-src 'self'; connect-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    )
    headers["x-content-type-options"] = "nosniff"
    headers["x-frame-options"] = "DENY"
    headers["referrer-policy"] = "no-referrer"
    headers["cross-origin-opener-policy"] = "same-origin"
    headers["cross-origin-resource-policy"] = "same-origin"
    headers.setdefault("cache-control", "no-store")
