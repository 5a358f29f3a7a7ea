"""When a render waits for credits, and when it gives up beginning again."""

from __future__ import annotations

from uuid import uuid4

from prefect.input import RunInput
from prefect.logging import get_run_logger

from longtake.errors import OperatorError, OutOfCredits, RenderStopped
from longtake.rendering.render import Render
from tasks.people.asking import Questions
from tasks.run_states import attempts


class ToppedUp(RunInput):
    """Nothing to fill in: resume once the account has credits again."""


async def refuse_endless_attempts(render: Render) -> None:
    """Raise OperatorError for a run that crashes again and again: rescheduling it has an end."""
    count, most = await attempts(), render.settings.fleet.attempts
    if count > most:
        raise OperatorError(
            f"this run has begun {count} times and may do so {most} times (`fleet.attempts`): "
            "see why it crashes, then render again; what was paid for is kept"
        )


async def credits_topped_up(render: Render, questions: Questions) -> bool:
    """If the account ran empty: wait until a person resumes the run, and then go on.

    What was in flight has been finished and kept. False where that was not the reason to stop, or
    nobody answered in time. Raises Adjourned where the run ends until somebody has answered.
    """
    if not isinstance(render.spending.stopped_by, OutOfCredits):
        return False
    missing = [clip.id for clip in render.report.missing()]
    says = (
        f"**The account is out of credits**: {render.spending.stopped_by}\n\n"
        f"{len(missing)} clips wait: {', '.join(missing)}. Top up the account at Segmind, "
        "then submit: all that is paid for is kept."
    )
    get_run_logger().warning("out of credits: paused until somebody has topped up the account")
    try:
        form = ToppedUp.with_initial_data(description=says)
        await questions.ask(form, uuid4().hex, "The account is out of credits: top it up.")
    except RenderStopped:
        return False
    render.go_on()
    return True
