"""Without a safeguard the worlds find what it is there for: the promises can be seen to break."""

from __future__ import annotations

import pytest

from tests.simulation.ablation import SAFEGUARDS
from tests.simulation.found import ONE, UNSEEN, clock_set, frozen, later_than_the_patience
from tests.simulation.play import play
from tests.simulation.searching import without
from tests.simulation.world import Board, Run, ShotDrawn, World

CRASHED = World(seed=1, boards=(ONE,), runs=(Run(at_seconds=0, dies_on="accepted"),))
DAMAGED = World(
    seed=1,
    boards=(ONE,),
    runs=(Run(at_seconds=0, dies_on="fetched"),),
    faults=({"on": "download", "do": "corrupt", "nth": 1},),
)
FRUGAL = World(
    seed=1,
    boards=(Board(scenes=((ShotDrawn(prompt="a boat", takes=3),),)),),
    runs=(Run(at_seconds=0, budget_usd=0.12),),
)
TWINS = World(
    seed=1,
    boards=(Board(scenes=((ShotDrawn(prompt="a boat", seed=5),),) * 2),),
    runs=(Run(at_seconds=0),),
)
TAKEN_OVER = World(
    seed=1,
    boards=(Board(scenes=((ShotDrawn(prompt="a boat", takes=2),),)),),
    runs=(Run(at_seconds=0), Run(at_seconds=5)),
    faults=({"on": "job", "do": "late", "seconds": 90.0, "nth": 2},),
    concurrency=1,
    lease_seconds=20,
)
"""A take is held for longer than a lease before its turn comes."""

BREAKS = {
    "a submit is written down before it leaves": (CRASHED, "paid 2 times"),
    "an unanswered submit is looked for in the history": (UNSEEN, "paid 2 times"),
    "so is one that a crash cut off": (CRASHED, "paid 2 times"),
    "a row may come late: absence counts after a while": (UNSEEN, "paid 2 times"),
    "what was accepted before tells how late the history is": (
        later_than_the_patience(300),
        "paid 2 times",
    ),
    "that while is told by a steady clock": (clock_set(600), "paid 2 times"),
    "a submit that was held up does not leave": (frozen("written down"), "paid 2 times"),
    "a take is claimed again right before it is sent": (frozen("reserved"), "paid 2 times"),
    "a lease is renewed while its render lives, and a take claimed again before it is sent": (
        TAKEN_OVER,
        "paid 2 times",
    ),
    "equal clips of one render wait for each other": (TWINS, "a render got in its own way"),
    "what is in flight counts against a budget": (FRUGAL, "the budget of run1"),
    "a clip counts once every byte was read": (DAMAGED, "s1-1.1.mp4 lies there"),
    "a clip gets its name once it is checked": (DAMAGED, "s1-1.1.mp4 lies there"),
}
"""The shortest world for each of them, and what is broken there."""


@pytest.mark.parametrize("name", BREAKS)
def test_a_safeguard_keeps_its_promise_and_without_it_that_is_broken(name: str) -> None:
    world, what = BREAKS[name]
    safeguard = next(each for each in SAFEGUARDS if each.name == name)
    assert play(world, safeguard.other).violations == []
    assert play(world, safeguard.without).violations[0].startswith(what)


@pytest.mark.slow
@pytest.mark.parametrize("at", range(len(SAFEGUARDS)))
def test_the_search_finds_every_safeguard_that_is_missing(at: int) -> None:
    assert without(at, 1000).seed is not None, SAFEGUARDS[at].name
