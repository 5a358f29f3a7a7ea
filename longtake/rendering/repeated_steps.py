"""The steps of a take as plain functions, repeated as Prefect repeats its tasks."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from longtake.rendering.downloading import fetch
from longtake.rendering.images import make_images
from longtake.rendering.polling import watch
from longtake.rendering.reconciling import look_for
from longtake.rendering.render import Render
from longtake.rendering.repeating import JITTER, may_repeat, tries_after_first
from longtake.rendering.steps import Steps
from longtake.rendering.submitting import send
from longtake.segmind import Operation

STEPS = Steps(handover=make_images, submit=send, reconcile=look_for, poll=watch, download=fetch)

OPERATIONS = {
    "handover": (Operation.UPLOAD, False),
    "submit": (Operation.SUBMIT, False),
    "reconcile": (Operation.HISTORY, True),
    "poll": (Operation.STATUS, True),
    "download": (Operation.DOWNLOAD, True),
}
"""What each step asks of the service, and whether its clip is paid for by then."""


def patient(render: Render, steps: Steps = STEPS) -> Steps:
    """The steps, each repeated where it may be, after the pauses of the render's profile."""
    return Steps(
        **{
            name: _patient(getattr(steps, name), render, operation, paid)
            for name, (operation, paid) in OPERATIONS.items()
        }
    )


def _patient(
    step: Callable[..., Awaitable[Any]], render: Render, operation: Operation, paid: bool
) -> Callable[..., Awaitable[Any]]:
    waiting = render.settings.waiting
    most, pauses = tries_after_first(waiting, paid=paid), waiting.retry_seconds

    async def tried(*arguments: Any) -> Any:
        tries = 0
        while True:
            tries += 1
            try:
                return await step(*arguments)
            except Exception as error:  # raised again unless `may_repeat` knows it to pass
                if tries > most or not may_repeat(operation, error, tries):
                    raise
            pause = pauses[min(tries, len(pauses)) - 1]
            await render.clock.sleep(pause * (1 + JITTER * render.chance.uniform(-1, 1)))

    return tried
