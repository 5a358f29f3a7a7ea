"""How a render's run ends in Prefect: by a name that says whether anything was paid for."""

from __future__ import annotations

from typing import Any

from prefect import State
from prefect.states import Completed

from longtake.record import RunRecord
from longtake.rendering.run_page.film_page import headline


def ending(run: RunRecord, film: Any) -> State[Any]:
    """What the flow returns: ``film`` is its result, and the state says whether it was paid for.

    "Reused" where every clip was there already, else "Completed". Awaiting the flow gives ``film``.
    """
    name = "Completed" if run.totals.made else "Reused"
    return Completed(name=name, data=film, message=headline(run))
