"""A chain rendered elsewhere: a run of the deployment `render-scene`, on any worker of its pool.

What travels: the plan and the stills through the store, the truth through the ledger, the clips
back through the store. So the parent needs nothing from the run but its end: it finds the clips in
the ledger as those of an earlier render, and makes the chain itself should the run stay crashed.
"""

from __future__ import annotations

import asyncio
import itertools
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from uuid import UUID

import anyio
from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.objects import FlowRun
from prefect.deployments.flow_runs import arun_deployment
from prefect.exceptions import ObjectNotFound
from prefect.states import Cancelling

from longtake.errors import LongtakeError, OperatorError
from longtake.files import sha256_of
from longtake.ledger import Slate, TakeState
from longtake.record import Stage
from longtake.rendering.healing import foreseen
from longtake.rendering.outlook import Outlook
from longtake.rendering.render import Render
from longtake.rendering.requests import RenderRequest
from longtake.rendering.run_page.names import slug_of
from longtake.rendering.steps import People
from longtake.rendering.takes import raise_verdict
from longtake.story import ChainPlan, ClipPlan, GuidePlan, Plan, Still, is_remote
from tasks.scene_failures import failure_of
from tasks.server_away import outlasting

LOOK_SECONDS = 3.0
"""Between two looks at a scene's run and at its takes in the ledger."""

PARTING_SECONDS = 4.0
"""How long a cancelled render waits for its scenes' ends: all of it is to take less than ten."""

_STAGES = {
    TakeState.INTENDED: Stage.SUBMITTING,
    TakeState.SUBMITTED: Stage.GENERATING,
    TakeState.AMBIGUOUS: Stage.RECONCILING,
    TakeState.COMPLETED: Stage.DOWNLOADING,
}


@contextmanager
def scene_folder() -> Iterator[Path]:
    """A folder for a scene's files while it is rendered; what lasts is in the store."""
    with tempfile.TemporaryDirectory(prefix="longtake-scene-", ignore_cleanup_errors=True) as name:
        yield Path(name)


class SceneRuns:
    """The chains of one render that are rendered on the fleet.

    ``asked`` is what the render was asked for; a scene is asked for the same. ``people`` are those
    who wait for a chain. Where they are to approve takes, the render makes all chains itself: a
    form belongs to the film's run, which could not end and wait while its scenes do.
    """

    def __init__(self, render: Render, asked: RenderRequest, people: People) -> None:
        self._render = render
        self._asked = asked
        self._people = people

    async def known_chains(self) -> list[ChainPlan]:
        """Chains that no worker need begin a run for: in the store already, or with own clips."""
        render = self._render
        if not render.settings.fleet.pool:
            return []
        clips = (await foreseen(render)).clips
        there = {name for name, outlook in clips.items() if outlook is Outlook.THERE}
        return [
            chain
            for chain in render.plan.chains
            if all(clip.id in there and clip.takes.at_least == 1 for clip in chain.clips)
            or any(clip.own_file is not None for clip in chain.clips)  # their files are here
        ]

    async def rendered(self, chain: ChainPlan) -> bool:
        """Have the chain rendered on the fleet, and wait for the run's end.

        True when its clips are there to be collected, or when the run stays crashed for longer than
        the profile's patience: either way the caller goes through the chain itself. False when it
        failed: what is there has been collected, and why the rest is missing has been noted.
        """
        async with get_client() as client:
            try:
                run = await self._started(chain)
            except LongtakeError as error:
                await self._collect(chain, error)
                return False
            try:
                run = await self._ended(chain, client, run.id)
            except BaseException:
                await asyncio.shield(self._cancelled(chain, client, run.id))
                raise
        if run.state is None or run.state.is_completed() or run.state.is_crashed():
            return True
        await self._collect(chain, failure_of(run))
        return False

    async def _collect(self, chain: ChainPlan, error: LongtakeError) -> None:
        """Take what a failed run made; the first missing clip tells why."""
        render, latest = self._render, await self._latest()
        for clip in chain.clips:
            slate = latest.get(clip.id)
            if slate is not None and slate.state is TakeState.STORED:
                render.report.note(clip, stage=Stage.STORED, take=slate.take_number, usd=slate.usd)
                continue
            with render.attempt(clip):
                if slate is not None:
                    raise_verdict(slate)
                raise error
            render.report.skip_rest(chain, clip)
            await self._people.given_up(chain, clip)
            return

    async def _started(self, chain: ChainPlan) -> FlowRun:
        """The chain's run: a new one, or the one that this render had started before it crashed.

        A run that had ended without its clips is left: the render begins again because of it.
        """
        render, pool = self._render, self._render.settings.fleet.pool
        plan_sha256, stills = await _sent(render, chain)
        parameters = {
            "plan_sha256": plan_sha256,
            "chain": chain.number,
            "stills": dict(stills),
            "parent_run": render.run,
            "profile": self._asked.profile,
            "budget_usd": self._asked.budget_usd,
            "retake_lost": render.spending.retake_lost,
        }
        for attempt in itertools.count(1):
            try:
                begin = partial(
                    arun_deployment,
                    f"render-scene/{pool}",
                    parameters=parameters,
                    flow_run_name=f"{render.plan.title}: {chain.name}",
                    tags=[slug_of(render.plan.title)],
                    idempotency_key=f"{render.run}/{chain.number}/{attempt}",
                    timeout=0,
                )
                run = await outlasting(begin, render.clock, render.settings.fleet.takeover_seconds)
            except ObjectNotFound:
                raise OperatorError(
                    f"Prefect has no deployment render-scene/{pool}: deploy it (see "
                    "deployments/README.md), or take `fleet.pool` out of the profile"
                ) from None
            if run.state is None or not run.state.is_final() or run.state.is_completed():
                break
        return run

    async def _ended(self, chain: ChainPlan, client: PrefectClient, run_id: UUID) -> FlowRun:
        """The run once it has ended for good: what made it crash may be fixed, for a while."""
        clock, patience = self._render.clock, self._render.settings.fleet.takeover_seconds
        crashed_since: float | None = None
        while True:
            run = await outlasting(partial(client.read_flow_run, run_id), clock, patience)
            state = run.state
            if state is not None and state.is_crashed():
                crashed_since = crashed_since or clock.monotonic()
                if clock.monotonic() - crashed_since > patience:
                    return run
            else:
                crashed_since = None
                if state is not None and state.is_final():
                    return run
            await self._report(chain)
            await clock.sleep(LOOK_SECONDS)

    async def _report(self, chain: ChainPlan) -> None:
        """Show how far the chain's clips are, as the ledger has it."""
        report, latest = self._render.report, await self._latest()
        for clip in chain.clips:
            slate, record = latest.get(clip.id), report.clip(clip)
            if slate is None or record.stage.ended_well or slate.state not in _STAGES:
                continue
            if record.stage is not _STAGES[slate.state]:
                report.note(
                    clip,
                    stage=_STAGES[slate.state],
                    take=slate.take_number,
                    seed=slate.seed,
                    fingerprint=slate.fingerprint,
                    request_id=slate.request_id,
                    submitted_at=slate.submitted_at,
                )

    async def _latest(self) -> dict[str, Slate]:
        """By clip, the take of this render that changed last, wherever it is made."""
        slates = await self._render.ledger.slates(run=self._render.run)
        return {slate.clip_id: slate for slate in reversed(slates)}

    async def _cancelled(self, chain: ChainPlan, client: PrefectClient, run_id: UUID) -> None:
        """End a scene's run when its parent ends early, and note what it leaves at the service.

        Its jobs stay resumable. What it sends in its last moments is known once it has ended.
        """
        run = await client.read_flow_run(run_id)
        if run.state is not None and not run.state.is_final():
            await client.set_flow_run_state(run_id, Cancelling(message="the render was cancelled"))
        with anyio.move_on_after(PARTING_SECONDS):
            while run.state is not None and not run.state.is_final():
                await self._render.clock.sleep(0.5)
                run = await client.read_flow_run(run_id)
        await self._report(chain)


async def _sent(render: Render, chain: ChainPlan) -> tuple[str, Mapping[str, str]]:
    """Put the plan, and the chain's stills, where the worker finds them; the hashes of both."""
    stills: dict[str, str] = {}
    for uri in local_stills(chain, render.plan.guide(chain)):
        path = render.folder.pictures / uri
        sha256 = await asyncio.to_thread(sha256_of, path)
        await render.store.put(path, "still")
        stills[uri] = sha256
    plan = relocated(render.plan, {uri: still_path(uri, sha) for uri, sha in stills.items()})
    with tempfile.TemporaryDirectory(prefix="longtake-plan-") as name:  # all chains send at once
        file = Path(name) / "plan.json"
        await asyncio.to_thread(file.write_text, plan.model_dump_json(), encoding="utf-8")
        stored = await render.store.put(file, "plan")
    return stored.sha256, {still_path(uri, sha): sha for uri, sha in stills.items()}


def local_stills(chain: ChainPlan, guide: GuidePlan | None = None) -> list[str]:
    """The pictures next to the storyboard that the chain and its guide need, as authored."""
    clips = [*chain.clips, *([guide.clip] if guide is not None else [])]
    uris = {uri for clip in clips for uri in clip.stills}
    return sorted(uri for uri in uris if not is_remote(uri))


def still_path(uri: str, sha256: str) -> str:
    """Where a still lies in the worker's folder."""
    return f"stills/{sha256}{Path(uri).suffix.lower()}"


def relocated(plan: Plan, places: Mapping[str, str]) -> Plan:
    """The plan with its stills elsewhere; a still is named by its content, so no take changes."""
    if not places:
        return plan

    def moved(clip: ClipPlan) -> ClipPlan:
        images = {
            end: Still(uri=places.get(image.uri, image.uri))
            for end, image in (("start", clip.start), ("end", clip.end))
            if isinstance(image, Still)
        }
        return clip.model_copy(update=images)

    chains = [
        chain.model_copy(update={"clips": tuple(map(moved, chain.clips))}) for chain in plan.chains
    ]
    guides = [guide.model_copy(update={"clip": moved(guide.clip)}) for guide in plan.guides]
    return plan.model_copy(update={"chains": tuple(chains), "guides": tuple(guides)})
