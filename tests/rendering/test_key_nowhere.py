"""A malicious service says the key in every spelling: nothing that a render leaves holds it."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from longtake.emulator import Action, Endpoint, Fault, InstantMaker, Match
from longtake.emulator.shapes import KEYS
from tests.key_traces import KEY, left, traces
from tests.rendering.plain import Workshop, board

WHERE = [(on, how) for on in (Endpoint.SUBMIT, Endpoint.STATUS, Endpoint.RESULT) for how in KEYS]


def faults() -> Iterator[Fault]:
    """Each clip's submit, status or result echoes forever; the history once in each spelling."""
    for at, (on, how) in enumerate(WHERE):
        match = Match(prompt=f"{at:03} boats")
        yield Fault(on=on, do=Action.ECHO_KEY, shape=how, status=400, match=match)
    lost = Match(prompt="a lost gull")
    yield Fault(on=Endpoint.SUBMIT, do=Action.ACCEPT_THEN_RESET, match=lost, times=1)
    for how in KEYS:
        yield Fault(on=Endpoint.HISTORY, do=Action.ECHO_KEY, shape=how, status=500, times=1)


@pytest.mark.slow
async def test_the_key_is_nowhere_though_every_answer_said_it(
    workshop: Workshop,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("SEGMIND_API_KEY", KEY)
    prompts = [*(f"a sea with {at:03} boats" for at in range(len(WHERE))), "a lost gull"]
    shots = [{"prompt": each, "start": "cut"} for each in prompts]
    patient = {"waiting": {"job_seconds": 1, "retry_seconds": [0.01]}, "concurrency": 30}
    with (
        caplog.at_level(logging.DEBUG),
        workshop.emulator(
            *faults(), maker=InstantMaker(lambda *_: b"a clip"), concurrency=30
        ) as one,
    ):
        ended = await workshop.render(one, board(*shots), profile=patient)
    said = [clip.error or "" for clip in ended.run.clips.values()]
    assert sum("Invalid request" in each for each in said) > 3  # so the echo did arrive
    captured = capfd.readouterr()
    told = [("log", caplog.text.encode()), ("out", captured.out.encode())]
    told += [("err", captured.err.encode()), ("error", repr(ended.error).encode())]
    assert traces([*told, *left(workshop.folder)]) == []
