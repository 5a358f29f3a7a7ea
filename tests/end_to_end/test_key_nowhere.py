"""A malicious service echoes the key in every spelling: it is found nowhere afterwards."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from prefect.settings import PREFECT_API_DATABASE_CONNECTION_URL
from sqlalchemy import make_url

from longtake.emulator import Action, Endpoint, Fault, Match
from longtake.emulator.shapes import KEYS
from tests.end_to_end.conftest import CALM, Harness
from tests.key_traces import KEY, left, traces

ASKED = (Endpoint.SUBMIT, Endpoint.STATUS, Endpoint.RESULT, Endpoint.HISTORY)
WHERE = [(on, spelling) for on in ASKED for spelling in KEYS]


def prefects() -> list[tuple[str, bytes]]:
    """The database of the session's own Prefect server, with what it has not checkpointed."""
    database = Path(make_url(PREFECT_API_DATABASE_CONNECTION_URL.value() or "").database or "")
    files = [(each.name, each.read_bytes()) for each in database.parent.glob(f"{database.name}*")]
    assert b"row-0/1.1" in b"".join(content for _, content in files)
    return files


@pytest.mark.slow
async def test_the_key_is_nowhere_though_every_answer_said_it(
    harness: Harness,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("SEGMIND_API_KEY", KEY)
    prompts = [f"a sea at dawn with {at:03} boats" for at in range(len(WHERE))]
    scenes = "".join(
        f"  - {{name: row {at}, shots: [{prompt}]}}\n" for at, prompt in enumerate(prompts)
    )
    faults = [
        Fault(
            on=on,
            do=Action.ECHO_KEY,
            shape=spelling,
            status=400,
            match=Match(prompt=f"with {at:03} boats") if on is not Endpoint.HISTORY else Match(),
            times=1 if on is Endpoint.HISTORY else None,
        )
        for at, (on, spelling) in enumerate(WHERE)
    ]
    unanswered = Match(prompt=f"with {len(WHERE) - 1:03} boats")
    faults.append(Fault(on=Endpoint.SUBMIT, do=Action.ACCEPT_THEN_RESET, match=unanswered))
    with caplog.at_level(logging.DEBUG):
        ended = await harness.render(
            f"title: Evil\nlook: {{seed: 7, {CALM}}}\nscenes:\n{scenes}",
            faults=faults,
            profile={"concurrency": 40},
            concurrency=40,
        )
    said = [clip.error or clip.remark or "" for clip in ended.run.clips.values()]
    assert sum("Invalid request" in each for each in said) >= len(KEYS)  # the echo did arrive
    captured = capfd.readouterr()
    told = [("log", caplog.text.encode()), ("out", captured.out.encode())]
    told += [("err", captured.err.encode()), ("error", repr(ended.error).encode())]
    told += prefects()
    assert traces([*told, *left(harness.folder)]) == []
