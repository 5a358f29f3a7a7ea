"""Fetching, checking and storing a finished clip, as a task."""

from __future__ import annotations

from prefect import task

from longtake.ledger import Slate
from longtake.rendering.downloading import fetch
from longtake.rendering.render import Render
from longtake.rendering.takes import StoredTake, Take
from longtake.segmind import Operation
from tasks.retries import calls_service


@task(task_run_name="download {take.clip.id}", **calls_service(Operation.DOWNLOAD, paid=True))
async def download(render: Render, take: Take, slate: Slate) -> StoredTake:
    """Bring the clip into the render's folder and the store, if it is whole; safe to repeat."""
    return await fetch(render, take, slate)
