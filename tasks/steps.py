"""The steps of a take as Prefect's tasks, with a profile's pauses."""

from __future__ import annotations

from longtake.profile_parts import Waiting
from longtake.rendering.steps import Steps
from tasks.download import download
from tasks.handover import handover
from tasks.poll import poll
from tasks.reconcile import reconcile
from tasks.retries import patient
from tasks.submit import submit


def prefect_steps(waiting: Waiting) -> Steps:
    """Each step as a task run of its own."""
    return Steps(
        handover=patient(handover, waiting),
        submit=patient(submit, waiting),
        reconcile=patient(reconcile, waiting, paid=True),
        poll=patient(poll, waiting, paid=True),
        download=patient(download, waiting, paid=True),
    )
