"""Bodies beyond the recorded ones: odd, broken and hostile."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longtake.plain_text import keep_secret
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


CLIP = "https://host/clip.mp4"
TOLD = {"queue_time": 1.5, "note": "x"}
PRICED = {"cost": 0.09, "queue_time": 1.5}
KEPT_OUT = "metrics.queue_time is no number that it can be"


@pytest.mark.parametrize(
    ("body", "state"),
    [
        ({"status": "QUEUED"}, wire.Queued()),
        ({"status": " queued\n", "metrics": TOLD}, wire.Queued(TOLD)),
        ({"status": "PROCESSING", "metrics": TOLD}, Processing(TOLD)),
        ({"status": "FAILED", "error": "oom", "metrics": TOLD}, Failed("oom", False, TOLD)),
        ({"status": "failed", "error": "NSFW content"}, Failed("NSFW content", True)),
        (
            {"status": "FAILED", "error": "NSFW content", "error_description": "see the docs"},
            Failed("NSFW content", True),
        ),
        ({"status": "COMPLETED"}, Completed("")),
        (
            {"status": "COMPLETED", "output": CLIP, "metrics": PRICED},
            Completed(CLIP, 0.09, PRICED),
        ),
        ({"status": "COMPLETED", "metrics": TOLD}, Completed("", None, TOLD)),
        ({"status": "COMPLETED", "metrics": {"cost": 0}}, Completed("", 0.0, {"cost": 0.0})),
        (
            {"status": "COMPLETED", "metrics": {"cost": -1, "queue_time": -1, "note": "x"}},
            Completed("", None, {"note": "x"}, (KEPT_OUT, "its cost cannot be one")),
        ),
        (
            {"status": "COMPLETED", "metrics": {"cost": 101, "note": "x"}},
            Completed("", None, {"note": "x"}, ("its cost cannot be one",)),
        ),
        (
            {"status": "COMPLETED", "metrics": {"cost": 0.09, "queue_time": -1}},
            Completed("", 0.09, {"cost": 0.09}, (KEPT_OUT,)),
        ),
        (
            {"status": "COMPLETED", "metrics": "cost"},
            Completed("", odd=("metrics are no object",)),
        ),
    ],
)
def test_each_state_is_read_with_all_that_is_told_of_it(body: Any, state: Any) -> None:
    assert wire.read_state(answer(body)) == state
    ended = state if isinstance(state, Completed | Failed) else None
    for status in (200, 422):
        assert wire.read_terminal(answer(body, status)) == ended
        assert wire.read_blocking(answer(body, status)) == ended
        failed = state if isinstance(state, Failed) else None
        assert wire.read_failed(answer(body, status)) == failed


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"error": "oom"}, 400),
        ({"error": "oom"}, 500),
        ({"error": "oom", "status": "error"}, 422),
        ({"detail": "prompt: field required"}, 422),
        (["error"], 422),
        ("error", 422),
    ],
)
def test_no_other_answer_to_a_blocking_call_says_that_it_failed(body: Any, status: int) -> None:
    assert wire.read_blocking(answer(body, status)) is None
    assert wire.read_failed(answer(body, status)) is None


def test_the_id_is_read_as_it_is() -> None:
    assert wire.read_submitted(answer({"request_id": "id-1"})) == wire.Submitted("id-1")


@pytest.mark.parametrize(
    ("read", "body", "says"),
    [
        (wire.read_state, {"status": "RUNNING"}, "unknown state 'RUNNING'"),
        (wire.read_state, {"status": "r" * 61}, f"unknown state '{'R' * 60}… (61 characters)'"),
        (wire.read_state, {"status": "r" * 60}, f"unknown state '{'R' * 60}'"),
        (wire.read_state, {"status": " "}, "the body has no status"),
        (wire.read_state, {"state": "QUEUED"}, "the body has no status"),
        (wire.read_uploaded, {}, "the answer to an upload carries no file_urls"),
        (wire.read_balance, {}, "the answer carries no credits that can be a sum of money"),
    ],
)
def test_what_breaks_the_contract_is_told(read: Any, body: Any, says: str) -> None:
    with pytest.raises(ContractBroken) as caught:
        read(answer(body))
    assert str(caught.value) == says


def test_an_address_that_carries_the_key_goes_no_further() -> None:
    keep_secret("sg-0123456789abcdef")
    url = "https://host/clip.mp4?key=sg-0123456789abcdef"
    body = {"status": "COMPLETED", "output": url, "metrics": {"queue_time": -1}}
    odd = (KEPT_OUT, "its address carries the API key")
    assert wire.read_state(answer(body)) == Completed("", odd=odd)
    with pytest.raises(ContractBroken) as caught:
        wire.read_uploaded(answer({"file_urls": [url]}))
    assert str(caught.value) == "the uploaded file's address carries the API key"


@pytest.mark.parametrize(
    ("body", "url"),
    [
        ({"file_urls": ["https://new/1.png"], "urls": ["https://old/1.png"]}, "https://new/1.png"),
        ({"file_urls": [], "urls": ["https://old/1.png"]}, "https://old/1.png"),
    ],
)
def test_an_upload_is_where_the_answer_says(body: Any, url: str) -> None:
    assert wire.read_uploaded(answer(body)) == url


@pytest.mark.parametrize(
    ("body", "balance"),
    [
        ({"credits": 12.5, "free-credits": "2"}, (12.5, 2.0)),
        ({"credits": -0.5, "free-credits": 1e9}, (-0.5, 0.0)),
        ({"credits": 999999999.0, "free-credits": None}, (999999999.0, 0.0)),
        ({"credits": 1e9}, None),
        ({"credits": -1e9}, None),
    ],
)
def test_a_balance_is_two_sums_that_can_be_money(
    body: Any, balance: tuple[float, float] | None
) -> None:
    if balance is None:
        with pytest.raises(ContractBroken):
            wire.read_balance(answer(body))
    else:
        assert wire.read_balance(answer(body)) == wire.Balance(*balance)
