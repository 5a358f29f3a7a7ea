"""A storyboard becomes a film.

``render_storyboard`` reads a storyboard, renders its chains side by side and joins the film. It
needs SEGMIND_API_KEY (or ``emulated``) and ffmpeg. Prefect keeps no results of it: the ledger knows
what was paid for and the store has it, so that running it again continues and pays nothing twice.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from prefect import flow, runtime

from flows.chain import render_chain, render_unasked
from longtake.rendering.opening import open_render
from longtake.rendering.outcomes import raise_first
from longtake.rendering.render import Render
from longtake.rendering.requests import RenderRequest
from longtake.rendering.stills import fetch_remote_files
from longtake.rendering.storyboard_input import name_of
from longtake.story import ChainPlan
from tasks.assemble import assemble
from tasks.called_plainly import called_plainly
from tasks.host import PrefectHost
from tasks.nights import passed_over
from tasks.people.approval import Approvals
from tasks.people.asking import adjourning
from tasks.people.credits import credits_topped_up, refuse_endless_attempts
from tasks.review import review
from tasks.run_page.ending import ending
from tasks.scene_runs import SceneRuns


def run_name() -> str:
    """What Prefect calls the run: the storyboard's file (or title) and the second it began."""
    name = name_of(runtime.flow_run.parameters["storyboard"])
    return f"{name} {datetime.now(UTC):%Y-%m-%d %H:%M:%S}"


@called_plainly
@flow(name="render-storyboard", flow_run_name=run_name, persist_result=False)
async def render_storyboard(
    storyboard: str,
    out: str | None = None,
    profile: str | None = None,
    budget_usd: float | None = None,
    retake_lost: bool = False,
    approve: Literal["each-shot", "each-scene", "anchors"] | None = None,
    out_of_credits: Literal["stop", "pause"] = "stop",
    emulated: bool = False,
    pace: float = 60,
    captions: bool = False,
    only: list[str] | None = None,
    plan: str | None = None,
    max_usd: float | None = None,
) -> str:
    """Render a storyboard into a film, and return the film's path.

    Args:
        storyboard: Path of a storyboard file, YAML or JSON, or the storyboard's text itself.
        out: Folder for the film and all that belongs to it; by default renders/ and its name.
        profile: Name of a profile in configs/profiles, or a path to one.
        budget_usd: Stop submitting before this render would cost more.
        retake_lost: Pay once more for clips whose files cannot be had any more.
        approve: Pause after each shot (before what follows is paid for) or each scene, for a person
            to look at the takes; of a tree also, or with anchors only, at its anchors.
        out_of_credits: Stop when the account is empty, or pause until somebody has topped it up.
        emulated: Render on the built-in emulator: no key, no cost.
        pace: How many times faster than the real service the emulator is.
        captions: Whether the emulator writes clip, beat and prompt into its pictures.
        only: Render just these shots (`arrival/2`), and what they are continued from.
        plan: Path of a plan that `longtake plan --out` kept: do exactly that, or refuse.
        max_usd: Refuse to begin if more would be paid, and never pay more.
    """
    if (passed := await passed_over(profile)) is not None:
        return passed  # type: ignore[return-value]  # Prefect takes a state for the run's own
    request = RenderRequest(
        storyboard,
        Path(out) if out else None,
        profile=profile,
        budget_usd=budget_usd,
        retake_lost=retake_lost,
        emulated=emulated,
        pace=pace,
        captions=captions,
        only=tuple(only or ()),
        plan_file=Path(plan) if plan else None,
        max_usd=max_usd,
        run_name=runtime.flow_run.name or "",
        run_id=str(runtime.flow_run.id or ""),
    )
    async with adjourning(), open_render(request, PrefectHost()) as render:
        await refuse_endless_attempts(render)
        await fetch_remote_files(render)
        people = Approvals(render, approve)
        scenes = SceneRuns(render, request, people)
        await render_chains(render, people, scenes)
        while out_of_credits == "pause" and await credits_topped_up(render, people.questions):
            await render_chains(render, people, scenes)
        render.raise_missing()
        film = await assemble(render)
        if render.settings.review:
            await review(render)
        # A state holds the film, which awaiting the flow gives.
        return ending(render.report.record, str(film))  # type: ignore[return-value]  # Prefect takes it so


async def render_chains(render: Render, people: Approvals, scenes: SceneRuns) -> None:
    """Render the chains side by side; one that breaks does not cancel others that are paid for."""
    here = render.plan.chains if people.wanted else await scenes.known_chains()
    rendered = render_chain if people.wanted else render_unasked
    chains = (
        rendered(render, chain, people)
        if chain in here or not render.settings.fleet.pool
        else render_on_fleet(render, chain, people, scenes)
        for chain in render.plan.chains
    )
    outcomes = await asyncio.gather(*chains, return_exceptions=True)
    raise_first(outcome for outcome in outcomes if isinstance(outcome, BaseException))


async def render_on_fleet(
    render: Render, chain: ChainPlan, people: Approvals, scenes: SceneRuns
) -> None:
    """Render a chain on any worker; its clips are then found in the ledger."""
    if await scenes.rendered(chain):
        await render_chain(render, chain, people)
