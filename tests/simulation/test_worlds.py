"""Whole renders in simulated worlds: never paid twice, nothing paid forgotten, always an end."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from longtake.ledger import Ledger, Slate
from longtake.profile_parts import Keeping
from longtake.rendering.render import Render
from longtake.rendering.repeated_steps import STEPS
from longtake.rendering.takes import Take
from tests.simulation.drawing import draw
from tests.simulation.found import (
    FILE_LATE_AND_CLOCK_SET,
    LATE_IN_TWO_RENDERS,
    LEASES_RUN_OUT,
    OVER_WHILE_NOBODY_ANSWERED,
    PICTURE_REPLACED,
    SENT_BY_ANOTHER_SINCE,
    TAKEN_OVER_IN_VAIN,
    UNSEEN,
    clock_set,
    frozen,
    later_than_the_patience,
    set_back_after_a_crash,
)
from tests.simulation.play import play
from tests.simulation.shrinking import shrunk
from tests.simulation.stage import Parts
from tests.simulation.world import MOMENTS, Board, Run, ShotDrawn, World

PLAIN = World(
    seed=1,
    boards=(Board(scenes=((ShotDrawn(prompt="a boat"), ShotDrawn(prompt="a light")),)),),
    runs=(Run(at_seconds=0.0),),
)
CRASH_SKEW_AND_TWO_RENDERS = PLAIN.model_copy(
    update={
        "runs": (Run(at_seconds=0.0, dies_at=150), Run(at_seconds=1.0)),
        "skew_seconds": 300.0,
    }
)


def test_a_plain_world_ends_in_the_film_and_is_paid_once() -> None:
    played = play(PLAIN)
    assert (played.violations, played.ended) == ([], "film")
    assert sum("accepted" in line for line in played.history) == 2


@pytest.mark.parametrize("seed", [*range(4), 105, 404, 593])
def test_in_every_world_the_promises_hold(seed: int) -> None:
    played = play(draw(seed))
    assert played.violations == [], "\n".join(played.history)


@pytest.mark.parametrize("seconds", [110, 130, 150, 300, 1500])
def test_what_was_accepted_before_says_how_late_the_history_is(seconds: float) -> None:
    played = play(later_than_the_patience(seconds))
    assert (played.violations, played.ended) == ([], "film"), "\n".join(played.history)
    assert sum("accepted job" in line for line in played.history) == 2


@pytest.mark.parametrize("by_seconds", [-7200, 600, 100_000])
def test_a_clock_that_is_set_while_a_submit_is_looked_for_pays_nothing_twice(
    by_seconds: float,
) -> None:
    played = play(clock_set(by_seconds))
    assert played.violations == [], "\n".join(played.history)
    assert played.ended == "film"


def test_a_render_whose_lease_ran_out_waits_for_the_one_that_took_over() -> None:
    played = play(LEASES_RUN_OUT)
    assert (played.violations, played.ended) == ([], "film"), "\n".join(played.history)


@pytest.mark.parametrize("endpoint", ["v2", "v1"])
@pytest.mark.parametrize("moment", MOMENTS)
def test_a_process_that_wakes_after_its_lease_sends_nothing_late(
    moment: str, endpoint: str
) -> None:
    played = play(frozen(moment, endpoint))
    assert (played.violations, played.ended) == ([], "film"), "\n".join(played.history)


@pytest.mark.parametrize("by_seconds", [343, 200_000, 2_000_000])
def test_a_clip_whose_answer_was_never_heard_is_claimed_though_our_clock_was_set_back(
    by_seconds: float,
) -> None:
    played = play(set_back_after_a_crash(by_seconds))
    assert (played.violations, played.ended) == ([], "film"), "\n".join(played.history)
    assert sum("accepted job" in line for line in played.history) == 1


@pytest.mark.parametrize("world", [FILE_LATE_AND_CLOCK_SET, LATE_IN_TWO_RENDERS])
def test_a_clip_that_is_late_is_fetched_in_the_end(world: World) -> None:
    played = play(world)
    assert (played.violations, played.ended) == ([], "film"), "\n".join(played.history)


def test_how_old_a_submit_is_counts_from_the_one_who_sent_it_last() -> None:
    played = play(SENT_BY_ANOTHER_SINCE)
    assert (played.violations, played.ended) == ([], "film"), "\n".join(played.history)


@pytest.mark.parametrize("world", [TAKEN_OVER_IN_VAIN, OVER_WHILE_NOBODY_ANSWERED])
def test_what_another_render_went_on_with_is_not_sent_again_by_one_that_wakes(
    world: World,
) -> None:
    played = play(world)
    assert played.violations == [], "\n".join(played.history)
    assert sum("accepted job" in line for line in played.history) == 1


@pytest.mark.parametrize("record_seconds", [5.0, 3600.0])
@pytest.mark.parametrize(
    "instead", [{"do": "challenge"}, {"do": "rate_limit"}, {"do": "http_error", "status": 404}]
)
def test_an_answer_without_a_clip_that_names_a_job_is_not_paid_for_again(
    instead: dict[str, Any], record_seconds: float
) -> None:
    world = PLAIN.model_copy(
        update={
            "faults": ({"on": "download", **instead, "times": 2},),
            "endpoint": "v1",
            "record_seconds": record_seconds,
        }
    )
    played = play(world)
    assert (played.violations, played.ended) == ([], "film"), "\n".join(played.history)
    assert sum("accepted job" in line for line in played.history) == 2


def test_an_answer_without_a_clip_that_names_no_job_is_looked_for_before_it_is_sent_again() -> None:
    faults = (
        {"on": "submit", "do": "deep", "times": 2},  # and so the answer has lost its headers
        {"on": "download", "do": "challenge", "times": 8},
    )
    played = play(PLAIN.model_copy(update={"faults": faults, "endpoint": "v1"}))
    assert (played.violations, played.ended) == ([], "film"), "\n".join(played.history)
    assert sum("accepted job" in line for line in played.history) == 2


def test_a_clip_that_another_stored_is_kept_though_a_first_look_found_it_damaged() -> None:
    class StandsStill(Ledger):
        still = False

        async def unusable(self, *said: Any, **facts: Any) -> Slate:
            self.still = True
            await asyncio.sleep(4000)
            return await super().unusable(*said, **facts)

        async def heartbeat(self, owner: str, lease_seconds: float) -> tuple[str, ...]:
            return () if self.still else await super().heartbeat(owner, lease_seconds)

    damaged = {"on": "download", "do": "corrupt", "times": 2}
    one = PLAIN.boards[0].scenes[0][:1]
    world = PLAIN.model_copy(
        update={
            "boards": (Board(scenes=(one,)),),
            "runs": (Run(at_seconds=0), Run(at_seconds=900)),
            "faults": (damaged,),
        }
    )
    played = play(world, Parts(ledger=StandsStill))
    assert (played.violations, played.ended) == ([], "film"), "\n".join(played.history)


def test_takes_of_a_clip_are_sent_their_picture_though_another_render_took_its_place() -> None:
    played = play(PICTURE_REPLACED)
    assert (played.violations, played.ended) == ([], "film"), "\n".join(played.history)


def test_a_picture_that_was_deleted_is_fetched_again() -> None:
    async def deleted(render: Render, take: Take) -> Slate:
        render.folder.image(take.clip, "start").unlink(missing_ok=True)
        return await STEPS.submit(render, take)

    played = play(PLAIN, Parts(steps=replace(STEPS, submit=deleted)))
    assert (played.violations, played.ended) == ([], "film"), "\n".join(played.history)


ELSEWHERE = """
import json, sys
from tests.simulation.play import play
from tests.simulation.world import World
print(json.dumps(play(World.model_validate_json(sys.stdin.read())).history))
"""


@pytest.mark.parametrize("seed", [1, *(pytest.param(n, marks=pytest.mark.slow) for n in (2, 3))])
def test_a_world_replays_bit_for_bit_in_another_process_and_folder(
    seed: int, tmp_path: Path
) -> None:
    world = CRASH_SKEW_AND_TWO_RENDERS.model_copy(update={"seed": seed})
    other = subprocess.run(
        [sys.executable, "-c", ELSEWHERE],
        input=world.model_dump_json(),
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
        env={"PATH": "/usr/bin", "TMPDIR": str(tmp_path), "PYTHONHASHSEED": str(seed)},
    )
    assert json.loads(other.stdout) == play(world).history


@pytest.mark.thorough
def test_a_broken_promise_is_reported_by_the_shortest_world_that_still_shows_it() -> None:
    bystanders = (Run(at_seconds=0), Run(at_seconds=700, budget_usd=5.0))
    noise = ({"on": "status", "do": "reset", "nth": 1}, {"on": "history", "do": "html", "nth": 3})
    world = UNSEEN.model_copy(
        update={
            "boards": CRASH_SKEW_AND_TWO_RENDERS.boards,
            "runs": bystanders,
            "faults": (noise[0], *UNSEEN.faults, noise[1]),
            "skew_seconds": 40.0,
            "retakes": 0,
        }
    )
    parts = Parts(keeping={"ambiguous_seconds": 0.0})
    found = shrunk(play(world, parts), parts)
    assert found.violations[0].startswith("paid 2 times")
    (scene,) = found.world.boards[0].scenes
    assert (len(scene), len(found.world.runs)) == (1, 1)
    assert found.world.faults == UNSEEN.faults
    assert (found.world.skew_seconds, found.world.retakes) == (0.0, UNSEEN.retakes)


def test_rows_are_drawn_later_than_the_patience_only_where_another_request_tells() -> None:
    patience, later = Keeping().ambiguous_seconds, 0
    for seed in range(200):
        world = draw(seed)
        late = [each["seconds"] for each in world.faults if each["do"] == "hide"]
        if max(late, default=0) > patience:
            later += 1
            assert (world.faults[0]["on"], world.faults[0]["nth"]) == ("submit", 2)
            assert world.runs == (Run(at_seconds=0),)
    assert 0 < later < 20
