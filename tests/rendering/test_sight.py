"""A measure is taken once, and only where there is an eye."""

from __future__ import annotations

from unittest.mock import sentinel

import pytest

from longtake.ledger import Ledger
from longtake.rendering.measure_cache import SplicePoint
from longtake.rendering.sight import Eye, Sight


async def unseen(eye: Eye) -> SplicePoint:
    """Nobody looks."""
    raise AssertionError(eye)


async def seen(eye: Eye) -> SplicePoint:
    """What is there to be seen."""
    return SplicePoint(left_frame_index=80)


async def test_what_was_measured_is_not_looked_at_again(ledger: Ledger) -> None:
    first = await Sight(ledger, sentinel.eye).taken("s", SplicePoint, seen, "")
    for eye in (sentinel.eye, None):
        assert await Sight(ledger, eye).taken("s", SplicePoint, unseen, "") == first


async def test_without_an_eye_what_was_not_measured_is_unknown_or_refused(ledger: Ledger) -> None:
    blind = Sight(ledger, None)
    assert await blind.recalled_or("s", SplicePoint, unseen, "") is None
    with pytest.raises(ValueError, match="SplicePoint that only a render can take"):
        await blind.taken("s", SplicePoint, unseen, "")
