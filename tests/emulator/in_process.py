"""The emulator in the test's own loop: no server, socket or thread, on a clock that is handed in.

What a socket does is told to the client here: a reset, an early end, and a wait that lasts longer
than the client's patience (measured on the emulator's clock).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx

from longtake.emulator import (
    Dials,
    Emulator,
    EmulatorClock,
    EmulatorConfig,
    Fault,
    FaultScript,
    InstantMaker,
    ManualClock,
    create_app,
)


class InProcessTransport(httpx.AsyncBaseTransport):
    """``httpx.ASGITransport`` with the errors and time-outs of a real connection."""

    def __init__(self, emulator: Emulator) -> None:
        self._clock: EmulatorClock = emulator.clock
        self._inner = httpx.ASGITransport(create_app(emulator))

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        patience = request.extensions.get("timeout", {}).get("read")
        answer = asyncio.ensure_future(self._inner.handle_async_request(request))
        waits: set[asyncio.Future[Any]] = {answer}
        if patience is not None:
            waits.add(asyncio.ensure_future(self._clock.sleep(patience)))
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            if not answer.done():
                raise httpx.ReadTimeout("no answer in time", request=request)
            return answer.result()
        except ConnectionResetError as error:
            raise httpx.ReadError(str(error), request=request) from error
        except ConnectionAbortedError as error:
            raise httpx.RemoteProtocolError(str(error), request=request) from error
        finally:
            for one in waits:
                one.cancel()
            await asyncio.gather(*waits, return_exceptions=True)


CLIP = b"the bytes of some clip"
BODY = {"prompt": "a lighthouse", "seed": 7}


def made(model: str, body: dict[str, Any], dials: Dials) -> bytes:
    return CLIP + f" {model} {body['seed']}".encode()


@asynccontextmanager
async def simulated(
    *rules: dict[str, Any], **settings: Any
) -> AsyncIterator[tuple[httpx.AsyncClient, ManualClock, Emulator]]:
    clock = ManualClock()
    script = FaultScript(faults=tuple(Fault.model_validate(rule) for rule in rules))
    maker = InstantMaker(made)
    config = EmulatorConfig(clock=clock, seed=1, maker=maker, faults=script, pace=1, **settings)
    with Emulator(config) as emulator:
        transport = InProcessTransport(emulator)
        headers = {"x-api-key": "SG_1"}
        async with httpx.AsyncClient(
            transport=transport, base_url="http://service", headers=headers, timeout=10
        ) as http:
            yield http, clock, emulator
