"""A storyboard becomes a film.

``render_storyboard`` reads a storyboard, renders its chains side by side and joins the film. It
needs SEGMIND_API_KEY (or ``emulated``) and ffmpeg. Prefect keeps no results of it: the ledger knows
what was paid for and the store has it, so that running it again continues and pays nothing twice.
"""

from __future__ import annotations

import asyncio
import itertools
from datetime import UTC, datetime
from pathlib import Path

from prefect import flow, runtime

from longtake.errors import AmbiguousSubmit, ClipLost, ContentBlocked, GenerationFailed
from longtake.ledger import Slate, State
from longtake.media import Segment
from longtake.story import ChainPlan, ClipPlan, Model
from tasks.assemble import assemble, normalise
from tasks.download import download
from tasks.handover import handover
from tasks.opening import open_studio
from tasks.poll import poll
from tasks.reconcile import reconcile
from tasks.repeating import patient
from tasks.studio import Studio
from tasks.submit import submit
from tasks.takes import Images, Kept, Take, holding, raise_verdict, recall, take_for, until_free

SENDS = 3
"""How often one take may be sent in one render, each time proven never to have been accepted."""


def run_name() -> str:
    """What Prefect calls the run: the storyboard's file and the second it began."""
    stem = Path(runtime.flow_run.parameters["storyboard"]).stem
    return f"{stem} {datetime.now(UTC):%Y-%m-%d %H:%M:%S}"


@flow(name="render-storyboard", flow_run_name=run_name, persist_result=False)
async def render_storyboard(
    storyboard: str,
    out: str | None = None,
    profile: str | None = None,
    budget_usd: float | None = None,
    retake_lost: bool = False,
    emulated: bool = False,
    pace: float = 60,
) -> str:
    """Render a storyboard file into a film, and return the film's path.

    Args:
        storyboard: Path of the storyboard, YAML or JSON.
        out: Folder for the film and all that belongs to it; by default renders/<the file's name>.
        profile: Name of a profile in configs/profiles, or a path to one.
        budget_usd: Stop submitting before this render would cost more.
        retake_lost: Pay once more for clips whose files cannot be had any more.
        emulated: Render on the built-in emulator: no key, no cost.
        pace: How many times faster than the real service the emulator is.
    """
    async with open_studio(
        Path(storyboard),
        Path(out) if out else None,
        profile=profile,
        budget_usd=budget_usd,
        retake_lost=retake_lost,
        emulated=emulated,
        pace=pace,
        run_name=runtime.flow_run.name or "",
        run_id=str(runtime.flow_run.id or ""),
    ) as studio:
        chains = (render_chain(studio, chain) for chain in studio.plan.chains)
        # A chain that breaks must not cancel the others: their clips are paid for.
        parts = await asyncio.gather(*chains, return_exceptions=True)
        return str(await assemble(studio, studio.all_segments(parts)))


async def render_chain(studio: Studio, chain: ChainPlan) -> list[Segment]:
    """Render a chain's clips one after another; the first that fails ends the chain."""
    encoding: list[asyncio.Task[Segment]] = []
    before: Kept | None = None
    for clip in chain.clips:
        before = await render_clip(studio, clip, before)
        if before is None:
            studio.skip_rest(chain, clip)
            break
        encoding.append(asyncio.create_task(normalise(studio, clip, before)))
    return await asyncio.gather(*encoding)


async def render_clip(studio: Studio, clip: ClipPlan, before: Kept | None) -> Kept | None:
    """A clip from the store, or a new one, take by take; None if it fails.

    ``before`` is the clip handed over from. Takes that failed in an earlier render are passed by.
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
        async with (
            studio.alone(take.fingerprint),
            studio.slot() as free_slot,
            holding(studio, take) as slate,
        ):
            if slate is None:
                continue
            try:
                raise_verdict(slate)
                slate = await ended_job(studio, take, slate)
                free_slot()  # the account need not stand idle while the clip comes home
                return await patient(download, studio.settings.waiting)(studio, take, slate)
            except ClipLost:
                if not studio.pays_again(take.fingerprint):
                    raise


async def ended_job(studio: Studio, take: Take, slate: Slate) -> Slate:
    """Submit and poll, as far as it is not done yet."""
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
    if slate.state is State.SUBMITTED:
        slate = await patient(poll, waiting)(studio, take, slate)
    return slate
