"""A storyboard becomes a film.

``render_storyboard`` reads a storyboard, renders its chains side by side and joins the film. It
needs SEGMIND_API_KEY (or ``emulated``) and ffmpeg. It persists no results: ``run.json`` and the
clips beside it are what a render leaves.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

from prefect import flow, runtime

from longtake.media import Segment
from longtake.story import ChainPlan, ClipPlan, Model
from tasks.assemble import assemble, normalise
from tasks.download import download
from tasks.handover import Images, handover
from tasks.opening import open_studio
from tasks.poll import poll
from tasks.repeating import patient
from tasks.studio import Studio
from tasks.submit import submit


def run_name() -> str:
    """What Prefect calls the run: the storyboard's file and the minute it began."""
    stem = Path(runtime.flow_run.parameters["storyboard"]).stem
    return f"{stem} {datetime.now(UTC):%Y-%m-%d %H:%M:%S}"


@flow(name="render-storyboard", flow_run_name=run_name, persist_result=False)
async def render_storyboard(
    storyboard: str,
    out: str | None = None,
    profile: str | None = None,
    emulated: bool = False,
    pace: float = 60,
) -> str:
    """Render a storyboard file into a film, and return the film's path.

    Args:
        storyboard: Path of the storyboard, YAML or JSON.
        out: Folder for the film and all that belongs to it; by default renders/<the file's name>.
        profile: Name of a profile in configs/profiles, or a path to one.
        emulated: Render on the built-in emulator: no key, no cost.
        pace: How many times faster than the real service the emulator is.
    """
    async with open_studio(
        Path(storyboard),
        Path(out) if out else None,
        profile=profile,
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
    before: Path | None = None
    for clip in chain.clips:
        before = await render_clip(studio, clip, before)
        if before is None:
            studio.skip_rest(chain, clip)
            break
        encoding.append(asyncio.create_task(normalise(studio, clip, before)))
    return await asyncio.gather(*encoding)


async def render_clip(studio: Studio, clip: ClipPlan, before: Path | None) -> Path | None:
    """Submit, poll, download; ``before`` is the clip handed over from. None if the clip fails."""
    waiting = studio.settings.waiting
    with studio.attempt(clip):
        images = Images()
        if clip.model is Model.I2V:
            images = await patient(handover, waiting)(studio, clip, before)
        async with studio.slot():
            submission = await patient(submit, waiting)(studio, clip, images)
            completed = await patient(poll, waiting)(studio, clip, submission)
        return await patient(download, waiting)(studio, clip, submission, completed)
    return None
