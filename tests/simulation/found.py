"""Worlds in which today's safeguards were found to be missing; each is as small as it gets."""

from __future__ import annotations

from tests.simulation.world import Board, Jump, Run, ShotDrawn, World

ONE = Board(scenes=((ShotDrawn(prompt="a boat"),),))
UNANSWERED = {"on": "submit", "do": "accept_then_reset", "nth": 1}
LATE_ROW = {"on": "history", "do": "hide", "seconds": 50.0}
UNSEEN = World(seed=1, boards=(ONE,), runs=(Run(at_seconds=0),), faults=(UNANSWERED, LATE_ROW))


def later_than_the_patience(seconds: float) -> World:
    """The second submit of a chain gets no answer, and rows of the history come that late."""
    board = Board(scenes=((ShotDrawn(prompt="a boat"), ShotDrawn(prompt="a light")),))
    faults = (UNANSWERED | {"nth": 2}, LATE_ROW | {"seconds": seconds})
    return World(seed=1, boards=(board,), runs=(Run(at_seconds=0),), faults=faults)


def clock_set(by_seconds: float) -> World:
    """Our clock is set between a submit without an answer and its row in the history."""
    return UNSEEN.model_copy(update={"jumps": (Jump(at_seconds=5, by_seconds=by_seconds),)})


def set_back_after_a_crash(by_seconds: float) -> World:
    """No answer ever came, so that our clock alone knows when the submit left; then it is set."""
    jumps = (Jump(at_seconds=5, by_seconds=-by_seconds),)
    runs = (Run(at_seconds=0, dies_on="accepted"),)
    return World(seed=1, boards=(ONE,), runs=runs, jumps=jumps)


FILE_LATE_AND_CLOCK_SET = World(
    seed=1,
    boards=(ONE,),
    runs=(Run(at_seconds=0), Run(at_seconds=500)),
    faults=({"on": "download", "do": "html", "for_seconds": 60.0},),
    jumps=(Jump(at_seconds=100, by_seconds=36_000),),
)
"""By our clock all have said for hours that the clip is gone."""


TAKEN_OVER_IN_VAIN = World(
    seed=175,
    boards=(ONE,),
    runs=(Run(at_seconds=105), Run(at_seconds=0, freezes_at=138, freezes_seconds=4000.0)),
    faults=(
        UNANSWERED,
        {"on": "download", "do": "corrupt", "times": 8},
        LATE_ROW | {"seconds": 100.0},
    ),
    lease_seconds=20.0,
)
"""While one looks for its submit and stands still, another finds it, and a clip of no use."""

OVER_WHILE_NOBODY_ANSWERED = World(
    seed=175,
    boards=(ONE,),
    runs=(Run(at_seconds=105), Run(at_seconds=0, freezes_at=138, freezes_seconds=4000.0)),
    faults=(
        {"on": "history", "do": "challenge", "for_seconds": 600.0},
        UNANSWERED | {"do": "accept_then_error"},
        {"on": "download", "do": "corrupt", "times": 8},
    ),
)
"""One stands still between two tries to look for its submit; another finds a clip of no use."""

SENT_BY_ANOTHER_SINCE = World(
    seed=30032083,
    boards=(ONE,),
    runs=(
        Run(at_seconds=0, freezes_on="written down", freezes_seconds=70.0),
        Run(at_seconds=27.8, freezes_at=238, freezes_seconds=200.0),
    ),
    faults=({"on": "submit", "do": "drop_answer", "nth": 1}, LATE_ROW | {"seconds": 100.0}),
    lease_seconds=20.0,
)
"""One wrote its submit down and did not send it; another sent the take minutes later."""

_THREE_TAKES = ShotDrawn(prompt="gulls over the pier", takes=3)
_TWO_TAKES = ShotDrawn(prompt="fog on the water", takes=2)
PICTURE_REPLACED = World(
    seed=20008230,
    boards=(Board(scenes=((_THREE_TAKES,),)), Board(scenes=((_THREE_TAKES, _TWO_TAKES),))),
    runs=(
        Run(at_seconds=2658, board=1),
        Run(at_seconds=891, board=1, freezes_on="reserved", freezes_seconds=4000.0),
        Run(at_seconds=0),
    ),
    faults=({"on": "status", "do": "expire", "nth": 2, "times": 2},),
    inference_seconds=20.0,
    queue_seconds=60.0,
)
"""While two takes of a clip stand still, another render puts its picture in place of theirs."""

LATE_IN_TWO_RENDERS = World(
    seed=1276,
    boards=(ONE,),
    runs=(Run(at_seconds=0, dies_at=168), Run(at_seconds=8000)),
    faults=({"on": "download", "do": "html", "times": 8},),
)
"""All have said twice that the clip is gone, hours apart."""


LEASES_RUN_OUT = World(
    seed=10038,
    boards=(Board(scenes=((ShotDrawn(prompt="gulls over the pier", takes=2),),)),),
    runs=(Run(at_seconds=0), Run(at_seconds=0)),
    faults=(UNANSWERED | {"do": "drop_answer"}, LATE_ROW, UNANSWERED | {"do": "drop_answer"}),
    jumps=(Jump(at_seconds=14.5, by_seconds=5825),),
    latency_seconds=(0.1, 5.0),
    concurrency=2,
    image_transport="data_uri",
)
"""Our clock is set so far ahead that no lease holds, while two renders wait for answers."""


def frozen(moment: str, endpoint: str = "v2") -> World:
    """A process stands still while another one takes over, and goes on."""
    runs = (Run(at_seconds=0, freezes_on=moment, freezes_seconds=400.0), Run(at_seconds=5))
    return World(seed=1, boards=(ONE,), runs=runs, endpoint=endpoint)
