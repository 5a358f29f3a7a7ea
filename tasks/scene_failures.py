"""What a scene's run that ended badly means for the render that waits for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from prefect.client.schemas.objects import FlowRun

from longtake.errors import (
    BudgetReached,
    KeyRefused,
    LongtakeError,
    ModelRetired,
    OutOfCredits,
    SpendLimitReached,
)

_STOPS_ALL: Mapping[str, Callable[[str], LongtakeError]] = {
    "BudgetReached": BudgetReached.from_words,
    "KeyRefused": KeyRefused,
    "ModelRetired": ModelRetired,
    "OutOfCredits": OutOfCredits,
    "SpendLimitReached": SpendLimitReached,
}


class SceneFailed(LongtakeError):
    """A scene's run on the fleet ended without all of its clips."""

    exit_code = 5


def failure_of(run: FlowRun) -> LongtakeError:
    """What ended a scene's run, as an error over here; its last line names the clips.

    What no other scene could get past either is the same error over here: it stops the render, and
    a person is told of it.
    """
    said = (run.state and run.state.message) or f"its run {run.name} ended without a word"
    kind, _, rest = said.partition("exception: ")[2].partition(": ")
    if (same := _STOPS_ALL.get(kind)) is not None:
        return same(rest)
    return SceneFailed(f"run {run.name!r} on the fleet: {rest or said}")
