"""The one task that costs money."""

from __future__ import annotations

from prefect import task

from longtake.ledger import Slate
from longtake.rendering.render import Render
from longtake.rendering.submitting import send
from longtake.rendering.takes import Take
from longtake.segmind import Operation
from tasks.retries import calls_service


@task(task_run_name="submit {take.clip.id}", **calls_service(Operation.SUBMIT))
async def submit(render: Render, take: Take) -> Slate:
    """Ask the service for the clip, once; repeated only where it certainly took nothing."""
    return await send(render, take)
