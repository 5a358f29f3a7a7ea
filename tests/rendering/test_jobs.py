"""A take from what its slate says to its file: only what is not done yet is done."""

from __future__ import annotations

from typing import Any

import pytest

from longtake.errors import AmbiguousSubmit, ClipLost, ClipUnusable
from longtake.ledger import Slate, TakeState
from longtake.rendering.jobs import SENDS, bring
from longtake.rendering.render import Render
from longtake.rendering.steps import Steps
from longtake.rendering.takes import StoredTake, Take, take_for
from tests.rendering.taken import NO_IMAGES, OWNER, content, put


class Told:
    """Steps that write down that they were asked, and do what the ledger has to hear of it."""

    def __init__(self, *, answers: bool = True, there: bool = True) -> None:
        self.steps: list[str] = []
        self._answers, self._there = answers, there

    async def submit(self, render: Render, take: Take) -> Slate:
        """Sent; accepted, if an answer comes."""
        self.steps.append("submit")
        await render.ledger.sending(take.fingerprint, render.owner)
        if self._answers:
            return await render.ledger.submitted(take.fingerprint, render.owner, "r")
        return await render.ledger.ambiguous(take.fingerprint, render.owner)

    async def reconcile(self, render: Render, take: Take) -> Slate:
        """Certainly never accepted."""
        self.steps.append("reconcile")
        slate = await render.ledger.get(take.fingerprint)
        if slate.state is TakeState.INTENDED:
            await render.ledger.ambiguous(take.fingerprint, render.owner)
        return await render.ledger.reopen(
            take.fingerprint, render.owner, lease_seconds=60, run=render.run, budgets=()
        )

    async def poll(self, render: Render, take: Take, slate: Slate) -> Slate:
        """Completed."""
        self.steps.append("poll")
        return await render.ledger.completed(take.fingerprint, render.owner, "https://x.example/a")

    async def download(self, render: Render, take: Take, slate: Slate) -> StoredTake:
        """Stored, if the file is there."""
        self.steps.append("download")
        if not self._there:
            raise ClipLost("it is gone")
        await render.ledger.stored(take.fingerprint, render.owner, content(1), 1, 81, 832, 480)
        return take.stored(content(1))

    async def handover(self, *_: Any) -> Any:
        """Nobody asks for it here."""
        raise AssertionError

    @property
    def as_steps(self) -> Steps:
        """For a render."""
        return Steps(self.handover, self.submit, self.reconcile, self.poll, self.download)


async def brought(render: Render, told: Told, take: Take) -> StoredTake:
    """What becomes of the take, from how it stands."""
    slate = await render.ledger.find(take.fingerprint)
    return await bring(render, told.as_steps, take, slate)


@pytest.mark.parametrize(
    ("state", "steps"),
    [
        (None, ["submit", "poll", "download"]),
        (TakeState.INTENDED, ["submit", "poll", "download"]),
        (TakeState.AMBIGUOUS, ["reconcile", "submit", "poll", "download"]),
        (TakeState.SUBMITTED, ["poll", "download"]),
        (TakeState.COMPLETED, ["download"]),
    ],
)
async def test_a_take_goes_on_from_where_it_was_left(
    render: Render, state: TakeState | None, steps: list[str]
) -> None:
    clip, told = render.plan.clips[0], Told()
    take = take_for(clip, 1, NO_IMAGES)
    if state is not None:
        await put(render.ledger, clip, 1, state)
        await render.ledger.release(OWNER)
    assert (await brought(render, told, take)).sha256 == content(1)
    assert told.steps == steps


async def test_a_lost_take_that_is_there_after_all_is_fetched(render: Render) -> None:
    take, told = await put(render.ledger, render.plan.clips[0], 1, TakeState.LOST), Told()
    assert (await brought(render, told, take)).sha256 == content(1)
    assert told.steps == ["download"]


@pytest.mark.parametrize(
    ("state", "steps"), [(TakeState.LOST, ["download"]), (TakeState.UNUSABLE, [])]
)
async def test_a_take_of_no_use_is_reported_and_not_sent_again(
    state: TakeState, steps: list[str], render: Render
) -> None:
    take, told = await put(render.ledger, render.plan.clips[0], 1, state), Told(there=False)
    with pytest.raises((ClipLost, ClipUnusable)):
        await brought(render, told, take)
    assert told.steps == steps


async def test_a_service_that_never_answers_is_sent_so_many_submits_and_no_more(
    render: Render,
) -> None:
    take, told = take_for(render.plan.clips[0], 1, NO_IMAGES), Told(answers=False)
    with pytest.raises(AmbiguousSubmit):
        await brought(render, told, take)
    assert told.steps.count("submit") == SENDS
