"""A chain, clip by clip, each from a frame of the one before: every step is a task of Prefect's."""

from __future__ import annotations

from longtake.rendering.making import Maker
from longtake.rendering.render import Render
from longtake.rendering.steps import People
from longtake.rendering.walk import walk
from longtake.story import ChainPlan
from tasks.steps import prefect_steps


async def render_chain(render: Render, chain: ChainPlan, people: People) -> None:
    """Walk along the chain: handover, submit, reconcile, poll, download, and the next clip."""
    await walk(chain, Maker(render, prefect_steps(render.settings.waiting), people))
