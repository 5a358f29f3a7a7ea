"""A chain, clip by clip, each from a frame of the one before: every step is a task of Prefect's."""

from __future__ import annotations

from longtake.rendering.making import Maker
from longtake.rendering.render import Render
from longtake.rendering.steps import People
from longtake.rendering.walk import walk
from longtake.story import ChainPlan
from tasks.chain import make_chain
from tasks.steps import prefect_steps

LONG_FILM = 20
"""Up to so many clips the run graph has labels at the bars of all steps; a longer film's are the
bars of its chains."""


async def render_chain(render: Render, chain: ChainPlan, people: People) -> None:
    """Walk along the chain: handover, submit, reconcile, poll, download, and the next clip."""
    await walk(chain, Maker(render, prefect_steps(render.settings.waiting), people))


async def render_unasked(render: Render, chain: ChainPlan, people: People) -> None:
    """The same where nobody is asked: of a long film, as one task. (No task can pause a run.)"""
    if len(render.plan.clips) > LONG_FILM:
        await make_chain(render, chain)
    else:
        await render_chain(render, chain, people)
