"""Takes that are made as a tree, in a simulated world: by the service's own clock."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from longtake.emulator import EmulatedRequest
from tests.simulation.in_place import no_threads
from tests.simulation.loop import SimulatedLoop
from tests.simulation.play import play
from tests.simulation.stage import render, staged
from tests.simulation.world import Board, Run, ShotDrawn, World

TWELVE = Board(scenes=(tuple(ShotDrawn(prompt=f"part {n}") for n in range(12)),), path="tree")
CLIP_SECONDS = 93.0


def world(**facts: object) -> World:
    runs = (Run(at_seconds=0.0),)
    known: dict[str, object] = {"seed": 5, "boards": (TWELVE,), "runs": runs, "concurrency": 16}
    known |= {"service_concurrency": 16}
    known |= {"inference_seconds": CLIP_SECONDS, "queue_seconds": 0.5}
    return World.model_validate(known | facts)


def test_twelve_clips_take_the_time_of_two(tmp_path: Path) -> None:
    played = world()
    loop = SimulatedLoop(random.Random(played.seed))  # noqa: S311
    with no_threads():
        stage = staged(played, tmp_path, loop, lambda _: None)
        loop.run_until_complete(render(stage, played.runs[0], "run"))
        loop.forget()
        loop.close()
    requests: list[EmulatedRequest] = list(stage.emulator.requests)
    assert len(requests) == 13
    began = min(one.accepted_at for one in requests)
    ended = max(one.ends_at for one in requests)
    assert ended - began <= 2.2 * CLIP_SECONDS


@pytest.mark.parametrize("dies_at", [40, 90, 160])
def test_a_tree_whose_render_dies_is_paid_for_once(dies_at: int) -> None:
    runs = (Run(at_seconds=0.0, dies_at=dies_at),)
    played = play(world(seed=dies_at, runs=runs))
    assert (played.violations, played.ended) == ([], "film")
