"""Bodies beyond the recorded ones: odd, broken and hostile."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longtake.segmind import wire
from longtake.segmind.answers import Answer, ContractBroken, number_of
from longtake.segmind.outputs import find_url
from longtake.segmind.wire import Completed, Failed, Processing


def answer(body: Any, status: int = 200) -> Answer:
    return Answer(status, body if isinstance(body, str) else json.dumps(body))


@pytest.mark.parametrize("status", [200, 400, 404, 422, 500, 502])
def test_a_body_that_says_failed_is_terminal_whatever_the_code(status: int) -> None:
    state = wire.read_terminal(answer({"status": "FAILED", "error": "oom"}, status))
    assert state == Failed("oom")


@pytest.mark.parametrize("status", [200, 422, 500, 502])
def test_a_body_that_says_completed_is_terminal_whatever_the_code(status: int) -> None:
    body = {"status": "COMPLETED", "output": "https://host/clip.mp4"}
    state = wire.read_terminal(answer(body, status))
    assert state == Completed("https://host/clip.mp4")


def test_a_running_job_is_not_terminal() -> None:
    assert wire.read_terminal(answer({"status": "PROCESSING"})) is None


def test_a_422_without_the_word_is_failed_in_answer_to_a_blocking_call_alone() -> None:
    said = answer({"error": "oom"}, 422)
    assert wire.read_terminal(said) is None  # of a job that may be done and billed
    assert wire.read_blocking(said) == Failed("oom")


def test_a_422_of_a_validator_is_no_failed_job() -> None:
    assert wire.read_terminal(answer({"detail": [{"msg": "bad id"}]}, 422)) is None


def test_a_failed_body_without_an_error_still_says_something() -> None:
    state = wire.read_terminal(answer({"status": "FAILED", "code": 9}, 422))
    assert isinstance(state, Failed)
    assert '"code": 9' in state.message


@pytest.mark.parametrize("word", ["", "RUNNING", "CANCELLED", "IN_QUEUE"])
def test_an_unknown_state_is_an_error_and_never_still_running(word: str) -> None:
    with pytest.raises(ContractBroken):
        wire.read_state(answer({"status": word}))


@pytest.mark.parametrize("body", ["", "null", "[]", '"QUEUED"', "<html>", {}, {"status": 3}])
def test_a_body_that_is_no_state_is_an_error(body: Any) -> None:
    with pytest.raises(ContractBroken):
        wire.read_state(answer(body))


def test_states_are_read_without_regard_to_case() -> None:
    assert wire.read_state(answer({"status": "processing"})) == Processing()


@pytest.mark.parametrize("request_id", [None, "", "  ", 7, ".", "..", "/"])
def test_an_answer_without_a_usable_id_is_no_submit(request_id: Any) -> None:
    with pytest.raises(ContractBroken):
        wire.read_submitted(answer({"request_id": request_id, "status": "QUEUED"}))


@pytest.mark.parametrize(
    "output",
    [
        "https://host/clip.mp4",
        {"url": "https://host/clip.mp4"},
        {"video": {"url": "https://host/clip.mp4"}},
        {"video": "https://host/clip.mp4"},
        ["https://host/clip.mp4", "https://host/other.mp4"],
        [{"video": {"url": "https://host/clip.mp4"}}],
        [None, {"url": None}, {"url": "https://host/clip.mp4"}],
    ],
)
def test_the_address_is_found_in_every_form_of_output(output: Any) -> None:
    assert find_url(output) == "https://host/clip.mp4"


@pytest.mark.parametrize("output", [None, "", "clip.mp4", "file:///etc/passwd", {}, [], 3, [[]]])
def test_anything_but_an_http_address_is_no_output(output: Any) -> None:
    assert find_url(output) is None


@pytest.mark.parametrize(
    ("value", "usd"),
    [(0.09, 0.09), ("0.10", 0.1), (1, 1.0), (None, None), ("free", None), (True, None)],
)
def test_money_is_read_as_a_number_or_as_text(value: Any, usd: float | None) -> None:
    assert number_of(value) == usd


def test_money_without_an_end_is_unknown() -> None:
    assert number_of(float("nan")) is None
    assert number_of("inf") is None


def test_a_balance_without_free_credits_has_none() -> None:
    assert wire.read_balance(answer({"credits": "12.5"})) == wire.Balance(12.5, 0.0)


@pytest.mark.parametrize("body", [{}, {"credits": None}, [], "credits: 3"])
def test_a_balance_without_credits_is_an_error(body: Any) -> None:
    with pytest.raises(ContractBroken):
        wire.read_balance(answer(body))


@pytest.mark.parametrize("body", [{}, {"file_urls": []}, {"file_urls": ["asset.png"]}, "ok"])
def test_an_upload_without_an_address_is_an_error(body: Any) -> None:
    with pytest.raises(ContractBroken):
        wire.read_uploaded(answer(body))


def test_a_data_uri_holds_the_content() -> None:
    assert wire.data_uri(b"\x00\x01", "image/png") == "data:image/png;base64,AAE="


JSON = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["status", "output", "error", "metrics", "url", "request_id"]), inner
        )
    ),
    max_leaves=8,
)


READERS = [wire.read_state, wire.read_submitted, wire.read_uploaded, wire.read_balance]


@given(body=JSON, status=st.sampled_from([200, 422, 500]), reader=st.sampled_from(READERS))
def test_no_json_at_all_breaks_the_readers(body: Any, status: int, reader: Any) -> None:
    wire.read_terminal(answer(body, status))
    with suppress(ContractBroken):
        assert reader(answer(body, status)) is not None
