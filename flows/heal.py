"""One clip in the middle of a render's chain made again, and the film joined again.

``heal_clip`` pays for one clip at most: its neighbours stay as they are. Needs what
``render_storyboard`` needs, and a render of the storyboard in the folder.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

from prefect import flow, runtime

from flows.chain import render_chain
from longtake.errors import SettingsError
from longtake.record import read_run
from longtake.rendering.healing import Healed, heal
from longtake.rendering.opening import open_render
from longtake.rendering.outcomes import raise_first
from longtake.rendering.render import Render
from longtake.rendering.requests import RenderRequest
from longtake.rendering.steps import Nobody
from longtake.rendering.stills import fetch_remote_files
from tasks.assemble import assemble
from tasks.called_plainly import called_plainly
from tasks.host import PrefectHost
from tasks.people.credits import refuse_endless_attempts
from tasks.review import review
from tasks.steps import prefect_steps


@called_plainly
@flow(name="heal-clip", flow_run_name="heal {clip}", persist_result=False)
async def heal_clip(
    run: str,
    clip: str,
    profile: str | None = None,
    budget_usd: float | None = None,
    cascade: bool = False,
    pace: float = 60,
) -> Healed:
    """Make a clip in the middle again, between the frames of its neighbours.

    Args:
        run: The folder of the render.
        clip: The clip's id, such as arrival/2.1.
        profile: Name of a profile in configs/profiles, or a path to one.
        budget_usd: Submit nothing that would cost more.
        cascade: Where the service did not move to the next clip's first frame, go on from the clip
            all the same: the next render makes again what follows.
        pace: How many times faster than the real service the emulator is, for an emulated render.
    """
    record = await asyncio.to_thread(read_run, Path(run) / "run.json")
    if record is None:
        raise SettingsError(f"{run}: no render is here: there is no run.json")
    request = RenderRequest(
        record.storyboard,
        Path(run),
        profile=profile,
        budget_usd=budget_usd,
        emulated=record.emulated,
        pace=pace,
        run_name=runtime.flow_run.name or "",
        run_id=str(runtime.flow_run.id or ""),
    )
    made = {name: one.fingerprint for name, one in record.clips.items() if one.fingerprint}
    async with open_render(request, PrefectHost()) as render:
        await refuse_endless_attempts(render)
        await fetch_remote_files(render)
        steps = prefect_steps(render.settings.waiting)
        healed = await heal(render, steps, clip, made=made, cascade=cascade)
        if healed.whole:
            await _joined(render)
    return healed


async def _joined(render: Render) -> None:
    """Every clip is there: gather them, join the film and read it."""
    chains = (render_chain(render, chain, Nobody()) for chain in render.plan.chains)
    outcomes = await asyncio.gather(*chains, return_exceptions=True)
    raise_first(outcome for outcome in outcomes if isinstance(outcome, BaseException))
    render.raise_missing()
    await assemble(render)
    if render.settings.review:
        await review(render)
