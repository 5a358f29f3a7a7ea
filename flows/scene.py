"""One chain of a film, on any worker: ``render_storyboard`` starts these where a fleet is set up.

Needs the same profile as its parent (ledger, store, key) and ffmpeg. Nothing is returned: the clips
lie in the store, the ledger says so, and running it again continues.
"""

from __future__ import annotations

from prefect import flow, runtime

from flows.chain import render_chain
from longtake.rendering.opening import open_scene
from longtake.rendering.requests import SceneRequest
from longtake.rendering.steps import Nobody
from tasks.host import PrefectHost
from tasks.people.credits import refuse_endless_attempts
from tasks.scene_runs import scene_folder


@flow(name="render-scene", persist_result=False)
async def render_scene(
    plan_sha256: str,
    chain: int,
    stills: dict[str, str],
    parent_run: str,
    profile: str | None = None,
    budget_usd: float | None = None,
    retake_lost: bool = False,
) -> None:
    """Render one chain of a film; started by render-storyboard, not by hand.

    Args:
        plan_sha256: The film's plan, as it lies in the store.
        chain: The chain's number in the plan, from 1.
        stills: The chain's pictures: path for the worker, hash in the store.
        parent_run: The render whose chain it is; money is counted as its.
        profile: Name of a profile in configs/profiles, or a path to one.
        budget_usd: What the whole render may cost.
        retake_lost: Pay once more for clips whose files cannot be had any more.
    """
    with scene_folder() as folder:
        request = SceneRequest(
            plan_sha256,
            stills,
            folder,
            parent_run,
            profile=profile,
            budget_usd=budget_usd,
            retake_lost=retake_lost,
            run_name=runtime.flow_run.name or "",
        )
        async with open_scene(request, PrefectHost()) as render:
            await refuse_endless_attempts(render)
            await render_chain(render, render.plan.chains[chain - 1], Nobody())
            render.raise_missing()
