"""What goes on for as long as a render does: leases are kept, and run.json tells how it ended."""

from __future__ import annotations

import asyncio
from contextlib import nullcontext
from datetime import datetime

import pytest

from longtake.errors import ClipLost
from longtake.record import read_run
from longtake.rendering.lifetime import heartbeat, recorded
from longtake.rendering.render import Render
from longtake.rendering.takes import Take, take_for
from tests.rendering.plain import Workshop, board
from tests.rendering.taken import NO_IMAGES, until


async def renewed(render: Render, take: Take, expires_at: datetime | None) -> bool:
    """Whether the take's lease runs until another moment by now."""
    return (await render.ledger.get(take.fingerprint)).lease_expires_at != expires_at


async def test_what_a_render_holds_is_kept_until_it_ends_and_then_given_back(
    workshop: Workshop,
) -> None:
    async with workshop.opened(board("a boat"), keeping={"lease_seconds": 0.4}) as render:
        take = take_for(render.plan.clips[0], 1, NO_IMAGES)
        async with heartbeat(render):
            claim = await render.ledger.intend(
                take.intent("T"), owner=render.owner, run=render.run, lease_seconds=60
            )
            expires_at = claim.slate.lease_expires_at
            await until(lambda: renewed(render, take, expires_at))
        assert (await render.ledger.get(take.fingerprint)).owner is None


@pytest.mark.parametrize(
    ("ends_with", "state"),
    [
        (None, "completed"),
        (ClipLost("gone"), "incomplete"),
        (asyncio.CancelledError(), "interrupted"),
        (KeyboardInterrupt(), "interrupted"),
        (ValueError("a fault of ours"), "failed"),
    ],
)
async def test_the_record_says_how_the_render_ended(
    render: Render, ends_with: BaseException | None, state: str
) -> None:
    expected = pytest.raises(type(ends_with)) if ends_with else nullcontext()
    with expected, recorded(render, None):
        if ends_with is not None:
            raise ends_with
    written = read_run(render.folder.root / "run.json")
    assert written is not None
    assert written.state == state
    assert written.ended_at is not None


async def test_a_render_that_waits_for_people_has_not_ended(render: Render) -> None:
    async def wait_for_people() -> None:
        with recorded(render, None):
            render.report.record.note(state="paused")
            raise ClipLost("whatever made it wait")

    with pytest.raises(ClipLost):
        await wait_for_people()
    written = read_run(render.folder.root / "run.json")
    assert written is not None
    assert (written.state, written.ended_at) == ("paused", None)
