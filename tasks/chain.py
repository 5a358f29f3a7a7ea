"""A whole chain as one task: in a long film the bars of its steps would be too thin to be read."""

from __future__ import annotations

from prefect import task

from longtake.rendering.making import Maker
from longtake.rendering.render import Render
from longtake.rendering.repeated_steps import patient
from longtake.rendering.walk import walk
from longtake.story import ChainPlan
from tasks.retries import UNCACHED


@task(name="chain", task_run_name="{chain.name}", **UNCACHED)
async def make_chain(render: Render, chain: ChainPlan) -> None:
    """Walk along the chain; not repeated as a whole, since each of its steps is."""
    await walk(chain, Maker(render, patient(render)))
