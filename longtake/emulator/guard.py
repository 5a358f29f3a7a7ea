"""What every route does first: whose key it is, how often it calls, what it sent."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response

from longtake.emulator import responses
from longtake.emulator.accounts import Account
from longtake.emulator.requests import EmulatedRequest
from longtake.emulator.state import Emulator

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
    return f"{base_url(request)}/images/{emulated.path_part}.mp4"


def keyed(handler: Handler, *, is_poll: bool = True) -> Respond:
    """``handler`` behind the checks of the key (401) and of the rate (429)."""

    async def checked(request: Request) -> Response:
        emulator = emulator_of(request)
        key = request.headers.get("x-api-key", "").strip()
        account = emulator.account(key)
        if account is None:
            return responses.error(401, None if key else responses.MISSING_KEY_WORDS)
        reset_at = emulator.over_rate(account, is_poll=is_poll)
        if reset_at is not None:
            return responses.too_many_requests(reset_at)
        return await handler(emulator, request, account)

    return checked
