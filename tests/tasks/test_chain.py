"""A chain as one task is walked as by its steps' tasks."""

from __future__ import annotations

from pathlib import Path

import pytest

from longtake.record import Stage
from longtake.rendering.opening import open_render
from longtake.rendering.requests import RenderRequest
from tasks.chain import make_chain
from tests.rendering.plain import Workshop, board


async def test_a_chain_is_one_task_that_is_not_repeated_as_a_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEGMIND_API_KEY", "a-key-for-tests")
    workshop = Workshop(tmp_path)
    storyboard = tmp_path / "storyboard.yaml"
    storyboard.write_text(board({"prompt": "a boat", "seconds": 1}), "utf-8")
    with workshop.emulator() as emulator:
        profile = workshop.profile(emulator.base_url)
        asked = RenderRequest(str(storyboard), tmp_path / "out", profile=profile)
        async with open_render(asked) as render:
            (chain,) = render.plan.chains
            await make_chain.fn(render, chain)
            assert render.report.clip(chain.clips[0]).stage is Stage.STORED
    assert len(emulator.emulator.requests) == 1
    assert make_chain.retries == 0
