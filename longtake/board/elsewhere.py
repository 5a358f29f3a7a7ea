"""Renders whose folder does not lie here: on another machine, or begun with ``--out`` elsewhere.

The ledger knows them by the takes that are held by somebody who is heard of.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from longtake.ledger import Ledger, TakeState

UNDER_WAY = (TakeState.INTENDED, TakeState.SUBMITTED, TakeState.AMBIGUOUS, TakeState.COMPLETED)


@dataclass(frozen=True)
class Elsewhere:
    """A film that is being made, and how many of its takes are under way."""

    title: str
    takes: int


async def rendered_elsewhere(
    ledger: Ledger | None, titles: Collection[str], now: datetime
) -> list[Elsewhere]:
    """The films that are being made and are not among ``titles``, by their titles."""
    if ledger is None:
        return []
    found: Counter[str] = Counter()
    for state in UNDER_WAY:
        slates = await ledger.slates(state=state)
        found.update(slate.storyboard for slate in slates if slate.live(now))
    return [Elsewhere(title, found[title]) for title in sorted(found.keys() - set(titles))]
