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
from longtake.ledger import Slate, State
from longtake.story import ChainPlan, ClipPlan
from tasks.account import job_slot
from tasks.approval import approved, given_up
from tasks.choosing import beside, best_of
from tasks.download import download
from tasks.handover import handed_over, handover
from tasks.joining import arrive, leave
from tasks.known import chosen_number, most_takes
from tasks.poll import poll
from tasks.reconcile import reconcile
from tasks.repeating import run_patiently
from tasks.studio import Kept, Studio
from tasks.submit import submit
from tasks.takes import (
    Images,
    Take,
    holding,
    raise_verdict,
    recalled,
    rejected,
    take_for,
    until_free,
)

SENDS = 3
"""How often one take may be sent in one render, each time proven never to have been accepted."""


async def render_chain(studio: Studio, chain: ChainPlan) -> None:
    """Render a chain's clips one after another; the first that fails ends the chain.

    Where a person is to approve and rejects a take, the chain begins again: what was not rejected,
    and does not follow from it, is there.
    """
    studio.seams.forget(chain.clips)
    before: Kept | None = None
    for planned in chain.clips:
        if before is not None:
            before = await leave(studio, chain, before, planned)
        kept = await render_clip(studio, studio.seams.clip(planned.id), before)
        if kept is None:
            studio.skip_rest(chain, planned)
            await given_up(studio, chain, planned)
            return
        before = await arrive(studio, chain, before, kept)
        if not await approved(studio, chain, planned):
            await render_chain(studio, chain)
            return


async def render_clip(studio: Studio, clip: ClipPlan, before: Kept | None) -> Kept | None:
    """A clip from the store, or a new one, take by take; None if it fails.

    ``before`` is the clip handed over from. Takes that failed in an earlier render, or that a
    person rejected, are passed by.
    """
    with studio.attempt(clip):
        images = await handed_over(studio, clip, before)
        if images is None:
            images = await run_patiently(handover, studio.settings.waiting, studio, clip, before)
        # The first chains are to be at work before the last of very many has been looked up.
        async with studio.entrance if before is None else nullcontext():
            number = await chosen_number(studio.ledger, clip, images.hashes)
        if number is not None:
            chosen = await any_take(studio, take_for(clip, number, images))
            others = await beside(studio, clip, chosen, images)
            kept, _ = await best_of(studio, [chosen, *others], images, before)
            return kept
        return await render_takes(studio, clip, images, before)
    return None


async def render_takes(studio: Studio, clip: ClipPlan, images: Images, before: Kept | None) -> Kept:
    """The best of as many takes as are asked for, side by side; then more while it falls short."""
    numbers, spare = itertools.count(1), [studio.settings.keeping.retakes]
    wanted, most = range(clip.takes.at_least), most_takes(clip, spare[0])
    made = await asyncio.gather(
        *(next_take(studio, clip, images, numbers, spare) for _ in wanted), return_exceptions=True
    )
    takes = [each for each in made if isinstance(each, Kept)]
    for outcome in made:
        made_up_for = takes and isinstance(outcome, LongtakeError)
        if isinstance(outcome, BaseException) and not made_up_for:
            raise outcome
    while True:
        best, score = await best_of(studio, takes, images, before)
        if score is None or not score.falls_short or len(takes) >= most:
            return best
        try:
            takes.append(await next_take(studio, clip, images, numbers, spare))
        except (BudgetReached, GenerationFailed):  # then the best of what is there has to do
            return best


async def next_take(
    studio: Studio, clip: ClipPlan, images: Images, numbers: Iterator[int], spare: list[int]
) -> Kept:
    """The next take that comes to a file; ``spare`` counts the failures that are still borne."""
    for number in numbers:
        take = take_for(clip, number, images)
        if await rejected(studio, take):
            continue
        try:
            return await any_take(studio, take)
        except ContentBlocked:
            raise
        except GenerationFailed:
            spare[0] -= await studio.failed_now(take.fingerprint)
            if spare[0] < 0:
                raise
    raise AssertionError("numbers have no end")


async def any_take(studio: Studio, take: Take) -> Kept:
    """The take out of the store, or rendered."""
    return await recalled(studio, take) or await render_take(studio, take)


async def render_take(studio: Studio, take: Take) -> Kept:
    """Bring a take from whatever its slate says to its file, while nobody else works on it."""
    while True:
        await until_free(studio, take)
        async with studio.alone(take.fingerprint), holding(studio, take) as slate:
            if slate is None:
                continue
            try:
                raise_verdict(slate)
                slate = await ended_job(studio, take, slate)
                return await run_patiently(download, studio.settings.waiting, studio, take, slate)
            except ClipLost:
                if not studio.pays_again(take.fingerprint):
                    raise


async def ended_job(studio: Studio, take: Take, slate: Slate) -> Slate:
    """Submit and poll, as far as it is not done yet."""
    waiting = studio.settings.waiting
    if slate.state in {State.INTENDED, State.AMBIGUOUS}:
        async with job_slot(studio):
            studio.at_stake.set()
            slate = await accepted_job(studio, take, slate)
            if slate.state is State.SUBMITTED:
                slate = await run_patiently(poll, waiting, studio, take, slate)
    elif slate.state is State.SUBMITTED:  # in flight already: watching it takes no slot
        slate = await run_patiently(poll, waiting, studio, take, slate)
    return slate


async def accepted_job(studio: Studio, take: Take, slate: Slate) -> Slate:
    """Have the service accept the take, once; what may have been accepted is looked up first."""
    waiting = studio.settings.waiting
    sends = 0
    while slate.state in {State.INTENDED, State.AMBIGUOUS}:
        if slate.state is State.AMBIGUOUS or slate.may_have_been_sent:
            slate = await run_patiently(reconcile, waiting, studio, take)
        elif sends < SENDS:
            sends += 1
            slate = await run_patiently(submit, waiting, studio, take)
        else:
            raise AmbiguousSubmit(f"{slate.clip_id}: {sends} submits stayed without an answer")
    return slate
