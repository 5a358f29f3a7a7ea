"""Joining the film, as a task."""

from __future__ import annotations

from pathlib import Path

from prefect import task

from longtake.rendering.assembling import make_film
from longtake.rendering.render import Render
from tasks.retries import UNCACHED


@task(task_run_name="assemble {render.plan.title}", **UNCACHED)
async def assemble(render: Render) -> Path:
    """Join the clips into ``film.mp4``: not repeated, the file or the disk is wrong then."""
    return await make_film(render)
