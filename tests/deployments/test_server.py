"""Which states of runs a server's automations cannot have heard of."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from prefect.client.schemas.objects import StateType
from prefect.states import State

from deployments.server import is_overdue


@pytest.mark.parametrize(
    ("kind", "seconds", "overdue"),
    [
        (StateType.CRASHED, 5, False),
        (StateType.CRASHED, 60, True),
        (StateType.CANCELLING, 60, False),
        (StateType.CANCELLING, 120, True),
        (StateType.PENDING, 180, False),
        (StateType.PENDING, 300, True),
        (StateType.RUNNING, 3600, False),
    ],
)
def test_a_state_is_overdue_once_the_automations_would_have_acted(
    kind: StateType, seconds: float, overdue: bool
) -> None:
    since = datetime.now(UTC) - timedelta(seconds=seconds)
    assert is_overdue(State(type=kind, timestamp=since)) is overdue
