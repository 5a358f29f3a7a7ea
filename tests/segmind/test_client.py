"""The client's calls as the service sees them."""

from __future__ import annotations

import anyio
import pytest

from longtake.errors import (
    ContentBlocked,
    GenerationFailed,
    MissingKey,
    RateLimited,
    RequestRefused,
    SettingsError,
    UnreadableAnswer,
)
from longtake.segmind import Completed, Failed, SegmindClient, Throttle, failed_error
from tests.segmind.server import ScriptedServer, client_of

T2V = "wan-2.2-t2v-fast"
QUEUED = {"request_id": "id-1", "status": "QUEUED"}


async def test_a_submit_posts_the_parameters_flat_as_json(
    client: SegmindClient, server: ScriptedServer
) -> None:
    server.answer(200, QUEUED)
    submitted = await client.submit(T2V, {"prompt": "Möwen über der See", "seed": 7})
    (seen,) = server.seen
    assert submitted.request_id == "id-1"
    assert (seen.method, seen.path) == ("POST", f"/v2/{T2V}")
    assert seen.headers["content-type"] == "application/json"
    assert seen.json == {"prompt": "Möwen über der See", "seed": 7}


async def test_optional_parameters_that_are_unset_are_left_out(
    client: SegmindClient, server: ScriptedServer
) -> None:
    server.answer(200, QUEUED)
    await client.submit(T2V, {"prompt": "sea", "last_image": None, "negative_prompt": ""})
    assert server.seen[0].json == {"prompt": "sea", "negative_prompt": ""}


async def test_every_call_carries_the_json_content_type_and_the_key(
    client: SegmindClient, server: ScriptedServer
) -> None:
    server.answer(200, {"credits": 1})
    await client.balance()
    (seen,) = server.seen
    assert seen.path == "/v1/get-user-credits"
    assert seen.headers["content-type"] == "application/json"
    assert seen.headers["x-api-key"] == "SG_0123456789abcdef"


async def test_addresses_in_the_answer_are_not_followed(
    client: SegmindClient, server: ScriptedServer
) -> None:
    server.answer(200, {**QUEUED, "status_url": "http://127.0.0.1:9/steal"})
    server.answer(200, {"status": "QUEUED"})
    submitted = await client.submit(T2V, {"prompt": "sea"})
    await client.status(submitted.request_id)
    assert server.seen[1].path == "/v2/requests/id-1/status"


async def test_an_opaque_id_stays_within_its_path(
    client: SegmindClient, server: ScriptedServer
) -> None:
    server.answer(200, {"status": "QUEUED"})
    await client.status("../v1/x?y#z")
    assert server.seen[0].path == "/v2/requests/..%2Fv1%2Fx%3Fy%23z/status"


async def test_each_call_is_sent_once_whatever_the_answer(
    client: SegmindClient, server: ScriptedServer
) -> None:
    server.answer(429, {"error": "Too many requests"}, {"retry-after": "0"})
    with pytest.raises(RateLimited) as caught:
        await client.status("id-1")
    assert caught.value.retry_after_seconds == 0
    assert len(server.seen) == 1


async def test_a_429_slows_the_next_call_of_the_client_down(server: ScriptedServer) -> None:
    slept: list[float] = []
    now = [0.0]

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        now[0] += seconds

    throttle = Throttle(clock=lambda: now[0], sleep=sleep)
    server.answer(429, {"error": "Too many requests"}, {"retry-after": "7"})
    server.answer(200, {"credits": 1})
    async with client_of(server.base_url, throttle=throttle) as client:
        with pytest.raises(RateLimited):
            await client.status("id-1")
        await client.balance()
    assert slept == [7.0]


async def test_a_failed_job_is_a_state_of_status_and_result(
    client: SegmindClient, server: ScriptedServer
) -> None:
    server.answer(422, {"status": "FAILED", "error": "oom", "metrics": {"total_time": 3}})
    assert await client.result("id-1") == Failed("oom", False, {"total_time": 3})


def test_a_failed_state_becomes_the_error_that_fits() -> None:
    assert type(failed_error("id-1", Failed("oom"))) is GenerationFailed
    blocked = failed_error("id-1", Failed("NSFW content detected", content_blocked=True))
    assert type(blocked) is ContentBlocked
    assert blocked.request_id == "id-1"
    assert "NSFW content detected" in str(blocked)


async def test_a_submit_that_fails_at_once_is_a_failed_job(
    client: SegmindClient, server: ScriptedServer
) -> None:
    server.answer(422, {"status": "FAILED", "error": "bad lora"})
    with pytest.raises(GenerationFailed, match="bad lora"):
        await client.submit(T2V, {"prompt": "sea"})


async def test_a_completed_body_under_an_error_code_is_completed(
    client: SegmindClient, server: ScriptedServer
) -> None:
    server.answer(500, {"status": "COMPLETED", "output": "https://host/clip.mp4"})
    assert await client.result("id-1") == Completed("https://host/clip.mp4")


async def test_a_running_state_under_an_error_code_is_an_error(
    client: SegmindClient, server: ScriptedServer
) -> None:
    server.answer(400, {"status": "PROCESSING", "error": "bad id"})
    with pytest.raises(UnreadableAnswer, match="bad id"):
        await client.status("id-1")


async def test_an_unreadable_answer_keeps_its_body(
    client: SegmindClient, server: ScriptedServer
) -> None:
    server.answer(200, {"status": "COMPLETED", "output": {"gif": "no"}})
    with pytest.raises(UnreadableAnswer) as caught:
        await client.result("id-1")
    assert '"gif"' in caught.value.body


# Images


async def test_each_content_is_uploaded_once(client: SegmindClient, server: ScriptedServer) -> None:
    server.answer(200, {"file_urls": ["https://images/a.png"]})
    first = await client.upload(b"picture", "image/png")
    again = await client.upload(b"picture", "image/png")
    assert first == again == "https://images/a.png"
    (seen,) = server.seen
    assert (seen.method, seen.path) == ("POST", "/upload-asset")
    assert seen.json == {"data_urls": ["data:image/png;base64,cGljdHVyZQ=="]}


async def test_chains_that_need_the_same_image_together_share_one_upload(
    client: SegmindClient, server: ScriptedServer
) -> None:
    server.answer(200, {"file_urls": ["https://images/a.png"]})
    urls: list[str] = []

    async def chain() -> None:
        urls.append(await client.upload(b"picture", "image/png"))

    async with anyio.create_task_group() as group:
        for _ in range(4):
            group.start_soon(chain)
    assert urls == ["https://images/a.png"] * 4
    assert len(server.seen) == 1


async def test_another_content_is_another_upload(
    client: SegmindClient, server: ScriptedServer
) -> None:
    for name in ("a", "b"):
        server.answer(200, {"file_urls": [f"https://images/{name}.png"]})
    assert await client.upload(b"one", "image/png") != await client.upload(b"two", "image/png")


async def test_an_upload_that_failed_can_be_sent_again(
    client: SegmindClient, server: ScriptedServer
) -> None:
    server.answer(400, {"error": "not an image"})
    server.answer(200, {"file_urls": ["https://images/a.png"]})
    with pytest.raises(RequestRefused):
        await client.upload(b"picture", "image/png")
    assert await client.upload(b"picture", "image/png") == "https://images/a.png"


# The client itself


async def test_a_client_outside_its_context_says_so() -> None:
    with pytest.raises(RuntimeError, match="async with"):
        await client_of("http://127.0.0.1:9").balance()


@pytest.mark.parametrize("key", ["", "   \n"])
def test_no_key_is_told_before_anything_is_sent(key: str) -> None:
    with pytest.raises(MissingKey, match="SEGMIND_API_KEY"):
        client_of("http://127.0.0.1:9", api_key=key)


@pytest.mark.parametrize("key", ["SG_a b", "SG_a\nb", "SG_“abc”"])
def test_a_key_that_cannot_be_sent_is_told_without_showing_it(key: str) -> None:
    with pytest.raises(SettingsError) as caught:
        client_of("http://127.0.0.1:9", api_key=key)
    assert key not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    ["", "api.segmind.com", "ftp://host", "https://", "http://host:port", "http://127.0.0.1:99999"],
)
def test_an_address_that_is_none_is_told_by_its_name(url: str) -> None:
    with pytest.raises(SettingsError, match="history_url"):
        SegmindClient(api_key="SG_1", history_url=url)
