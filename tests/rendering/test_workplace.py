"""An emulated render has an emulator of its own, which ends with it: whatever it took is gone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from longtake.errors import LongtakeError, RenderStopped
from longtake.ledger import Ledger, TakeState
from longtake.rendering.opening import open_render
from longtake.rendering.requests import RenderRequest
from longtake.rendering.steps import Steps
from tests.rendering.plain import STEPS, board, make_all


async def broken_off(*_: Any) -> Any:
    raise RenderStopped("as if the process had been killed here")


async def rendered(folder: Path, steps: Steps = STEPS) -> dict[str, str]:
    """Render on an emulator that ends with the render; the clips' stages."""
    path = folder / "storyboard.yaml"
    path.write_text(board("a boat", "it leaves"), encoding="utf-8")
    request = RenderRequest(str(path), folder / "out", emulated=True, pace=1e6)
    async with open_render(request) as render:
        await make_all(render, steps)
        return {name: str(clip.stage) for name, clip in render.report.record.clips.items()}


@pytest.mark.parametrize(
    ("steps", "left"),
    [
        (replace(STEPS, poll=broken_off), TakeState.SUBMITTED),
        (replace(STEPS, download=broken_off), TakeState.COMPLETED),
    ],
    ids=["a job that was taken", "a file that was made"],
)
async def test_a_rehearsal_that_was_broken_off_is_gone_on_with_by_the_same_command(
    tmp_path: Path, steps: Steps, left: TakeState
) -> None:
    with pytest.raises(LongtakeError):
        await rendered(tmp_path, steps)
    async with Ledger.open(tmp_path / "out/emulated/ledger.sqlite") as ledger:
        assert [slate.state for slate in await ledger.slates()] == [left]
    assert set((await rendered(tmp_path)).values()) == {"stored"}
