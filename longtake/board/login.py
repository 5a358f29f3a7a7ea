"""Where a token is given that is not in the address."""

from __future__ import annotations

import hmac
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from longtake.board.access import welcome
from longtake.board.desk import desk_of
from longtake.board.templates import look, page


async def login(request: Request) -> Response:
    """The form, and what becomes of it."""
    token = desk_of(request).place.token
    if token is None:
        return RedirectResponse("/", status_code=303)
    if request.method == "POST":
        (given,) = parse_qs((await request.body()).decode(errors="replace")).get("token", [""])[:1]
        if hmac.compare_digest(given.strip().encode(), token.encode()):
            return welcome(token)
    facts = {"nonce": request.state.nonce, "look": look(), "stamp": ""}
    wrong = request.method == "POST"
    return HTMLResponse(page("login.html.j2", wrong=wrong, **facts), 401 if wrong else 200)
