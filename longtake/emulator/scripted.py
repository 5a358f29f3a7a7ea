"""Scripted faults turned into answers: instead of the proper one, or made from it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.responses import PlainTextResponse, RedirectResponse, Response

from longtake.emulator import breakage, hostile, responses, rows, shapes
from longtake.emulator.actions import Action
from longtake.emulator.faults import Fault
from longtake.emulator.odd_clips import odd_clip
from longtake.emulator.state import Emulator

GARBAGE = '{"request_id": "3f'
RATE_LIMIT_SECONDS = 5.0
SLOW_SECONDS = 5.0
FLOOD_BYTES = 64 * 2**20
DEPTH = 900
BIG_BYTES = 200 * 2**20
BOMB_BYTES = 512 * 2**20

Answer = Callable[[], Awaitable[Response]]


def instead(emulator: Emulator, fault: Fault) -> Response | None:
    """The answer of a fault that lets nothing be done; None for one that does."""
    status, words = fault.status, fault.message
    match fault.do:
        case Action.HTTP_ERROR:
            return responses.error(status or 500, words)
        case Action.RATE_LIMIT:
            seconds = fault.for_seconds or RATE_LIMIT_SECONDS
            return responses.too_many_requests(emulator.clock.now() + seconds, words)
        case Action.OUT_OF_CREDITS:
            return responses.error(status or emulator.config.out_of_credits_status, words)
        case Action.SPEND_LIMIT:
            return responses.error(406, words or responses.SPEND_LIMIT_WORDS)
        case Action.REDIRECT:
            return RedirectResponse(fault.location or "/", status_code=status or 302)
        case Action.RESET:
            return breakage.Broken()
        case Action.SILENCE:
            return breakage.Broken(then="stall", seconds=fault.seconds)
        case Action.HTML:
            return responses.page("Service temporarily unavailable", status or 200)
        case Action.NOT_FOUND:
            return responses.error(404)
        case Action.CHALLENGE:
            return hostile.challenge(status or 403)
        case Action.ECHO_KEY:
            return hostile.Echo(fault.shape or "", status or 500)
        case Action.DIRTY_WORDS:
            return responses.error(status or 500, shapes.WORDS[fault.shape or ""])
    return None


async def spoilt(emulator: Emulator, fault: Fault, answer: Response) -> Response:
    """``answer``, which was properly made, as the fault lets it arrive."""
    content = bytes(answer.body)
    match fault.do:
        case Action.SLOW:
            await emulator.clock.sleep(SLOW_SECONDS if fault.seconds is None else fault.seconds)
        case Action.NOT_JSON | Action.ACCEPT_THEN_GARBAGE:
            return PlainTextResponse(GARBAGE)
        case Action.EMPTY:
            return Response(b"", media_type=answer.media_type)
        case Action.WRONG_SHAPE:
            return responses.Json({"ok": True})
        case Action.CUT_ANSWER:
            return breakage.Broken(content, until=len(content) // 2)
        case Action.DROP_ANSWER | Action.ACCEPT_THEN_SILENCE:
            return breakage.Broken(then="stall", seconds=fault.seconds)
        case Action.ACCEPT_THEN_RESET:
            return breakage.Broken()
        case Action.ACCEPT_THEN_ERROR:
            return responses.error(fault.status or 502, fault.message)
        case Action.ODD_CODE:
            return responses.Json(json.loads(content), status_code=fault.status or 500)
        case Action.UNKNOWN_STATE:
            return responses.Json(json.loads(content) | {"status": fault.message or "PAUSED"})
        case Action.NO_OUTPUT:
            return hostile.changed(answer, lambda body: _told(body, lambda _: None))
        case Action.RESHAPE:
            shaped = shapes.OUTPUTS[fault.shape or ""]
            return hostile.changed(answer, lambda body: _told(body, shaped))
        case Action.ADDRESS:
            return hostile.changed(answer, lambda body: _addressed(body, fault))
        case Action.ODD_METRICS:
            metrics = shapes.METRICS[fault.shape or ""]
            return hostile.changed(answer, lambda body: _facts(body, metrics))
        case Action.ODD_ROWS:
            return hostile.changed(answer, lambda body: rows.reshaped(body, fault.shape or ""))
        case Action.DEEP:
            return hostile.deep(answer, fault.depth or DEPTH)
        case Action.BIG:
            return hostile.big(answer, fault.size_bytes or BIG_BYTES)
        case Action.BOMB:
            return hostile.bomb(fault.size_bytes or BOMB_BYTES)
        case Action.SKEW:
            return hostile.skewed(answer, emulator.clock.now(), fault.seconds or 0)
    return answer


def _told(body: Any, shape: Callable[[str], object]) -> Any:
    """The same result with another ``output``; an unfinished one is left alone."""
    return body | {"output": shape(str(body["output"]))} if body.get("output") else body


def _addressed(body: Any, fault: Fault) -> Any:
    def elsewhere(url: str) -> str:
        return shapes.address(url, fault.location, fault.size_bytes)

    def row(one: dict[str, Any]) -> dict[str, Any]:
        url = one["generation_url"]
        return one if url is None else one | {"generation_url": elsewhere(str(url))}

    return _told(body, elsewhere) if "metrics" in body else rows.each_row(body, row)


def _facts(body: Any, change: shapes.Change) -> Any:
    return change(body) if "metrics" in body else rows.each_row(body, change)


async def spoilt_file(emulator: Emulator, fault: Fault, content: bytes, kind: str) -> Response:
    """A file of media type ``kind`` as the fault lets it arrive, or what comes instead."""
    refused = instead(emulator, fault)
    if refused is not None:
        return refused
    half = len(content) // 2
    match fault.do:
        case Action.TRUNCATE:
            return breakage.Broken(content, until=half, then="close", media_type=kind)
        case Action.STALL:
            return breakage.Broken(
                content, until=half, then="stall", seconds=fault.seconds, media_type=kind
            )
        case Action.SHORT:
            return Response(content[:half], media_type=kind)
        case Action.CORRUPT:
            return Response(breakage.corrupted(content), media_type=kind)
        case Action.CORRUPT_ANEW:
            return Response(breakage.corrupted(content, emulator.mask()), media_type=kind)
        case Action.WRONG_SIZE:
            shrunk = emulator.maker.shrink(content)
            small = shrunk.result() if shrunk.done() else await asyncio.wrap_future(shrunk)
            return Response(small, media_type=kind)
        case Action.PLAYLIST:
            return Response(breakage.PLAYLIST, media_type=kind)
        case Action.FLOOD:
            return breakage.flood(fault.size_bytes or FLOOD_BYTES)
        case Action.MEDIA_TYPE:
            return Response(content, media_type=fault.message or "text/plain")
        case Action.ODD_CLIP:
            return Response(odd_clip(fault.shape or ""), media_type=kind)
    return await spoilt(emulator, fault, Response(content, media_type=kind))


async def answered(emulator: Emulator, fault: Fault | None, answer: Answer) -> Response:
    """The proper answer, or what the fault makes of it."""
    if fault is None:
        return await answer()
    refused = instead(emulator, fault)
    return refused if refused is not None else await spoilt(emulator, fault, await answer())
