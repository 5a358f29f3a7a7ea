"""Submits: ``POST /v2/{slug}``, and ``POST /v1/{slug}``, which waits and answers with the clip."""

from __future__ import annotations

import asyncio
from typing import Any, Literal

from starlette.requests import Request
from starlette.responses import Response

from longtake.emulator import responses, scripted
from longtake.emulator.accounts import Account
from longtake.emulator.actions import Action, Endpoint
from longtake.emulator.faults import Fault
from longtake.emulator.guard import base_url
from longtake.emulator.reading import is_json, json_body
from longtake.emulator.requests import EmulatedRequest
from longtake.emulator.shapes import IDS
from longtake.emulator.state import Emulator
from longtake.emulator.validation import Refusal, read_parameters


async def submit(emulator: Emulator, request: Request, account: Account) -> Response:
    """``POST /v2/{slug}`` and ``POST /v1/{slug}``: take a job on."""
    model = request.path_params["slug"]
    body = await json_body(request)
    fault = emulator.due(Endpoint.SUBMIT, model, body if isinstance(body, dict) else {})
    refused = scripted.instead(emulator, fault) if fault is not None else None
    refused = refused or _refusal(emulator, request, account, body)
    if refused is not None:
        return refused
    endpoint: Literal["v1", "v2"] = "v1" if request.url.path.startswith("/v1") else "v2"
    emulated = emulator.accept(account, model, body, endpoint)
    answer: Response = responses.Json(_told(emulated, base_url(request), fault))
    if fault is not None and fault.do.value.startswith("accept_then"):
        emulator.tell("before_answer", emulated)
        return await scripted.spoilt(emulator, fault, answer)
    if endpoint == "v1":
        answer = await _finished(emulator, emulated)
    emulator.tell("before_answer", emulated)
    return answer if fault is None else await scripted.spoilt(emulator, fault, answer)


def _told(emulated: EmulatedRequest, base: str, fault: Fault | None) -> dict[str, Any]:
    """The answer's body; under ``odd_id`` the job goes by that id wherever it is text."""
    if fault is not None and fault.do is Action.ODD_ID:
        odd = IDS[fault.shape or ""]
        emulated.request_id = odd if isinstance(odd, str) else emulated.request_id
        return responses.accepted(emulated, base) | {"request_id": odd}
    return responses.accepted(emulated, base)


def _refusal(emulator: Emulator, request: Request, account: Account, body: Any) -> Response | None:
    """Why the job is not taken on, in the order in which the service looks."""
    model = request.path_params["slug"]
    if not is_json(request):
        return responses.error(406, "Invalid content type")
    if model not in emulator.config.models:
        return responses.error(404, "Model not found")
    if not isinstance(body, dict):
        return responses.error(400, "Invalid JSON body")
    if emulator.config.validate == "early":
        try:
            read_parameters(model, body, emulator.config.models)
        except Refusal as refusal:
            return responses.error(406 if refusal.refused_enum else 400, str(refusal))
    refuses = emulator.config.over_concurrency == "refuse"
    if refuses and emulator.running(account) >= emulator.config.concurrency:
        return responses.too_many_requests(emulator.clock.now() + 1, "Too many concurrent requests")
    if not emulator.affords(account, model):
        return responses.error(emulator.config.out_of_credits_status)
    return None


async def _finished(emulator: Emulator, emulated: EmulatedRequest) -> Response:
    """v1: wait for the job, then answer with the video's bytes, or with why there are none."""
    await emulator.clock.sleep(emulated.ends_at - emulator.clock.now())
    if emulated.clip is not None and not emulated.clip.done():
        await asyncio.wait([asyncio.wrap_future(emulated.clip)])
    emulator.settle()
    if emulated.settled != "COMPLETED":
        return responses.Json({"error": emulated.failure}, status_code=422)
    emulated.downloads += 1
    headers = {
        "x-request-id": emulated.request_id,
        "x-cost": str(emulated.usd),
        "x-remaining-credits": str(emulated.remaining_usd),
        "x-seed-value": str(emulated.seed),
        "x-generation-time": str(round(emulated.ends_at - emulated.starts_at, 3)),
    }
    content = emulated.content
    answer = Response(content, media_type="video/mp4", headers=headers)
    fault = emulator.due(Endpoint.DOWNLOAD, request=emulated)
    if fault is None:
        return answer
    spoilt = await scripted.spoilt_file(emulator, fault, content, "video/mp4")
    spoilt.headers.update(headers)
    return spoilt
