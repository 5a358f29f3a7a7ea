"""The blocking call (v1): a clip that is the answer itself, or lies at an address in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from longtake.errors import LongtakeError
from longtake.plain_text import shortened
from longtake.segmind import wire
from longtake.segmind.answers import Answer, ContractBroken, known_id, number_of
from longtake.segmind.bodies import Body
from longtake.segmind.departure import Departure
from longtake.segmind.operations import Call, Operation
from longtake.segmind.refusals import job_failed, lost, refused, unreadable
from longtake.segmind.transfer import Downloaded, fetch_file, keep, may_be_clip
from longtake.segmind.transport import Transport
from longtake.segmind.wire import Failed
from longtake.story import billed_usd


@dataclass(frozen=True)
class Generated:
    """A clip made by the blocking call; ``request_id`` and ``cost_usd`` where it told them."""

    path: Path
    size_bytes: int
    sha256: str
    request_id: str | None
    cost_usd: float | None


async def generate(
    transport: Transport,
    call: Call,
    url: str,
    parameters: Mapping[str, Any],
    into: Path,
    *,
    read_seconds: float,
    max_bytes: int,
    departure: Departure,
) -> Generated:
    """Ask for a clip and write it to ``into``, atomically, wherever the answer has it.

    What breaks after the request left is a paid clip lost from sight: AmbiguousSubmit.
    """
    async with transport.open(
        call, "POST", url, json=parameters, read_seconds=read_seconds, departure=departure
    ) as response:
        call = Call(call.operation, _id_in(response), call.subject)
        body = Body(response)
        if response.is_success and await may_be_clip(call, response, body):
            return await _keep(transport, call, response, body, into, max_bytes)
        answer = await transport.read(call, response, body)
    return await _fetch(transport, call, answer, into, max_bytes)


async def fetch_clip(transport: Transport, url: str, into: Path, *, max_bytes: int) -> Downloaded:
    """Fetch a clip from a public address, without the key, and write it atomically."""
    call = Call(Operation.DOWNLOAD, subject=shortened(url))
    return await fetch_file(transport, call, url, into, max_bytes=max_bytes)


async def _keep(
    transport: Transport,
    call: Call,
    response: httpx.Response,
    body: Body,
    into: Path,
    max_bytes: int,
) -> Generated:
    try:
        file = await keep(transport, call, response, body, into, max_bytes=max_bytes)
    except LongtakeError as error:
        raise lost(call, error) from error
    cost_usd = billed_usd(number_of(response.headers.get("x-cost")))
    return Generated(into, file.size_bytes, file.sha256, call.request_id, cost_usd)


async def _fetch(
    transport: Transport, call: Call, answer: Answer, into: Path, max_bytes: int
) -> Generated:
    """Of an answer that is no video: a refusal, FAILED, or an address."""
    state = wire.read_blocking(answer)
    if isinstance(state, Failed):
        raise job_failed(call, answer, state)
    if state is None or not state.output_url:
        if answer.success:
            raise unreadable(call, "neither a video nor its address", answer)
        raise refused(call, answer, now=transport.now())
    try:
        file = await fetch_clip(transport, state.output_url, into, max_bytes=max_bytes)
    except LongtakeError as error:  # paid: as a fault of the download it would be sent again
        raise lost(call, error) from error
    return Generated(into, file.size_bytes, file.sha256, call.request_id, state.cost_usd)


def _id_in(response: httpx.Response) -> str | None:
    try:
        return known_id(response.headers.get("x-request-id"))
    except ContractBroken:
        return None
