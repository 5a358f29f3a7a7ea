"""A job is accepted, runs, ends and is fetched as the service documents it."""

from __future__ import annotations

import re
from base64 import b64encode
from typing import Any

import httpx
import pytest

from longtake.emulator import EmulatedRequest, EmulatorConfig, Fault, MachineClock, serve_emulator
from longtake.errors import SettingsError
from tests.emulator.service import (
    BAD_BODY,
    BODY,
    I2V,
    LONG_ENOUGH_SECONDS,
    NO_TLS,
    T2V,
    service,
    still,
)


def test_a_request_is_queued_then_processed_then_completed() -> None:
    with service() as one:
        accepted = one.submit().json()
        assert accepted["status"] == "QUEUED"
        assert one.http.get(accepted["status_url"]).json()["status"] == "QUEUED"
        one.clock.advance(10)
        running = one.http.get(accepted["status_url"])
        assert (running.status_code, running.json()["status"]) == (200, "PROCESSING")
        assert one.http.get(accepted["response_url"]).json()["status"] == "PROCESSING"
        one.finish()
        done = one.http.get(accepted["response_url"]).json()
        assert done["status"] == "COMPLETED"
        assert done["metrics"]["cost"] == 0.10
        assert 93 * 0.9 <= done["metrics"]["inference_time"] <= 93 * 1.1


def test_it_is_not_completed_before_its_time_although_the_clip_is_drawn() -> None:
    with service() as one:
        url = one.submit().json()["status_url"]
        clip = one.emulator.requests[0].clip
        assert clip is not None
        clip.result(timeout=30)
        one.clock.advance(60)
        assert one.http.get(url).json()["status"] == "PROCESSING"


def test_the_clip_is_public_and_answers_ranges_and_head() -> None:
    with service() as one:
        url = one.completed()["output"]
        whole = httpx.get(url, trust_env=False, verify=NO_TLS)
        assert whole.headers["content-type"] == "video/mp4"
        part = httpx.get(url, headers={"range": "bytes=4-7"}, trust_env=False, verify=NO_TLS)
        assert (part.status_code, part.content) == (206, b"ftyp")
        head = httpx.head(url, trust_env=False, verify=NO_TLS)
        assert int(head.headers["content-length"]) == len(whole.content)


def test_a_body_gives_the_same_bytes_again_and_seconds_that_vary_by_seed() -> None:
    with service() as one:
        first, again = one.completed(), one.completed()
        assert first["metrics"]["inference_time"] == again["metrics"]["inference_time"]
        files = [
            httpx.get(each["output"], trust_env=False, verify=NO_TLS).content
            for each in (first, again)
        ]
        assert files[0] == files[1]
        one.accepted(BODY | {"seed": 4})
        times = [round(each.ends_at - each.starts_at, 3) for each in one.emulator.requests]
        assert times[2] != times[0]


def test_an_uploaded_image_becomes_frame_0_of_the_clip_by_its_url() -> None:
    with service() as one:
        url = one.upload(still())
        done = one.completed({"prompt": "on", "image": url, "seed": 1}, I2V)
        assert done["metrics"]["cost"] == 0.09
        inline = f"data:image/png;base64,{b64encode(still()).decode()}"
        same = one.completed({"prompt": "on", "image": inline, "seed": 1}, I2V)
        clips = [
            httpx.get(each["output"], trust_env=False, verify=NO_TLS).content
            for each in (done, same)
        ]
        assert clips[0] == clips[1]


@pytest.mark.parametrize(
    ("image", "words"),
    [
        ("{url}/images/assets/none.png", "Failed to download image"),
        ("file:///etc/hostname", "Invalid image URL"),
        ("data:image/png;base64,####", "Invalid data URI"),
        ("data:image/png;base64,aGVsbG8=", "Invalid image"),
    ],
)
def test_an_image_that_cannot_be_used_fails_the_job(image: str, words: str) -> None:
    with service() as one:
        failed = one.completed({"prompt": "on", "image": image.format(url=one.url)}, I2V)
        assert failed["status"] == "FAILED"
        assert words in failed["error"]
        assert one.emulator.billed_usd == 0


def test_the_poll_url_is_the_first_versions_and_answers() -> None:
    with service() as one:
        accepted = one.submit(BAD_BODY).json()
        assert accepted["poll_url"] == f"{one.url}/v1/requests/{accepted['request_id']}"
        one.finish()
        polled = one.http.get(accepted["poll_url"])
        assert polled.status_code == 422
        assert polled.json() == one.http.get(accepted["response_url"]).json()


def test_a_key_without_credits_can_be_told_in_the_services_words() -> None:
    fault = Fault.model_validate({"on": "balance", "do": "http_error", "status": 404})
    with service(fault) as one:
        answer = one.http.get("/v1/get-user-credits")
        assert (answer.status_code, answer.json()) == (
            404,
            {"error": "No credits found for the user"},
        )


def test_a_range_is_answered_only_for_the_file_that_it_is_of() -> None:
    with service() as one:
        url = one.completed()["output"]
        whole = httpx.get(url, trust_env=False, verify=NO_TLS)

        def part(span: str, **headers: str) -> httpx.Response:
            return httpx.get(url, headers={"range": span} | headers, trust_env=False, verify=NO_TLS)

        assert part("bytes=-4").content == whole.content[-4:]
        rest = part("bytes=100-", **{"if-range": whole.headers["etag"]})
        assert (rest.status_code, rest.content) == (206, whole.content[100:])
        assert part("bytes=100-", **{"if-range": '"another"'}).content == whole.content
        assert part("bytes=999999999-").status_code == 416
        for odd in ("bytes=5-1", "bytes=-", "bytes=-0"):
            assert part(odd).status_code == 416
        for unknown in ("bytes=1-2,4-5", "lines=1-2", "bytes=x", "bytes=" + "9" * 5000 + "-"):
            assert part(unknown).content == whole.content


def test_every_upload_gets_a_url_of_its_own() -> None:
    with service() as one:
        first, second = one.upload(b"same"), one.upload(b"same")
        assert first != second
        assert httpx.get(first, trust_env=False, verify=NO_TLS).content == b"same"


def test_v1_answers_with_the_clip_once_its_time_has_come() -> None:
    with service(clock=MachineClock(), pace=1e6) as one:
        answer = one.http.post(f"/v1/{T2V}", json=BODY)
        assert answer.headers["content-type"] == "video/mp4"
        assert answer.content[4:8] == b"ftyp"
        (request,) = one.emulator.requests
        assert answer.headers["x-request-id"] == request.request_id
        assert answer.headers["x-cost"] == "0.1"
        assert answer.headers["x-remaining-credits"] == "99.9"
        assert answer.headers["x-seed-value"] == "3"
        assert float(answer.headers["x-generation-time"]) >= 0


def test_v1_says_why_there_is_no_clip() -> None:
    with service(clock=MachineClock(), pace=1e6) as one:
        answer = one.http.post(f"/v1/{T2V}", json=BAD_BODY)
        assert answer.status_code == 422
        assert "num_frames" in answer.json()["error"]


def test_a_bad_parameter_is_accepted_and_then_fails_unbilled() -> None:
    with service() as one:
        accepted = one.submit(BAD_BODY)
        assert accepted.status_code == 200
        one.finish()
        status = one.http.get(accepted.json()["status_url"])
        assert (status.status_code, status.json()["status"]) == (422, "FAILED")
        assert "num_frames" in status.json()["error"]
        assert "cost" not in status.json()["metrics"]
        assert one.emulator.billed_usd == 0


def test_early_validation_refuses_at_once() -> None:
    with service(validate="early") as one:
        assert one.submit(BAD_BODY).status_code == 400
        assert one.submit({"prompt": "x", "resolution": "4k"}).status_code == 406
        assert one.emulator.requests == ()


def test_json_must_be_announced() -> None:
    with service() as one:
        answer = one.http.post(f"/v2/{T2V}", content=b'{"prompt": "x"}')
        assert (answer.status_code, answer.json()) == (406, {"error": "Invalid content type"})


def test_unknown_models_methods_and_bodies_are_refused() -> None:
    with service() as one:
        assert one.submit(BODY, "wan-9").status_code == 404
        wrong = one.http.get(f"/v2/{T2V}")
        assert wrong.status_code == 405
        assert wrong.headers["content-type"].startswith("text/html")
        json_list = one.http.post(f"/v2/{T2V}", json=[1])
        assert json_list.status_code == 400
        broken = one.http.post(
            f"/v2/{T2V}", content=b"{", headers={"content-type": "application/json"}
        )
        assert broken.status_code == 400


def test_a_record_lives_an_hour_but_the_row_and_the_file_stay() -> None:
    with service() as one:
        done = one.completed()
        address = f"/v2/requests/{done['request_id']}"
        one.clock.advance(3590 - LONG_ENOUGH_SECONDS)
        assert one.http.get(address).status_code == 200
        one.clock.advance(20)  # an hour after the submit; the job's own end is younger
        assert one.http.get(address).status_code == 404
        assert one.http.get(f"{address}/status").status_code == 404
        row = one.http.get(f"/inference-request/request-history/{done['request_id']}").json()
        assert row["generation_url"] == done["output"]
        assert httpx.head(row["generation_url"], trust_env=False, verify=NO_TLS).status_code == 200


def test_a_cold_model_starts_late_once() -> None:
    with service(cold_start_seconds=40.0) as one:
        one.completed()
        one.completed()
        one.clock.advance(1000)
        one.accepted()
        cold, warm, cold_again = (each.ends_at - each.starts_at for each in one.emulator.requests)
        assert cold - warm == pytest.approx(40)
        assert cold_again == pytest.approx(cold)


def test_pace_divides_the_work_and_not_the_records_hour() -> None:
    with service(pace=100.0) as one:
        request_id = one.accepted()
        (request,) = one.emulator.requests
        assert 0.8 < request.ends_at - request.accepted_at < 1.2
        one.finish()
        one.clock.advance(3000)
        assert one.http.get(f"/v2/requests/{request_id}").status_code == 200


@pytest.mark.parametrize(
    ("shape", "path"),
    [("video", ("video", "url")), ("url", ("url",)), ("list", (0, "url")), ("string", ())],
)
def test_output_comes_in_every_shape_that_was_met(shape: str, path: tuple[Any, ...]) -> None:
    with service(output_shape=shape) as one:
        value = one.completed()["output"]
        for part in path:
            value = value[part]
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/images/.+\.mp4", value)


def test_a_hook_is_told_of_every_step_of_a_submit() -> None:
    told: list[tuple[str, int]] = []

    def hook(event: str, request: EmulatedRequest) -> None:
        told.append((event, request.number))

    with service(on_event=hook) as one:
        one.submit(BAD_BODY)
        one.submit(BODY, "wan-9")
    assert told == [("before_accept", 0), ("accepted", 1), ("before_answer", 1)]


def test_a_port_that_is_taken_is_said_so() -> None:
    with service() as one:
        port = int(one.url.rsplit(":", 1)[1])
        with pytest.raises(SettingsError, match="another port"), serve_emulator(port=port):
            pass


@pytest.mark.parametrize("wrong", [{"pace": 0}, {"concurrency": 0}, {"workers": 0}])
def test_a_config_that_cannot_work_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="must be"):
        EmulatorConfig(**wrong)


def test_jobs_can_be_made_late_or_never_to_end() -> None:
    late = Fault.model_validate({"on": "job", "nth": 1, "do": "late", "seconds": 500})
    stuck = Fault.model_validate({"on": "job", "nth": 2, "do": "stuck"})
    with service(late, stuck) as one:
        ids = [one.accepted() for _ in range(2)]
        one.finish()
        states = [one.http.get(f"/v2/requests/{each}/status").json()["status"] for each in ids]
        assert states == ["PROCESSING", "PROCESSING"]
        one.clock.advance(500)
        assert one.http.get(f"/v2/requests/{ids[0]}").json()["status"] == "COMPLETED"
        one.clock.advance(3000)
        assert one.http.get(f"/v2/requests/{ids[1]}").status_code == 404
