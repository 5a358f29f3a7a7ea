"""Outside of runs nobody waits plainly: a coroutine is what a call gives."""

from __future__ import annotations

import inspect
from pathlib import Path

from prefect import flow

from tasks.called_plainly import PlainlyCalledFlow, called_plainly, waits_plainly


@called_plainly
@flow(persist_result=False)
async def twice(number: int) -> int:
    """The double."""
    return 2 * number


def test_outside_of_a_run_the_caller_awaits_by_itself() -> None:
    assert not waits_plainly()
    call = twice.awaited(2)
    assert inspect.iscoroutine(call)
    call.close()


def test_a_flow_with_other_options_is_called_in_the_same_way() -> None:
    other = twice.with_options(name="other")
    assert isinstance(other, PlainlyCalledFlow)
    assert (twice.name, other.name) == ("twice", "other")


def test_parameters_that_are_json_go_as_they_are_and_others_are_made_so() -> None:
    plain = {"number": 2, "only": ["a/1"], "plan": None}
    assert twice.serialize_parameters(plain) is plain
    assert twice.serialize_parameters({"number": Path("a")}) == {"number": "a"}
