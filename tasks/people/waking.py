"""An answer from elsewhere for a run that waits without a process: filled into its form."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from prefect.client.orchestration import get_client

from longtake.errors import OperatorError


async def wake(run_id: str, again: Sequence[str], note: str) -> None:
    """Answer the form of a suspended run, as a person would on its page; it is then scheduled.

    ``again``: the clips to take again; none where all are approved. The decision itself is in the
    ledger by now. Raises OperatorError where the run cannot be reached or waits no more.
    """
    decision = "retake" if again else "approve"
    answer = {"decision": decision, "note": note, "retake": list(again)}
    try:
        async with get_client() as client:
            said = await client.resume_flow_run(UUID(run_id), run_input=answer)
    except Exception as error:  # whatever it is, the decision is kept
        raise OperatorError(
            f"decided, but the run cannot be woken ({error}); resume it on its page in Prefect"
        ) from error
    if said.status.value != "ACCEPT":
        raise OperatorError(f"decided, but the run does not go on: {said.details}")
