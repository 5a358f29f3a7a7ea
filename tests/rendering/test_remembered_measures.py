"""A measure is taken once, and only where there is an tools."""

from __future__ import annotations

from unittest.mock import sentinel

import pytest

from longtake.ledger import Ledger
from longtake.rendering.measure_cache import SplicePoint
from longtake.rendering.remembered_measures import MeasureTools, RememberedMeasures


async def unseen(tools: MeasureTools) -> SplicePoint:
    """Nobody looks."""
    raise AssertionError(tools)


async def seen(tools: MeasureTools) -> SplicePoint:
    """What is there to be seen."""
    return SplicePoint(left_frame_index=80)


async def test_what_was_measured_is_not_looked_at_again(ledger: Ledger) -> None:
    first = await RememberedMeasures(ledger, sentinel.tools).taken("s", SplicePoint, seen, "")
    for tools in (sentinel.tools, None):
        assert await RememberedMeasures(ledger, tools).taken("s", SplicePoint, unseen, "") == first


async def test_without_an_eye_what_was_not_measured_is_unknown_or_refused(ledger: Ledger) -> None:
    blind = RememberedMeasures(ledger, None)
    assert await blind.recalled_or("s", SplicePoint, unseen, "") is None
    with pytest.raises(ValueError, match="SplicePoint that only a render can take"):
        await blind.taken("s", SplicePoint, unseen, "")
