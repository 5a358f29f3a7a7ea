"""Asynchronous flows and tasks that a plain ``def`` flow can call: the result is in the next line.

Prefect gives a coroutine to the caller of an ``async def`` flow or task. In a plain flow nobody
awaits it, and the run is Completed before anything of it has begun.
"""

from __future__ import annotations

import json
from collections.abc import Coroutine
from typing import Any, ParamSpec, TypeVar, cast

from prefect import Flow
from prefect.context import get_run_context
from prefect.exceptions import MissingContextError

from longtake.blocking import wait_for

P = ParamSpec("P")
R = TypeVar("R")


class PlainlyCalledFlow(Flow[P, R]):
    """A flow that is awaited in ``async def`` flows, and waits by itself in plain ones."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """A coroutine; in a plain ``def`` flow or task, what the flow returns."""
        call = self.awaited(*args, **kwargs)
        return wait_for(call) if waits_plainly() else call

    def awaited(self, *args: Any, **kwargs: Any) -> Coroutine[Any, Any, Any]:
        """A coroutine, wherever it is called."""
        call: Coroutine[Any, Any, Any] = super().__call__(*args, **kwargs)
        return call

    def serialize_parameters(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """Texts and numbers, as ours are, go as they are: Prefect would import FastAPI for them."""
        try:
            json.dumps(parameters)
        except (TypeError, ValueError):
            return super().serialize_parameters(parameters)
        return parameters

    def with_options(self, **options: Any) -> PlainlyCalledFlow[P, R]:
        """As a flow's; what comes of it is called in the same way."""
        return called_plainly(super().with_options(**options))


def called_plainly(flow: Flow[P, Any]) -> PlainlyCalledFlow[P, Any]:
    """The flow, to be called from plain ``def`` flows as well.

    A decorator of its own above ``@flow``, which Prefect looks for in the source of a deployment.
    """
    flow.__class__ = PlainlyCalledFlow  # the same object: Prefect has no way to copy all options
    return cast("PlainlyCalledFlow[P, Any]", flow)


def waits_plainly() -> bool:
    """Whether the caller is a plain ``def`` flow or task; outside of runs, nobody is."""
    try:
        run = get_run_context()
    except MissingContextError:
        return False
    caller = getattr(run, "task", None) or getattr(run, "flow", None)
    return caller is not None and not caller.isasync
