"""The images a clip starts from and ends on, as a task."""

from __future__ import annotations

from prefect import task

from longtake.rendering.images import make_images
from longtake.rendering.render import Render
from longtake.rendering.takes import Images, StoredTake
from longtake.segmind import Operation
from longtake.story import ClipPlan
from tasks.retries import calls_service


@task(task_run_name="handover {clip.id}", **calls_service(Operation.UPLOAD))
async def handover(render: Render, clip: ClipPlan, before: StoredTake | None) -> Images:
    """Make the images that ``clip`` starts from and ends on; costs nothing, safe to repeat."""
    return await make_images(render, clip, before)
