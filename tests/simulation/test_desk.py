"""A director's desk in a simulated world: trees, heals, shots left out, clips of one's own."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from longtake.emulator import EmulatedRequest
from tests.simulation.in_place import no_threads
from tests.simulation.loop import SimulatedLoop
from tests.simulation.play import Played, play
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


@pytest.mark.thorough
def test_twelve_clips_take_the_time_of_two(tmp_path: Path) -> None:
    played = world()
    loop = SimulatedLoop(random.Random(played.seed))
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


FIVE = Board(scenes=(tuple(ShotDrawn(prompt=f"part {n}") for n in range(5)),))
EDITED = Board(
    scenes=(tuple(ShotDrawn(prompt="another" if n == 2 else f"part {n}") for n in range(5)),)
)


def accepted(played: Played) -> int:
    """How many jobs the service took."""
    return sum("accepted" in line for line in played.history)


@pytest.mark.parametrize("dies_at", [None, 60, 140, 220])
def test_a_clip_is_healed_for_one_payment_whenever_the_heal_dies(dies_at: int | None) -> None:
    heal = {"board": 1, "heals": "s1/3.1"}
    runs = (
        Run(at_seconds=0.0),
        Run(at_seconds=2000.0, dies_at=dies_at, **heal),
        Run(at_seconds=4000.0, **heal),
    )
    played = play(world(boards=(FIVE, EDITED), runs=runs, seed=dies_at or 1))
    assert (played.violations, played.ended) == ([], "film"), "\n".join(played.history)
    assert accepted(played) == 6  # five clips, and one of them again


def test_two_who_heal_the_same_clip_at_once_pay_once() -> None:
    heal = {"board": 1, "heals": "s1/3.1"}
    runs = (Run(at_seconds=0.0), Run(at_seconds=2000.0, **heal), Run(at_seconds=2000.5, **heal))
    played = play(world(boards=(FIVE, EDITED), runs=runs))
    assert (played.violations, played.ended) == ([], "film"), "\n".join(played.history)
    assert accepted(played) == 6


@pytest.mark.parametrize("odd", ["skip", "own"])
@pytest.mark.parametrize("dies_at", [None, 90])
def test_what_is_left_out_or_ones_own_is_paid_to_nobody(odd: str, dies_at: int | None) -> None:
    shots = [ShotDrawn(prompt=f"part {n}", **({odd: True} if n == 1 else {})) for n in range(4)]
    runs = (Run(at_seconds=0.0, dies_at=dies_at),)
    played = play(world(boards=(Board(scenes=(tuple(shots),)),), runs=runs))
    assert (played.violations, played.ended) == ([], "film"), "\n".join(played.history)
    assert accepted(played) == 3
