"""A chain, clip by clip: each starts from a frame of the one before."""

from __future__ import annotations

import itertools

from longtake.errors import AmbiguousSubmit, ClipLost, ContentBlocked, GenerationFailed
from longtake.ledger import Slate, State
from longtake.story import ChainPlan, ClipPlan, Model
from tasks.account import job_slot
from tasks.approval import approved, given_up
from tasks.assemble import encode_ahead
from tasks.download import download
from tasks.handover import handover
from tasks.poll import poll
from tasks.reconcile import reconcile
from tasks.repeating import patient
from tasks.studio import Kept, Studio
from tasks.submit import submit
from tasks.takes import (
    Images,
    Take,
    holding,
    raise_verdict,
    recall,
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
    before: Kept | None = None
    for clip in chain.clips:
        before = await render_clip(studio, clip, before)
        if before is None:
            studio.skip_rest(chain, clip)
            await given_up(studio, chain, clip)
            return
        studio.kept[clip.id] = before
        encode_ahead(studio, clip, before)
        if not await approved(studio, chain, clip):
            await render_chain(studio, chain)
            return


async def render_clip(studio: Studio, clip: ClipPlan, before: Kept | None) -> Kept | None:
    """A clip from the store, or a new one, take by take; None if it fails.

    ``before`` is the clip handed over from. Takes that failed in an earlier render, or that a
    person rejected, are passed by.
    """
    with studio.attempt(clip):
        if kept := await recall(studio, clip, before):
            return kept
        images = Images()
        if clip.model is Model.I2V:
            images = await patient(handover, studio.settings.waiting)(studio, clip, before)
        retakes = studio.settings.keeping.retakes
        for number in itertools.count(1):
            take = take_for(clip, number, images)
            if await rejected(studio, take):
                continue
            try:
                return await render_take(studio, take)
            except ContentBlocked:
                raise
            except GenerationFailed:
                retakes -= await studio.failed_now(take.fingerprint)
                if retakes < 0:
                    raise
    return None


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
                return await patient(download, studio.settings.waiting)(studio, take, slate)
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
                slate = await patient(poll, waiting)(studio, take, slate)
    elif slate.state is State.SUBMITTED:  # in flight already: watching it takes no slot
        slate = await patient(poll, waiting)(studio, take, slate)
    return slate


async def accepted_job(studio: Studio, take: Take, slate: Slate) -> Slate:
    """Have the service accept the take, once; what may have been accepted is looked up first."""
    waiting = studio.settings.waiting
    sends = 0
    while slate.state in {State.INTENDED, State.AMBIGUOUS}:
        if slate.state is State.AMBIGUOUS or slate.may_have_been_sent:
            slate = await patient(reconcile, waiting)(studio, take)
        elif sends < SENDS:
            sends += 1
            slate = await patient(submit, waiting)(studio, take)
        else:
            raise AmbiguousSubmit(f"{slate.clip_id}: {sends} submits stayed without an answer")
    return slate
