"""What a person sees of a render in Prefect's UI, made from the run record alone.

``run_page`` follows a render: artifacts, events, log lines and the names of phases. ``name_state``
and ``ending`` name what only the flow knows: that it waits, and how it ended;
``conclude_cancelling`` says that a cancelled run has done so. ``attempts`` counts how often it has
begun, which ``run_count`` does not tell once states are named.
"""

from __future__ import annotations

from tasks.page.page import RunPage, run_page
from tasks.page.states import attempts, conclude_cancelling, ending, name_state

__all__ = ["RunPage", "attempts", "conclude_cancelling", "ending", "name_state", "run_page"]
