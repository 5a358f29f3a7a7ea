"""What every route does first: whose key it is, how often it calls, what it sent."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from longtake.emulator import responses
from longtake.emulator.requests import EmulatedRequest
from longtake.emulator.state import Account, Emulator

Handler = Callable[[Emulator, Request, Account], Awaitable[Response]]
Respond = Callable[[Request], Awaitable[Response]]


def emulator_of(request: Request) -> Emulator:
    """The emulator that the app serves."""
    emulator: Emulator = request.app.state.emulator
    return emulator


def base_url(request: Request) -> str:
    """The address that the client used, without a slash at its end."""
    return str(request.base_url).rstrip("/")


def output_url(request: Request, emulated: EmulatedRequest) -> str:
    """Where the clip of a completed request is served."""
    return f"{base_url(request)}/images/{emulated.request_id}.mp4"


def keyed(handler: Handler, *, is_poll: bool = True) -> Respond:
    """``handler`` behind the checks of the key (401) and of the rate (429)."""

    async def checked(request: Request) -> Response:
        emulator = emulator_of(request)
        account = emulator.account(request.headers.get("x-api-key", ""))
        if account is None:
            return responses.error(401)
        reset_at = emulator.over_rate(account, is_poll=is_poll)
        if reset_at is not None:
            return responses.too_many_requests(reset_at)
        return await handler(emulator, request, account)

    return checked


def is_json(request: Request) -> bool:
    """Whether the request says that it carries JSON; without it the service answers 406."""
    return request.headers.get("content-type", "").startswith("application/json")


async def json_body(request: Request) -> Any:
    """The body, or None where it is not JSON."""
    with contextlib.suppress(ValueError):
        return json.loads(await request.body())
    return None
