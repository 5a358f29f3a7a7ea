"""The emulator answers in the shapes of the recorded bodies.

The bodies in ``bodies/`` are shared: the client must read what the emulator is held to here. Same
keys, same types, same HTTP status; a recorded null may be any value and the other way round.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from longtake.emulator import Fault
from tests.emulator.service import BAD_BODY, BODY, NO_TLS, T2V, Service, service

BODIES: dict[str, dict[str, Any]] = {
    path.stem: json.loads(path.read_text())
    for path in sorted((Path(__file__).parent / "bodies").glob("*.json"))
}
HISTORY = "/inference-request/request-history"

Ask = Callable[[Service], httpx.Response]


def at(end: str, body: dict[str, Any] = BODY, *, after_seconds: float | None = None) -> Ask:
    """Submit ``body``, let time pass (all that is needed, unless told), and poll."""

    def ask(one: Service) -> httpx.Response:
        request_id = one.accepted(body)
        if after_seconds is None:
            one.finish()
        else:
            one.clock.advance(after_seconds)
        return one.http.get(f"/v2/requests/{request_id}{end}")

    return ask


def submit(one: Service) -> httpx.Response:
    return one.submit(BAD_BODY)


def history(one: Service) -> httpx.Response:
    one.accepted()
    one.finish()
    one.accepted()
    return one.http.get(HISTORY)


def history_row(one: Service) -> httpx.Response:
    request_id = one.accepted()
    one.finish()
    return one.http.get(f"{HISTORY}/{request_id}")


def without_a_content_type(one: Service) -> httpx.Response:
    return one.http.post("/v2/wan-2.2-t2v-fast", content=b"{}")


def fault(on: str, do: str, **more: Any) -> dict[str, Any]:
    return {"on": on, "do": do} | more


def error(code: int, on: str = "submit") -> dict[str, Any]:
    return fault(on, "http_error", status=code)


# How each recorded body comes about: the call, and the fault or the settings behind it.
SCENES: dict[str, tuple[Ask, dict[str, Any] | None, dict[str, Any]]] = {
    "submit_accepted": (submit, None, {}),
    "status_queued": (at("/status", after_seconds=0), None, {}),
    "status_processing": (at("/status", after_seconds=10), None, {}),
    "status_completed": (at("/status"), None, {}),
    "status_failed_422": (at("/status", BAD_BODY), None, {}),
    "status_unknown_word": (at("/status", after_seconds=0), fault("status", "unknown_state"), {}),
    "result_processing": (at("", after_seconds=10), None, {}),
    "result_completed_string_output": (at(""), None, {}),
    "result_completed_video_output": (at(""), None, {"output_shape": "video"}),
    "result_completed_url_output": (at(""), None, {"output_shape": "url"}),
    "result_completed_list_output": (at(""), None, {"output_shape": "list"}),
    "result_completed_without_output": (at(""), fault("result", "no_output"), {}),
    "result_failed_422": (at("", BAD_BODY), None, {}),
    "result_content_blocked_422": (at(""), fault("job", "content_block"), {}),
    "balance": (lambda one: one.http.get("/v1/get-user-credits"), None, {}),
    "history_page": (history, None, {}),
    "history_row": (history_row, None, {}),
    "upload_asset": (
        lambda one: one.http.post(
            "/upload-asset", json={"data_urls": ["data:image/png;base64,AAAA"]}
        ),
        None,
        {},
    ),
    "error_400": (lambda one: one.submit({}), None, {"validate": "early"}),
    "error_401": (submit, None, {"keys": frozenset({"SG_other"})}),
    "error_401_missing_key": (
        lambda one: httpx.post(f"{one.url}/v2/{T2V}", json=BODY, trust_env=False, verify=NO_TLS),
        None,
        {},
    ),
    "error_402": (submit, None, {"credits_usd": 0.0, "out_of_credits_status": 402}),
    "error_403": (submit, error(403), {}),
    "error_404_model": (lambda one: one.submit(BODY, "wan-9"), None, {}),
    "error_404_request": (lambda one: one.http.get("/v2/requests/none/status"), None, {}),
    "error_405_html": (lambda one: one.http.get("/v2/wan-2.2-t2v-fast"), None, {}),
    "error_406_content_type": (without_a_content_type, None, {}),
    "error_406_credits": (submit, None, {"credits_usd": 0.0}),
    "error_406_spend_limit": (submit, fault("submit", "spend_limit"), {}),
    "error_406_enum": (
        lambda one: one.submit({"prompt": "x", "resolution": "4k"}),
        None,
        {"validate": "early"},
    ),
    "error_410": (submit, error(410), {}),
    "error_429": (at("/status", after_seconds=0), fault("status", "rate_limit"), {}),
    "error_500": (submit, error(500), {}),
    "error_500_status": (at("/status", after_seconds=0), error(500, "status"), {}),
    "error_502": (at("/status", after_seconds=0), error(502, "status"), {}),
    "error_502_submit": (submit, fault("submit", "accept_then_error", status=502), {}),
    "error_504": (at("/status", after_seconds=0), error(504, "status"), {}),
    "error_504_submit": (submit, fault("submit", "accept_then_error", status=504), {}),
}

OTHER_WITNESSES = {
    "history_page_bare_list": "the envelope is undocumented: a client reads several, we send one",
    "history_page_empty": "the envelope is undocumented: a client reads several, we send one",
    "upload_asset_old_form": "older documents have it; the service of today does not",
    "error_401_plain": "what the service said before it said invalid_token",
    "error_422_validator": "another gateway's form of a refusal",
    "error_429_submit": "another gateway's form of a refusal",
    "submit_without_request_id": "a broken answer; wrong_shape is ours",
}
"""Bodies that a client must read and that the emulator does not send."""


METRICS = set(BODIES["status_completed"]["body"]["metrics"])


def shape(value: Any) -> Any:
    """Keys and types, without the values; of a list the shapes that occur in it."""
    if isinstance(value, dict):
        return {name: shape(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [shape(inner) for inner in value]
    if isinstance(value, bool) or value is None:
        return type(value)
    return float if isinstance(value, int | float) else type(value)


def assert_alike(ours: Any, recorded: Any, where: str) -> None:
    """``ours`` has the recorded keys and types."""
    if recorded is None or ours is None:
        return
    if isinstance(recorded, dict):
        assert isinstance(ours, dict), where
        if where.endswith("request_body"):
            return  # whatever the client sent
        if where.endswith("metrics") and set(ours) <= METRICS:
            recorded = dict.fromkeys(ours, 0.0)  # which of them are there depends on the state
        assert set(ours) == set(recorded), where
        for name, inner in recorded.items():
            assert_alike(ours[name], inner, f"{where}.{name}")
    elif isinstance(recorded, list):
        assert isinstance(ours, list), where
        for one, other in zip(ours, recorded, strict=False):
            assert_alike(one, other, f"{where}[]")
    elif not (where.endswith("request_body") and isinstance(ours, dict)):
        assert shape(ours) == shape(recorded), where


@pytest.mark.parametrize("name", SCENES)
def test_the_emulator_answers_as_recorded(name: str) -> None:
    recorded = BODIES[name]
    ask, scripted, settings = SCENES[name]
    faults = [] if scripted is None else [Fault.model_validate(scripted)]
    with service(*faults, **settings) as one:
        answer = ask(one)
    assert answer.status_code == recorded["http_status"]
    assert answer.headers["content-type"].split(";")[0] == recorded["headers"]["content-type"]
    assert set(recorded["headers"]) <= set(answer.headers)
    if isinstance(recorded["body"], str):
        assert answer.text.lstrip().lower().startswith(("<html", "<!doctype html"))
    else:
        assert_alike(answer.json(), recorded["body"], name)


@pytest.mark.parametrize(
    "name",
    [
        "error_401",
        "error_401_missing_key",
        "error_404_model",
        "error_404_request",
        "error_406_content_type",
        "error_406_spend_limit",
    ],
)
def test_words_that_a_client_may_rest_on_are_the_recorded_ones(name: str) -> None:
    ask, scripted, settings = SCENES[name]
    faults = [] if scripted is None else [Fault.model_validate(scripted)]
    with service(*faults, **settings) as one:
        assert ask(one).json() == BODIES[name]["body"]


def test_every_recorded_body_is_answered_or_excused() -> None:
    assert set(BODIES) == set(SCENES) | set(OTHER_WITNESSES)
