"""The emulator as part of a simulation: one loop, a clock and a seed that are handed in."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from longtake.emulator import (
    Dials,
    ManualClock,
)
from tests.emulator.in_process import BODY, made, simulated
from tests.emulator.service import I2V, T2V


async def until(done: asyncio.Task[Any], clock: ManualClock, step_seconds: float) -> None:
    """Let the task run, and the clock whenever nothing else moves."""
    while not done.done():
        for _ in range(50):
            await asyncio.sleep(0)
        clock.advance(step_seconds)


async def test_a_whole_job_runs_without_threads_sockets_or_waiting() -> None:
    before = threading.active_count()
    async with simulated() as (http, clock, emulator):
        accepted = (await http.post(f"/v2/{T2V}", json=BODY)).json()
        clock.advance(200)
        done = (await http.get(accepted["response_url"])).json()
        assert done["status"] == "COMPLETED"
        clip = await http.get(done["output"])
        assert clip.content == made(T2V, BODY, Dials())
        assert emulator.billed_usd == 0.10
        assert threading.active_count() == before


async def test_the_same_seed_and_clock_give_the_same_answers_byte_for_byte() -> None:
    async def story() -> list[bytes]:
        async with simulated({"on": "status", "nth": 2, "do": "http_error"}) as (http, clock, _):
            answers = [await http.post(f"/v2/{T2V}", json={"prompt": "sea"}) for _ in range(3)]
            for seconds in (0, 5, 200):
                clock.advance(seconds)
                answers += [await http.get(one.json()["status_url"]) for one in answers[:3]]
            answers.append(await http.get("/inference-request/request-history"))
            answers.append(await http.post("/upload-asset", json={"data_urls": [DATA_URL]}))
            return [one.content + repr(sorted(one.headers.items())).encode() for one in answers]

    assert await story() == await story()


DATA_URL = "data:image/png;base64,AAAA"


async def test_v1_waits_on_the_clock_that_was_handed_in() -> None:
    async with simulated() as (http, clock, _):
        call = asyncio.ensure_future(http.post(f"/v1/{T2V}", json=BODY, timeout=None))
        await until(call, clock, 10)
        assert call.result().content == made(T2V, BODY, Dials())


@pytest.mark.parametrize(
    ("rule", "error", "accepted"),
    [
        ({"do": "reset"}, httpx.ReadError, 0),
        ({"do": "accept_then_reset"}, httpx.ReadError, 1),
        ({"do": "cut_answer"}, httpx.ReadError, 1),
        ({"do": "silence"}, httpx.ReadTimeout, 0),
        ({"do": "accept_then_silence"}, httpx.ReadTimeout, 1),
        ({"do": "accept_then_silence", "seconds": 3}, httpx.RemoteProtocolError, 1),
        ({"do": "slow", "seconds": 30}, httpx.ReadTimeout, 1),
    ],
    ids=str,
)
async def test_a_broken_connection_is_reported_as_a_real_one_would(
    rule: dict[str, Any], error: type[Exception], accepted: int
) -> None:
    async with simulated({"on": "submit"} | rule) as (http, clock, emulator):
        call = asyncio.ensure_future(http.post(f"/v2/{T2V}", json=BODY))
        await until(call, clock, 1)
        assert type(call.exception()) is error
        assert len(emulator.requests) == accepted


@pytest.mark.parametrize("do", ["truncate", "short", "corrupt", "flood", "playlist", "wrong_size"])
async def test_files_break_in_process_too(do: str) -> None:
    rule = {"on": "download", "do": do} | ({"size_bytes": 1000} if do == "flood" else {})
    async with simulated(rule) as (http, clock, _):
        accepted = (await http.post(f"/v2/{T2V}", json=BODY)).json()
        clock.advance(200)
        url = (await http.get(accepted["response_url"])).json()["output"]
        call = asyncio.ensure_future(http.get(url))
        await until(call, clock, 1)
        broken = call.exception() is not None
        assert broken or do == "wrong_size" or call.result().content != made(T2V, BODY, Dials())


async def test_a_maker_may_refuse_and_the_job_fails_with_its_words() -> None:
    async with simulated() as (http, clock, _):
        accepted = (await http.post(f"/v2/{I2V}", json={"prompt": "x"})).json()
        clock.advance(200)
        failed = await http.get(accepted["response_url"])
        assert (failed.status_code, failed.json()["status"]) == (422, "FAILED")


def test_what_the_emulator_does_reads_no_clock_and_no_chance_but_the_handed_in_ones(
    sources: Callable[[], dict[str, str]],
) -> None:
    reads = ("time.time(", "time.monotonic(", "datetime.now(", "uuid4", "random.", "utcnow(")
    found = {(name, word) for name, text in sources().items() for word in reads if word in text}
    assert found == {("clock.py", "time.time("), ("chance.py", "random.")}


@pytest.fixture
def sources() -> Callable[[], dict[str, str]]:
    from pathlib import Path

    import longtake.emulator as room

    folder = Path(room.__file__).parent
    return lambda: {path.name: path.read_text() for path in folder.glob("*.py")}
