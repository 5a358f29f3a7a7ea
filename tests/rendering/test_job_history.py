"""A finished clip whose file cannot be had: not yet, or never, by all who were asked."""

from __future__ import annotations

import pytest

from longtake.errors import ClipLost, FileNotYet
from longtake.ledger import TakeState, Witness
from longtake.rendering.job_history import not_to_be_had
from tests.rendering.plain import Workshop, board
from tests.rendering.taken import OWNER, put


@pytest.mark.parametrize(
    ("said_by", "lost_seconds", "lost"),
    [
        (list(Witness), 0, True),
        (list(Witness), 3600, False),
        ([Witness.RECORD, Witness.HISTORY], 0, False),
        ([Witness.FILE], 0, False),
    ],
)
async def test_a_clip_is_lost_once_all_have_said_so_for_long_enough(
    workshop: Workshop, said_by: list[Witness], lost_seconds: float, lost: bool
) -> None:
    keeping = {"lost_seconds": lost_seconds}
    async with workshop.opened(board("a boat"), keeping=keeping) as render:
        take = await put(render.ledger, render.plan.clips[0], 1, TakeState.COMPLETED)
        await render.ledger.release(OWNER)
        await render.ledger.intend(
            take.intent("T"), owner=render.owner, run=render.run, lease_seconds=60
        )
        for witness in [*said_by, *said_by]:
            await render.ledger.testify(take.fingerprint, witness, f"{witness} has nothing", None)
        error = await not_to_be_had(render, take)
        slate = await render.ledger.get(take.fingerprint)
        sidecars = await render.store.sidecars()
    assert isinstance(error, ClipLost if lost else FileNotYet)
    assert (slate.state is TakeState.LOST) is lost
    assert bool(sidecars) is lost, "what was paid in vain is on record next to the clips, too"
    assert all(f"{witness} has nothing" in str(error) for witness in said_by)
