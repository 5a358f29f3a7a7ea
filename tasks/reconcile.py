"""The search for an ambiguous submit in the request history, as a task."""

from __future__ import annotations

from prefect import task

from longtake.ledger import Slate
from longtake.rendering.reconciling import look_for
from longtake.rendering.render import Render
from longtake.rendering.takes import Take
from longtake.segmind import Operation
from tasks.retries import calls_service


@task(task_run_name="reconcile {take.clip.id}", **calls_service(Operation.HISTORY, paid=True))
async def reconcile(render: Render, take: Take) -> Slate:
    """Adopt the request if it was accepted, free the take if it never was; safe to repeat."""
    return await look_for(render, take)
