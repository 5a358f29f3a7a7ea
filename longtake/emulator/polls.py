"""Polls: the state of a request, its result, and the balance."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from longtake.emulator import responses, scripted
from longtake.emulator.actions import Action, Endpoint
from longtake.emulator.guard import output_url
from longtake.emulator.state import Account, Emulator


async def status(emulator: Emulator, request: Request, account: Account) -> Response:
    """``GET /v2/requests/{id}/status``."""
    return await _poll(Endpoint.STATUS, emulator, request, account)


async def result(emulator: Emulator, request: Request, account: Account) -> Response:
    """``GET /v2/requests/{id}``."""
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
        if operation is Endpoint.STATUS:
            body = responses.status(emulated, now)
        else:
            url = output_url(request, emulated)
            body = responses.result(emulated, now, url, emulator.config.output_shape)
        return JSONResponse(body, status_code=responses.http_status(body))

    return await scripted.answered(emulator, fault, proper)


async def top_up(emulator: Emulator, request: Request, account: Account) -> Response:
    """``POST /emulator/credits?usd=5``: what a person does in the service's billing page."""
    try:
        usd = float(request.query_params.get("usd", ""))
    except ValueError:
        return responses.error(400, "usd: how much to add")
    account.credits_usd = round(account.credits_usd + usd, 6)
    return JSONResponse({"credits": account.credits_usd, "free-credits": account.free_usd})


async def balance(emulator: Emulator, request: Request, account: Account) -> Response:
    """``GET /v1/get-user-credits``."""

    async def proper() -> Response:
        emulator.settle()
        return JSONResponse({"credits": account.credits_usd, "free-credits": account.free_usd})

    return await scripted.answered(emulator, emulator.due(Endpoint.BALANCE), proper)
