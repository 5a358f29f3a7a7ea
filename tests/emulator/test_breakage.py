"""Every action of the fault table happens on the wire as the table says."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from longtake.emulator import Action, Endpoint
from longtake.emulator.actions import EFFECTS
from tests.emulator.rules import JUST_LONG_ENOUGH_SECONDS, PATIENTLY, outcome, rule
from tests.emulator.service import BAD_BODY, BODY, I2V, T2V, Service, service, still


def submit_under(**fault: Any) -> tuple[httpx.Response | str, int]:
    """What a submit sees, and how many jobs the service took on."""
    with service(rule("submit", **fault)) as one:
        got = outcome(lambda: one.submit(BAD_BODY))
        return got, len(one.emulator.requests)


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        *(({"do": "http_error", "status": code}, code) for code in (400, 401, 402, 403, 404)),
        *(({"do": "http_error", "status": code}, code) for code in (406, 410, 422, 500, 502, 504)),
        ({"do": "http_error"}, 500),
        ({"do": "rate_limit"}, 429),
        ({"do": "out_of_credits"}, 406),
        ({"do": "out_of_credits", "status": 402}, 402),
        ({"do": "html", "status": 405}, 405),
        ({"do": "redirect", "location": "http://127.0.0.1:1/"}, 302),
    ],
)
def test_a_refused_submit_takes_no_job_on(fault: dict[str, Any], status: int) -> None:
    got, accepted = submit_under(**fault)
    assert isinstance(got, httpx.Response)
    assert (got.status_code, accepted) == (status, 0)


def test_a_reset_before_accepting_is_a_real_one_and_takes_no_job_on() -> None:
    assert submit_under(do="reset") == ("ReadError", 0)


def test_silence_takes_no_job_on() -> None:
    got = submit_under(do="silence", seconds=JUST_LONG_ENOUGH_SECONDS)
    assert got == ("RemoteProtocolError", 0)


@pytest.mark.parametrize(
    ("fault", "seen"),
    [
        ({"do": "accept_then_reset"}, "ReadError"),
        ({"do": "cut_answer"}, "ReadError"),
        ({"do": "accept_then_silence", "seconds": JUST_LONG_ENOUGH_SECONDS}, "RemoteProtocolError"),
        ({"do": "drop_answer", "seconds": JUST_LONG_ENOUGH_SECONDS}, "RemoteProtocolError"),
    ],
)
def test_an_accepted_submit_may_never_be_answered(fault: dict[str, Any], seen: str) -> None:
    assert submit_under(**fault) == (seen, 1)


@pytest.mark.parametrize("code", [502, 504, 500])
def test_an_accepted_submit_may_be_answered_with_an_error(code: int) -> None:
    got, accepted = submit_under(do="accept_then_error", status=code)
    assert isinstance(got, httpx.Response)
    assert (got.status_code, accepted) == (code, 1)


@pytest.mark.parametrize("do", ["accept_then_garbage", "not_json", "empty"])
def test_an_accepted_submit_may_be_answered_with_what_does_not_parse(do: str) -> None:
    got, accepted = submit_under(do=do)
    assert isinstance(got, httpx.Response)
    assert (got.status_code, accepted) == (200, 1)
    with pytest.raises(ValueError, match=r"Expecting|Unterminated"):
        got.json()


def test_an_accepted_submit_may_be_answered_without_an_id() -> None:
    got, accepted = submit_under(do="wrong_shape")
    assert isinstance(got, httpx.Response)
    assert "request_id" not in got.json()
    assert accepted == 1


def test_a_client_that_gives_up_on_a_silent_submit_has_still_paid() -> None:
    with service(rule("submit", "accept_then_silence")) as one:
        give_up = httpx.Timeout(5, read=0.1)
        got = outcome(lambda: one.http.post(f"/v2/{T2V}", json=BAD_BODY, timeout=give_up))
        assert (got, len(one.emulator.requests)) == ("ReadTimeout", 1)


def test_a_v1_call_can_be_accepted_and_reset() -> None:
    with service(rule("submit", "accept_then_reset")) as one:
        assert outcome(lambda: one.http.post(f"/v1/{T2V}", json=BODY)) == "ReadError"
        assert [request.endpoint for request in one.emulator.requests] == ["v1"]


def test_out_of_credits_comes_after_the_scripted_sum() -> None:
    with service(rule("submit", "out_of_credits", after_usd=0.20)) as one:
        codes = [one.submit(BODY).status_code for _ in range(4)]
    assert codes == [200, 200, 406, 406]


def test_a_rate_limit_lasts_as_long_as_it_is_scripted() -> None:
    with service(rule("submit", "rate_limit", for_seconds=5)) as one:
        first = one.submit(BAD_BODY)
        assert first.headers["x-rate-limit-reset-at-utc"] == "2026-01-01T12:00:05.000Z"
        one.clock.advance(4)
        assert one.submit(BAD_BODY).status_code == 429
        one.clock.advance(2)
        assert one.submit(BAD_BODY).status_code == 200


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ({"do": "fail"}, "CUDA out of memory"),
        ({"do": "fail", "message": "worker lost"}, "worker lost"),
        ({"do": "content_block"}, "content moderation"),
    ],
)
def test_a_job_fails_as_scripted_and_is_not_billed(fault: dict[str, Any], error: str) -> None:
    with service(rule("job", nth=2, **fault)) as one:
        ids = [one.accepted() for _ in range(2)]
        one.finish()
        answer = one.http.get(f"/v2/requests/{ids[1]}")
        assert (answer.status_code, answer.json()["status"]) == (422, "FAILED")
        assert error in answer.json()["error"]
        assert one.http.get(f"/v2/requests/{ids[0]}").json()["status"] == "COMPLETED"
        assert one.emulator.billed_usd == 0.10


def poll(one: Service, request_id: str, operation: str) -> httpx.Response:
    end = "/status" if operation == "status" else ""
    return one.http.get(f"/v2/requests/{request_id}{end}")


@pytest.mark.parametrize("operation", ["status", "result"])
def test_an_expired_record_is_gone_for_good_but_the_row_stays(operation: str) -> None:
    with service(rule(operation, "expire", nth=2)) as one:
        request_id = one.accepted(BAD_BODY)
        codes = [poll(one, request_id, operation).status_code for _ in range(3)]
        assert codes == [200, 404, 404]
        row = one.http.get(f"/inference-request/request-history/{request_id}")
        assert row.status_code == 200


@pytest.mark.parametrize("operation", ["status", "result"])
def test_a_state_may_be_a_word_that_nobody_knows(operation: str) -> None:
    with service(rule(operation, "unknown_state", message="THAWING")) as one:
        answer = poll(one, one.accepted(BAD_BODY), operation)
        assert (answer.status_code, answer.json()["status"]) == (200, "THAWING")


def test_a_finished_body_may_come_under_an_odd_code() -> None:
    with service(rule("status", "odd_code", status=502)) as one:
        request_id = one.accepted()
        one.finish()
        answer = poll(one, request_id, "status")
        assert (answer.status_code, answer.json()["status"]) == (502, "COMPLETED")


def test_a_result_may_have_no_output_or_another_shape() -> None:
    faults = rule("result", "no_output", nth=1), rule("result", "reshape", nth=2, shape="list")
    with service(*faults) as one:
        request_id = one.accepted()
        one.finish()
        bare, listed, plain = (poll(one, request_id, "result").json() for _ in range(3))
        assert bare["output"] is None
        assert listed["output"] == [{"url": plain["output"]}]


def test_polls_break_a_few_times_and_then_recover() -> None:
    with service(rule("status", "http_error", status=502, times=3)) as one:
        request_id = one.accepted(BAD_BODY)
        codes = [poll(one, request_id, "status").status_code for _ in range(4)]
        assert codes == [502, 502, 502, 200]


def test_a_slow_answer_is_the_proper_one_later() -> None:
    with service(rule("balance", "slow", seconds=30)) as one:
        soon = outcome(lambda: one.http.get("/v1/get-user-credits", timeout=0.1))
        assert soon == "ReadTimeout"
    with service(rule("balance", "slow", seconds=0)) as one:
        assert one.http.get("/v1/get-user-credits").json()["credits"] == 100.0


def test_the_service_too_can_fail_to_fetch_an_image() -> None:
    with service(rule("asset", "truncate")) as one:
        image = one.upload(still())
        failed = one.completed({"prompt": "on", "image": image}, I2V)
        assert failed["status"] == "FAILED"
        assert "Failed to download image" in failed["error"]


def test_history_may_lag_behind() -> None:
    with service(rule("history", "hide", times=1)) as one:
        one.accepted(BAD_BODY)
        url = "/inference-request/request-history"
        assert [len(one.http.get(url).json()["data"]) for _ in range(2)] == [0, 1]


def every_pair() -> list[tuple[Endpoint, Action]]:
    """Every action on every operation that it may be scripted on, but for jobs (tested above)."""
    return [
        (operation, action)
        for action, effect in EFFECTS.items()
        for operation in sorted(effect.operations - {Endpoint.JOB})
    ]


REQUIRED: dict[Action, dict[str, Any]] = {
    Action.REDIRECT: {"location": "http://127.0.0.1:1/"},
    Action.RESHAPE: {"shape": "url"},
    Action.SLOW: {"seconds": 0},
    Action.FLOOD: {"size_bytes": 1000},
    Action.STALL: {"seconds": 0},
    Action.SILENCE: {"seconds": 0},
    Action.DROP_ANSWER: {"seconds": 0},
    Action.ACCEPT_THEN_SILENCE: {"seconds": 0},
    Action.BIG: {"size_bytes": 100_000},
    Action.BOMB: {"size_bytes": 100_000},
    Action.SKEW: {"seconds": 300},
    Action.ADDRESS: {"location": "http://127.0.0.1:1/x.mp4"},
    **{
        action: {"shape": effect.shapes[0]}
        for action, effect in EFFECTS.items()
        if effect.shapes and action is not Action.RESHAPE
    },
}


@pytest.fixture(scope="module")
def picture() -> bytes:
    return still(64, 48)


@pytest.mark.thorough
@pytest.mark.parametrize(("operation", "action"), every_pair())
def test_every_action_works_wherever_it_may_be_scripted(
    operation: Endpoint, action: Action, picture: bytes
) -> None:
    with service(rule(operation, action, nth=1, **REQUIRED.get(action, {}))) as one:
        got, proper = (outcome(lambda: ask_for(one, operation, picture)) for _ in range(2))
        assert isinstance(proper, httpx.Response)
        assert proper.status_code == (404 if action is Action.EXPIRE else 200)
        harmless = {Action.SLOW, Action.EXPIRE}
        if action in {Action.SKEW, Action.MEDIA_TYPE}:
            assert isinstance(got, httpx.Response)
            assert got.headers != proper.headers
            return
        if action not in harmless and isinstance(got, httpx.Response):
            assert (got.status_code, got.content) != (proper.status_code, proper.content)


def ask_for(one: Service, operation: Endpoint, picture: bytes) -> httpx.Response:
    """One call of each kind; what it needs is asked for the first time only."""
    if operation is Endpoint.SUBMIT:
        return one.submit(BAD_BODY)
    if operation is Endpoint.UPLOAD:
        return one.http.post("/upload-asset", json={"data_urls": ["data:image/png;base64,AAAA"]})
    if operation is Endpoint.BALANCE:
        return one.http.get("/v1/get-user-credits")
    if operation is Endpoint.ASSET:
        name = one.emulator.keep(picture, "image/png")
        return httpx.get(f"{one.url}/images/assets/{name}", **PATIENTLY)
    if not one.emulator.requests:
        one.accepted()
        one.finish()
    request_id = one.emulator.requests[0].request_id
    if operation is Endpoint.HISTORY:
        return one.http.get("/inference-request/request-history")
    if operation is Endpoint.DOWNLOAD:
        one.emulator.settle()
        return httpx.get(f"{one.url}/images/{request_id}.mp4", **PATIENTLY)
    return poll(one, request_id, operation)
