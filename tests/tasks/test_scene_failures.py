"""How a scene's run that failed elsewhere is told of by the render that waits for it."""

from __future__ import annotations

from uuid import uuid4

import pytest
from prefect.client.schemas.objects import FlowRun
from prefect.states import Failed

from longtake.errors import OperatorError
from longtake.rendering.outcomes import whole_text
from tasks.run_page.events import RENDER_EVENTS
from tasks.scene_failures import SceneFailed, failure_of


def failed(message: str) -> FlowRun:
    state = Failed(message=f"Flow run encountered an exception: {message}")
    return FlowRun(flow_id=uuid4(), name="A film: chain 1", state=state)


@pytest.mark.parametrize(
    "kind", ["BudgetReached", "KeyRefused", "ModelRetired", "OutOfCredits", "SpendLimitReached"]
)
def test_what_no_scene_could_get_past_stops_the_render_by_its_own_name(kind: str) -> None:
    error = failure_of(failed(f"{kind}: budget 'run' of 1.00 USD is reached: raise it"))
    assert isinstance(error, OperatorError)
    assert type(error).__name__ == kind
    assert whole_text(error) == "budget 'run' of 1.00 USD is reached: raise it"


def test_a_person_is_told_of_money_whatever_its_want_is_called() -> None:
    assert {"BudgetReached", "OutOfCredits", "SpendLimitReached"} == set(RENDER_EVENTS)


def test_what_befell_one_machine_is_that_scenes_own_failure() -> None:
    error = failure_of(failed("DiskFull: no room is left"))
    assert isinstance(error, SceneFailed)
    assert "A film: chain 1" in str(error)
