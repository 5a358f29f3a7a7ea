"""The first clips of a film, sent while what its flow needs is still being started.

They need no hand-over, so that nothing has to be there for them but the ledger and the service.
Each is written down, sent and given back as by a render that was killed in the moment after; the
flow finds them in flight, and whatever went wrong, it meets again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from longtake.errors import LongtakeError
from longtake.ledger import TakeState
from longtake.rendering.holding import holding
from longtake.rendering.host import Host
from longtake.rendering.known_takes import decided
from longtake.rendering.opening import prepared
from longtake.rendering.preflight import Preflight
from longtake.rendering.render import Render
from longtake.rendering.requests import RenderRequest
from longtake.rendering.submitting import send
from longtake.rendering.takes import Images, take_for
from longtake.settings import Settings
from longtake.story import ClipPlan, Cut


async def submit_early(
    ready: Preflight, request: RenderRequest, host: Host, may_send: Callable[[], bool]
) -> None:
    """Send what can be sent before the flow opens the same render; in ``one_render``.

    ``may_send`` is asked as late as can be, and may take its time. Nothing is sent where more is
    promised than one look at the ledger shows: a plan that was kept is held to by the flow.
    """
    if request.plan_file is None and may_submit_early(ready.settings):
        async with prepared(ready, request, host) as (render, _):
            await send_first_clips(render, may_send)


def may_submit_early(settings: Settings) -> bool:
    """Whether first clips may be sent without the flow: no limit of Prefect's is asked of them."""
    fleet = settings.fleet
    shared = fleet.pool or fleet.jobs_limit or fleet.requests_limit
    return settings.endpoint != "v1" and settings.api_key_block is None and not shared


async def send_first_clips(render: Render, may_send: Callable[[], bool]) -> None:
    """Send guides and first clips of chains, as many as there are slots: those never asked for.

    Nothing is raised: it is written down, or met again.
    """
    if await render.ledger.hold_seconds(render.spending.account):
        return  # after a 429 nobody sends for a while
    plan, most = render.planned, render.settings.concurrency
    clips = [guide.clip for guide in plan.guides] + [chain.clips[0] for chain in plan.chains]
    async with render.client:
        if not await asyncio.to_thread(may_send):
            return
        try:
            firsts = (_sent(render, clip) for clip in clips[:most])
            outcomes = await asyncio.gather(*firsts, return_exceptions=True)
        finally:
            await render.ledger.release(render.owner)
    for outcome in outcomes:
        if isinstance(outcome, BaseException) and not isinstance(outcome, LongtakeError):
            raise outcome


async def _sent(render: Render, clip: ClipPlan) -> None:
    if not isinstance(clip.start, Cut) or clip.end:
        return
    take = take_for(clip, 1, Images())
    people = await decided(render.ledger, clip, take.images)
    if people.chosen is not None or take.number in people.rejected:
        return
    if take.number not in people.slates:
        async with holding(render, take) as slate:
            if slate is not None and slate.state is TakeState.INTENDED:
                await send(render, take)
