"""Steps without Prefect are repeated as its tasks are."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from longtake.errors import AmbiguousSubmit, ServiceUnavailable
from longtake.rendering.render import Render
from longtake.rendering.repeated_steps import STEPS, patient

TAKE: Any = "a take"


class Failing:
    """A step that fails so often, then goes well."""

    def __init__(self, error: Exception, times: int) -> None:
        self.error = error
        self.left = times

    async def __call__(self, *arguments: Any) -> Any:
        """What it was asked for."""
        if self.left:
            self.left -= 1
            raise self.error
        return arguments[-1]


@pytest.fixture
def hurried(render: Render) -> Render:
    """A render that hardly pauses."""
    waiting = render.settings.waiting.model_copy(update={"retry_seconds": (0.001, 0.002)})
    render.settings = render.settings.model_copy(update={"waiting": waiting})
    return render


async def test_what_passes_by_itself_is_waited_for(hurried: Render) -> None:
    poll = Failing(ServiceUnavailable("502", operation="status"), 5)
    steps = patient(hurried, replace(STEPS, poll=poll))
    assert await steps.poll(hurried, TAKE, "the slate") == "the slate"


async def test_before_a_job_is_accepted_there_are_as_many_more_tries_as_pauses(
    hurried: Render,
) -> None:
    submit = Failing(ServiceUnavailable("503", operation="submit"), 9)
    steps = patient(hurried, replace(STEPS, submit=submit))
    with pytest.raises(ServiceUnavailable):
        await steps.submit(hurried, TAKE)
    assert submit.left in {6, 8}  # a submit that may have been taken is never repeated


async def test_what_may_have_been_paid_is_not_sent_again(hurried: Render) -> None:
    submit = Failing(AmbiguousSubmit("no answer", operation="submit"), 2)
    steps = patient(hurried, replace(STEPS, submit=submit))
    with pytest.raises(AmbiguousSubmit):
        await steps.submit(hurried, TAKE)
    assert submit.left == 1
