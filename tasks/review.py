"""Reading the film and making its review page, as a task."""

from __future__ import annotations

from prefect import task
from prefect.logging import get_run_logger

from longtake.errors import LongtakeError
from longtake.rendering.film_reading import read_film
from longtake.rendering.render import Render
from tasks.retries import UNCACHED


@task(task_run_name="review {render.plan.title}", **UNCACHED)
async def review(render: Render) -> None:
    """Read the film's seams and clips, and make the review page next to it.

    The film is there already: what goes wrong here is logged and leaves the render as it is.
    """
    try:
        await read_film(render)
    except (LongtakeError, OSError) as error:
        get_run_logger().warning("no review: %s", error)
