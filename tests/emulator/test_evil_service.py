"""What a malicious or careless service does, as the fault script plays it."""

from __future__ import annotations

import base64
import gzip
import io
import json
from typing import Any
from urllib.parse import quote_from_bytes

import av
import httpx
import pytest

from longtake.emulator import Dials, ManualClock, ShiftedClock, create_app
from longtake.emulator.odd_clips import CLIPS, odd_clip
from longtake.emulator.rows import SHAPES
from longtake.emulator.shapes import IDS, KEYS, METRICS, OUTPUTS, WORDS
from tests.emulator.in_process import BODY, made, simulated
from tests.emulator.service import T2V

BALANCE = "/v1/get-user-credits"
HISTORY = "/inference-request/request-history"
KEY = "SG_1"


async def ended(http: httpx.AsyncClient, clock: ManualClock) -> dict[str, Any]:
    """What a submit answered whose job has come to its end."""
    accepted: dict[str, Any] = (await http.post(f"/v2/{T2V}", json=BODY)).json()
    clock.advance(200)
    return accepted


async def result_under(rule: dict[str, Any]) -> dict[str, Any]:
    async with simulated({"on": "result"} | rule) as (http, clock, _):
        accepted = await ended(http, clock)
        result: dict[str, Any] = (await http.get(accepted["response_url"])).json()
        return result


async def row_under(shape: str) -> dict[str, Any]:
    async with simulated({"on": "history", "do": "odd_rows", "shape": shape}) as (http, clock, _):
        accepted = await ended(http, clock)
        row: dict[str, Any] = (await http.get(f"{HISTORY}/{accepted['request_id']}")).json()
        return row


async def test_a_file_may_be_late_for_every_clip_by_itself() -> None:
    rule = {"on": "download", "do": "not_found", "each": True, "for_seconds": 90}
    async with simulated(rule) as (http, clock, _):
        for _ in range(2):
            accepted = await ended(http, clock)
            url = (await http.get(accepted["response_url"])).json()["output"]
            codes = []
            for _ in range(3):
                codes.append((await http.get(url)).status_code)
                clock.advance(60)
            assert codes == [404, 404, 200]


@pytest.mark.parametrize("code", [401, 403, 404])
async def test_a_file_may_be_refused_so_many_times(code: int) -> None:
    rule = {"on": "download", "do": "http_error", "status": code, "each": True, "times": 2}
    async with simulated(rule) as (http, clock, _):
        accepted = await ended(http, clock)
        url = (await http.get(accepted["response_url"])).json()["output"]
        assert [(await http.get(url)).status_code for _ in range(3)] == [code, code, 200]


async def test_a_cdn_may_doubt_that_a_person_asks() -> None:
    async with simulated({"on": "download", "do": "challenge", "times": 1}) as (http, clock, _):
        accepted = await ended(http, clock)
        url = (await http.get(accepted["response_url"])).json()["output"]
        page = await http.get(url)
        assert (page.status_code, page.headers["cf-mitigated"]) == (403, "challenge")
        assert "Just a moment" in page.text
        assert (await http.get(url)).content == made(T2V, BODY, Dials())


@pytest.mark.parametrize("code", [401, 403, 409, 425])
@pytest.mark.parametrize("on", ["status", "result"])
async def test_a_poll_may_be_refused_once(on: str, code: int) -> None:
    rule = {"on": on, "do": "http_error", "status": code, "times": 1}
    async with simulated(rule) as (http, clock, _):
        accepted = await ended(http, clock)
        url = accepted["status_url" if on == "status" else "response_url"]
        assert [(await http.get(url)).status_code for _ in range(2)] == [code, 200]


def spelled(key: str) -> dict[str, str]:
    return {
        "plain": key,
        "json_escaped": "".join(f"\\u{ord(one):04x}" for one in key),
        "percent": quote_from_bytes(key.encode(), safe=""),
        "base64": base64.b64encode(key.encode()).decode(),
        "base64_twice": base64.b64encode(base64.b64encode(key.encode())).decode(),
    }


@pytest.mark.parametrize("spelling", KEYS)
async def test_the_key_may_come_back_in_every_spelling(spelling: str) -> None:
    rule = {"on": "balance", "do": "echo_key", "shape": spelling}
    async with simulated(rule) as (http, _, _):
        async with http.stream("GET", BALANCE) as answer:
            chunks = [chunk async for chunk in answer.aiter_raw()]
        text = b"".join(chunks).decode()
        assert answer.status_code == 500
        json.loads(text)
        if spelling == "header":
            assert answer.headers["x-echo"] == KEY
            assert KEY not in text
        elif spelling == "percent":
            assert "".join(f"%{byte:02X}" for byte in KEY.encode()) in text
        else:
            assert spelled(KEY).get(spelling, KEY) in text


async def test_a_key_that_is_split_stands_in_no_chunk_whole() -> None:
    rule = {"on": "balance", "do": "echo_key", "shape": "split"}
    async with simulated(rule) as (_, _, emulator):
        sent: list[bytes] = []
        app = create_app(emulator)

        async def send(message: Any) -> None:
            sent.append(message.get("body", b""))

        async def receive() -> Any:
            return {"type": "http.request", "body": b"", "more_body": False}

        scope = {
            "type": "http",
            "method": "GET",
            "path": BALANCE,
            "query_string": b"",
            "headers": [(b"host", b"service"), (b"x-api-key", KEY.encode())],
            "server": ("service", 80),
            "scheme": "http",
            "asgi": {"version": "3.0", "spec_version": "2.4"},
        }
        await app(scope, receive, send)
        assert KEY.encode() in b"".join(sent)
        assert not any(KEY.encode() in chunk for chunk in sent)


@pytest.mark.parametrize("shape", WORDS)
async def test_words_of_errors_may_be_anything(shape: str) -> None:
    rules = (
        {"on": "balance", "do": "dirty_words", "shape": shape},
        {"on": "job", "do": "dirty_words", "shape": shape},
    )
    async with simulated(*rules) as (http, clock, _):
        error = (await http.get(BALANCE)).json()
        assert error["error"] in (WORDS[shape], "Internal server error")
        accepted = await ended(http, clock)
        failed = (await http.get(accepted["response_url"])).json()
        assert (failed["status"], failed["error"]) == ("FAILED", WORDS[shape])
        assert (await http.get(HISTORY)).json()["data"][0]["error"] == WORDS[shape]
        assert (await http.get("/emulator/requests")).status_code == 200


@pytest.mark.parametrize("shape", IDS)
async def test_an_id_may_be_anything_and_the_history_still_has_the_job(shape: str) -> None:
    async with simulated({"on": "submit", "do": "odd_id", "shape": shape}) as (http, clock, _):
        assert (await ended(http, clock))["request_id"] == IDS[shape]
        (row,) = (await http.get(HISTORY)).json()["data"]
        assert (row["model_status"], row["request_body"]) == ("COMPLETED", BODY)


async def test_an_answer_may_be_deep_big_or_a_bomb() -> None:
    rules = (
        {"on": "balance", "nth": 1, "do": "deep"},
        {"on": "balance", "nth": 2, "do": "big", "size_bytes": 3_000_000},
        {"on": "balance", "nth": 3, "do": "bomb", "size_bytes": 5_000_000},
    )
    async with simulated(*rules) as (http, _, _):
        deep = (await http.get(BALANCE)).text
        assert deep.count("[") == 900
        big = (await http.get(BALANCE)).json()
        assert (len(big["padding"]), big["credits"]) == (3_000_000, 100.0)
        async with http.stream("GET", BALANCE) as bomb:
            raw = b"".join([chunk async for chunk in bomb.aiter_raw()])
        assert bomb.headers["content-encoding"] == "gzip, gzip"
        assert len(raw) < 2_000
        assert len(gzip.decompress(gzip.decompress(raw))) == 5_000_000


async def test_the_date_may_be_off() -> None:
    async with simulated({"on": "balance", "do": "skew", "seconds": -300}) as (http, _, _):
        skewed = await http.get(BALANCE)
        assert skewed.headers["date"] == "Thu, 01 Jan 2026 11:55:00 GMT"
        assert skewed.json()["credits"] == 100.0


async def test_the_services_whole_clock_may_be_off() -> None:
    clock = ManualClock()
    shifted = ShiftedClock(clock, 300)
    assert shifted.now() - clock.now() == 300


@pytest.mark.parametrize("shape", METRICS)
async def test_money_and_time_may_come_in_any_shape(shape: str) -> None:
    proper = await result_under({"do": "slow", "seconds": 0})
    odd = await result_under({"do": "odd_metrics", "shape": shape})
    assert repr(odd["metrics"]) != repr(proper["metrics"])
    assert odd["output"] == proper["output"]


async def test_the_history_may_say_another_cost_too() -> None:
    rule = {"on": "history", "do": "odd_metrics", "shape": "cost_text"}
    async with simulated(rule) as (http, clock, _):
        await ended(http, clock)
        (row,) = (await http.get(HISTORY)).json()["data"]
        assert row["credits_deduction"] == "0.1"


async def test_a_job_may_cost_more_than_the_table_says() -> None:
    async with simulated({"on": "job", "do": "price", "usd": 0.18}) as (http, clock, emulator):
        accepted = await ended(http, clock)
        assert (await http.get(accepted["response_url"])).json()["metrics"]["cost"] == 0.18
        assert emulator.billed_usd == 0.18
        assert (await http.get(BALANCE)).json()["credits"] == 99.82


@pytest.mark.parametrize("shape", SHAPES)
async def test_rows_of_the_history_may_come_in_any_shape(shape: str) -> None:
    rule = {"on": "history", "do": "odd_rows", "shape": shape, "nth": 1}
    async with simulated(rule) as (http, clock, _):
        await ended(http, clock)
        odd, proper = [(await http.get(HISTORY)).json() for _ in range(2)]
        assert repr(odd) != repr(proper)


async def test_times_of_rows_may_lack_their_zone_or_mean_another() -> None:
    assert (await row_under("no_zone"))["created_at"] == "2026-01-01T12:00:00"
    assert (await row_under("other_zone_unsaid"))["created_at"] == "2026-01-01 17:30"
    assert (await row_under("other_zone"))["created_at"] == "2026-01-01T17:30:00+05:30"


async def test_bodies_of_rows_may_be_changed_wrapped_or_filled() -> None:
    assert (await row_under("other_types"))["request_body"]["seed"] == "7"
    assert (await row_under("wrapped"))["request_body"] == {"input": BODY}
    assert json.loads((await row_under("json_text"))["request_body"]) == BODY
    filled = (await row_under("defaults"))["request_body"]
    assert BODY.items() <= filled.items()
    assert filled["num_frames"] == 81
    assert (await row_under("no_address"))["generation_url"] is None


@pytest.mark.parametrize("shape", OUTPUTS)
async def test_output_may_come_in_any_shape(shape: str) -> None:
    plain = str((await result_under({"do": "slow", "seconds": 0}))["output"])
    shaped = (await result_under({"do": "reshape", "shape": shape}))["output"]
    assert (shaped == plain) is (shape == "string")


async def test_the_clip_may_be_said_to_be_anywhere() -> None:
    inside = "http://169.254.169.254/latest/meta-data"
    assert (await result_under({"do": "address", "location": inside}))["output"] == inside
    long = (await result_under({"do": "address", "size_bytes": 2**20}))["output"]
    assert len(long) == 2**20
    rule = {"on": "history", "do": "address", "location": inside}
    async with simulated(rule) as (http, clock, _):
        await ended(http, clock)
        assert (await http.get(HISTORY)).json()["data"][0]["generation_url"] == inside


async def test_a_clip_may_come_under_the_type_of_a_text() -> None:
    async with simulated({"on": "download", "do": "media_type"}) as (http, clock, _):
        accepted = await ended(http, clock)
        clip = await http.get((await http.get(accepted["response_url"])).json()["output"])
        assert clip.headers["content-type"].startswith("text/plain")
        assert clip.content == made(T2V, BODY, Dials())


def facts(content: bytes) -> tuple[list[str], list[tuple[int, int]]]:
    """The codecs of a file, and each size in pixels that its frames have, in order."""
    with av.open(io.BytesIO(content)) as container:
        codecs = [stream.codec_context.name for stream in container.streams]
        frames = container.decode(video=0) if container.streams.video else ()
        return codecs, list(dict.fromkeys((one.width, one.height) for one in frames))


def test_odd_clips_are_what_their_shape_says() -> None:
    assert facts(odd_clip("codec")) == (["mpeg4"], [(832, 480)])
    assert facts(odd_clip("size_change")) == (["h264"], [(832, 480), (416, 240)])
    assert facts(odd_clip("wide")) == (["h264"], [(16_384, 16)])
    assert facts(odd_clip("tiny")) == (["h264"], [(16, 16)])
    assert facts(odd_clip("sound_alone")) == (["aac"], [])
    with pytest.raises(av.error.InvalidDataError):
        facts(odd_clip("no_video"))


@pytest.mark.parametrize("shape", CLIPS)
async def test_a_clip_may_stay_odd_however_often_it_is_fetched(shape: str) -> None:
    rule = {"on": "download", "match": {"request": 1}, "do": "odd_clip", "shape": shape}
    async with simulated(rule) as (http, clock, _):
        accepted = await ended(http, clock)
        url = (await http.get(accepted["response_url"])).json()["output"]
        assert [(await http.get(url)).content for _ in range(2)] == [odd_clip(shape)] * 2
