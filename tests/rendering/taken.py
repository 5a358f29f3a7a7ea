"""Takes in a ledger, brought to any state by the steps that a render goes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

from longtake.ledger import Ledger, TakeState
from longtake.rendering.takes import Images, Take, take_for
from longtake.story import ClipPlan, Plan, Storyboard, build_plan
from tests.rendering.plain import board

OWNER = "elsewhere/1/00000001"
NO_IMAGES = Images()


def plan_of(*shots: Any, **look: Any) -> Plan:
    """The plan of a storyboard of one scene."""
    return build_plan(Storyboard.model_validate(json.loads(board(*shots, **look))))


def clip_of(**shot: Any) -> ClipPlan:
    """The clip of a shot."""
    return plan_of({"prompt": "a boat"} | shot).clips[0]


async def put(
    ledger: Ledger, clip: ClipPlan, number: int, state: TakeState, *, run: str = "earlier"
) -> Take:
    """The clip's take of that number, in the ledger and in that state."""
    take = take_for(clip, number, NO_IMAGES)
    name = take.fingerprint
    await ledger.intend(take.intent("One take"), owner=OWNER, run=run, lease_seconds=60)
    if state is TakeState.INTENDED:
        return take
    if state is TakeState.REFUSED:
        await ledger.sending(name, OWNER)
        await ledger.refused(name, OWNER, "no")
        return take
    await ledger.sending(name, OWNER)
    if state is TakeState.AMBIGUOUS:
        await ledger.ambiguous(name, OWNER)
        return take
    await ledger.submitted(name, OWNER, f"request-{number}")
    if state is TakeState.FAILED:
        await ledger.failed(name, OWNER, "no")
    if state in (TakeState.COMPLETED, TakeState.STORED) or state.of_no_use:
        await ledger.completed(name, OWNER, "https://files.example/a.mp4", clip.usd)
    if state is TakeState.STORED:
        await ledger.stored(name, OWNER, content(number), 1000, 81, 832, 480)
    if state is TakeState.LOST:
        await ledger.lost(name, OWNER, "gone")
    if state is TakeState.UNUSABLE:
        await ledger.unusable(name, OWNER, "too few frames")
    return take


def content(number: int) -> str:
    """A hash that the file of that take might have."""
    return f"{number:064x}"


async def until(happened: Callable[[], Awaitable[object]]) -> None:
    """Let the others work until it has happened."""
    while not await happened():  # noqa: ASYNC110 - it is looked for in the ledger
        await asyncio.sleep(0.001)
