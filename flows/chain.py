"""A chain, clip by clip: each starts from a frame of the one before."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterator
from contextlib import nullcontext

from longtake.errors import (
    AmbiguousSubmit,
    BudgetReached,
    ClipLost,
    ContentBlocked,
    GenerationFailed,
    LongtakeError,
)
from longtake.ledger import Slate, TakeState
from longtake.rendering.choosing import best_of, other_takes
from longtake.rendering.known_takes import chosen_number, most_takes
from longtake.rendering.render import Render, StoredTake
from longtake.rendering.seam_steps import choose_handover, settle_seam
from longtake.rendering.takes import (
    Images,
    Take,
    holding,
    raise_verdict,
    recalled,
    rejected,
    take_for,
    until_free,
)
from longtake.story import ChainPlan, ClipPlan
from tasks.download import download
from tasks.handover import handed_over, handover
from tasks.limits import job_slot
from tasks.people.approval import approved, given_up
from tasks.poll import poll
from tasks.reconcile import reconcile
from tasks.retries import run_patiently
from tasks.submit import submit

SENDS = 3
"""How often one take may be sent in one render, each time proven never to have been accepted."""


async def render_chain(render: Render, chain: ChainPlan) -> None:
    """Render a chain's clips one after another; the first that fails ends the chain.

    Where a person is to approve and rejects a take, the chain begins again: what was not rejected,
    and does not follow from it, is there.
    """
    render.seams.forget(chain.clips)
    before: StoredTake | None = None
    for planned in chain.clips:
        if before is not None:
            before = await choose_handover(render, chain, before, planned)
        kept = await render_clip(render, render.seams.clip(planned.id), before)
        if kept is None:
            render.skip_rest(chain, planned)
            await given_up(render, chain, planned)
            return
        before = await settle_seam(render, chain, before, kept)
        if not await approved(render, chain, planned):
            await render_chain(render, chain)
            return


async def render_clip(
    render: Render, clip: ClipPlan, before: StoredTake | None
) -> StoredTake | None:
    """A clip from the store, or a new one, take by take; None if it fails.

    ``before`` is the clip handed over from. Takes that failed in an earlier render, or that a
    person rejected, are passed by.
    """
    with render.attempt(clip):
        images = await handed_over(render, clip, before)
        if images is None:
            images = await run_patiently(handover, render.settings.waiting, render, clip, before)
        # The first chains are to be at work before the last of very many has been looked up.
        async with render.starting_chains if before is None else nullcontext():
            number = await chosen_number(render.ledger, clip, images.hashes)
        if number is not None:
            chosen = await any_take(render, take_for(clip, number, images))
            others = await other_takes(render, clip, chosen, images)
            kept, _ = await best_of(render, [chosen, *others], images, before)
            return kept
        return await render_takes(render, clip, images, before)
    return None


async def render_takes(
    render: Render, clip: ClipPlan, images: Images, before: StoredTake | None
) -> StoredTake:
    """The best of as many takes as are asked for, side by side; then more while it falls short."""
    numbers, spare = itertools.count(1), [render.settings.keeping.retakes]
    wanted, most = range(clip.takes.at_least), most_takes(clip, spare[0])
    made = await asyncio.gather(
        *(next_take(render, clip, images, numbers, spare) for _ in wanted), return_exceptions=True
    )
    takes = [each for each in made if isinstance(each, StoredTake)]
    for outcome in made:
        made_up_for = takes and isinstance(outcome, LongtakeError)
        if isinstance(outcome, BaseException) and not made_up_for:
            raise outcome
    while True:
        best, score = await best_of(render, takes, images, before)
        if score is None or not score.falls_short or len(takes) >= most:
            return best
        try:
            takes.append(await next_take(render, clip, images, numbers, spare))
        except (BudgetReached, GenerationFailed):  # then the best of what is there has to do
            return best


async def next_take(
    render: Render, clip: ClipPlan, images: Images, numbers: Iterator[int], spare: list[int]
) -> StoredTake:
    """The next take that comes to a file; ``spare`` counts the failures that are still borne."""
    for number in numbers:
        take = take_for(clip, number, images)
        if await rejected(render, take):
            continue
        try:
            return await any_take(render, take)
        except ContentBlocked:
            raise
        except GenerationFailed:
            spare[0] -= await render.failed_now(take.fingerprint)
            if spare[0] < 0:
                raise
    raise AssertionError("numbers have no end")


async def any_take(render: Render, take: Take) -> StoredTake:
    """The take out of the store, or rendered."""
    return await recalled(render, take) or await render_take(render, take)


async def render_take(render: Render, take: Take) -> StoredTake:
    """Bring a take from whatever its slate says to its file, while nobody else works on it."""
    while True:
        await until_free(render, take)
        async with render.alone(take.fingerprint), holding(render, take) as slate:
            if slate is None:
                continue
            try:
                raise_verdict(slate)
                slate = await ended_job(render, take, slate)
                return await run_patiently(download, render.settings.waiting, render, take, slate)
            except ClipLost:
                if not render.pays_again(take.fingerprint):
                    raise


async def ended_job(render: Render, take: Take, slate: Slate) -> Slate:
    """Submit and poll, as far as it is not done yet."""
    waiting = render.settings.waiting
    if slate.state in {TakeState.INTENDED, TakeState.AMBIGUOUS}:
        async with job_slot(render):
            render.film_changes.set()
            slate = await accepted_job(render, take, slate)
            if slate.state is TakeState.SUBMITTED:
                slate = await run_patiently(poll, waiting, render, take, slate)
    elif slate.state is TakeState.SUBMITTED:  # in flight already: watching it takes no slot
        slate = await run_patiently(poll, waiting, render, take, slate)
    return slate


async def accepted_job(render: Render, take: Take, slate: Slate) -> Slate:
    """Have the service accept the take, once; what may have been accepted is looked up first."""
    waiting = render.settings.waiting
    sends = 0
    while slate.state in {TakeState.INTENDED, TakeState.AMBIGUOUS}:
        if slate.state is TakeState.AMBIGUOUS or slate.may_have_been_sent:
            slate = await run_patiently(reconcile, waiting, render, take)
        elif sends < SENDS:
            sends += 1
            slate = await run_patiently(submit, waiting, render, take)
        else:
            raise AmbiguousSubmit(f"{slate.clip_id}: {sends} submits stayed without an answer")
    return slate
