"""Waiting for a job, as a task: a loop inside one run, since each run costs the server time."""

from __future__ import annotations

from prefect import task

from longtake.ledger import Slate
from longtake.rendering.polling import watch
from longtake.rendering.render import Render
from longtake.rendering.takes import Take
from longtake.segmind import Operation
from tasks.retries import calls_service


@task(task_run_name="poll {take.clip.id}", **calls_service(Operation.STATUS, paid=True))
async def poll(render: Render, take: Take, slate: Slate) -> Slate:
    """Look until the job has ended; safe to repeat, since it goes on where it stood."""
    return await watch(render, take, slate)
