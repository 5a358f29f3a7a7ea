"""Steps repeated as the tasks repeat them: the same decision, the same pauses."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from longtake.rendering.render import Render
from longtake.rendering.repeating import may_repeat, tries_after_first
from longtake.rendering.steps import Steps
from longtake.segmind import Operation

JITTER = 0.3


OPERATIONS = {
    "handover": (Operation.UPLOAD, False),
    "submit": (Operation.SUBMIT, False),
    "reconcile": (Operation.HISTORY, True),
    "poll": (Operation.STATUS, True),
    "download": (Operation.DOWNLOAD, True),
}


def patient(steps: Steps, render: Render) -> Steps:
    """Each step repeated as the tasks are: the same decision, the same pauses."""
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
            except Exception as error:
                if tries > most or not may_repeat(operation, error, tries):
                    raise
            pause = pauses[min(tries, len(pauses)) - 1]
            await render.clock.sleep(pause * (1 + JITTER * render.chance.uniform(-1, 1)))

    return tried
