"""Polls: the state of a request, its result, and the balance."""

from __future__ import annotations

import math

from starlette.requests import Request
from starlette.responses import Response

from longtake.emulator import responses, scripted
from longtake.emulator.accounts import Account
from longtake.emulator.actions import Action, Endpoint
from longtake.emulator.guard import output_url
from longtake.emulator.state import Emulator

MOST_USD = 1_000_000.0
"""The most that is topped up at once."""


async def status(emulator: Emulator, request: Request, account: Account) -> Response:
    """``GET /v2/requests/{id}/status``."""
    return await _poll(Endpoint.STATUS, emulator, request, account)


async def result(emulator: Emulator, request: Request, account: Account) -> Response:
    """``GET /v2/requests/{id}``, and ``GET /v1/requests/{id}``, which is called ``poll_url``."""
    return await _poll(Endpoint.RESULT, emulator, request, account)


async def _poll(
    operation: Endpoint, emulator: Emulator, request: Request, account: Account
) -> Response:
    emulated = emulator.record(request.path_params["request_id"], account)
    fault = emulator.due(operation, request=emulated)
    if emulated is not None:
        emulated.polls += 1
        emulated.expired = fault is not None and fault.do is Action.EXPIRE

    async def proper() -> Response:
        if emulated is None or emulated.expired:
            return responses.error(404, "Request not found")
        now = emulator.clock.now()
        if emulated.settled and emulated.told_at is None:
            emulated.told_at = now
        if operation is Endpoint.STATUS:
            body = responses.status(emulated, now)
        else:
            url = output_url(request, emulated)
            body = responses.result(emulated, now, url, emulator.config.output_shape)
        return responses.Json(body, status_code=responses.http_status(body))

    return await scripted.answered(emulator, fault, proper)


async def top_up(emulator: Emulator, request: Request, account: Account) -> Response:
    """``POST /emulator/credits?usd=5``: what a person does in the service's billing page.

    A negative sum is what others spend of the account: never more than there is.
    """
    usd = _usd(request.query_params.get("usd", ""))
    if usd is None:
        return responses.error(400, f"usd: how much to add, not 0 and at most {MOST_USD:g}")
    account.credits_usd = max(0.0, round(account.credits_usd + usd, 6))
    return responses.Json({"credits": account.credits_usd, "free-credits": account.free_usd})


def _usd(text: str) -> float | None:
    """A sum that can be added, or None: NaN would stay in the account forever."""
    try:
        usd = float(text)
    except ValueError:
        return None
    return usd if math.isfinite(usd) and 0 < abs(usd) <= MOST_USD else None


async def balance(emulator: Emulator, request: Request, account: Account) -> Response:
    """``GET /v1/get-user-credits``."""
    fault = emulator.due(Endpoint.BALANCE)
    if fault is not None and fault.do is Action.HTTP_ERROR and fault.status == 404:
        return responses.error(404, fault.message or responses.NO_CREDITS_WORDS)

    async def proper() -> Response:
        emulator.settle()
        return responses.Json({"credits": account.credits_usd, "free-credits": account.free_usd})

    return await scripted.answered(emulator, fault, proper)
