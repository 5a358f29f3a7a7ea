"""What clips really cost and how long they really took, against the table's prior.

Pure. A few clips move the estimate at once; the table counts like ``PRIOR_WEIGHT`` clips more.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

from longtake.story.rates import Rates, billed_usd

PRIOR_WEIGHT = 0.5
"""The table's price counts as much as half a clip: two that were billed outweigh it."""

LATEST = 20
"""So many of the latest clips of a kind are looked at."""


class PastClip(NamedTuple):
    """A clip that was made: ``usd`` and ``seconds`` (submit to completion), None where unknown.

    ``length`` is in the unit that its service is told.
    """

    model: str
    resolution: str
    length: int | None = None
    usd: float | None = None
    seconds: float | None = None


class Estimate(NamedTuple):
    """What is expected, between the least and the most that is; ``sample_count`` clips say so."""

    expected: float
    least: float
    most: float
    sample_count: int


def estimate(prior: float, samples: Sequence[float]) -> Estimate:
    """The mean of samples and prior, and the range that both span; the prior alone without any."""
    valid = [each for each in samples[:LATEST] if math.isfinite(each) and each >= 0]
    if not valid:
        return Estimate(prior, prior, prior, 0)
    expected = (sum(valid) + prior * PRIOR_WEIGHT) / (len(valid) + PRIOR_WEIGHT)
    least, most = min(valid), max(valid)
    return Estimate(min(max(expected, least), most), least, most, len(valid))


def price(
    prior: float, past: Iterable[PastClip], model: str, resolution: str, length: int | None
) -> Estimate:
    """What a clip of a kind costs in USD: by clips of its length, else of its resolution."""
    alike = [each for each in past if (each.model, each.resolution) == (model, resolution)]
    same = [each for each in alike if each.length == length]
    billed = [usd for each in same or alike if (usd := billed_usd(each.usd)) is not None]
    return estimate(prior, billed)


def learned(
    rates: Rates, past: Sequence[PastClip], which: Literal["expected", "least", "most"] = "expected"
) -> Rates:
    """The rates with what the past says in the place of each guess; the latest clip first."""
    usd = {
        model: {
            resolution: getattr(price(usual, past, model, resolution, None), which)
            for resolution, usual in prices.items()
        }
        for model, prices in rates.usd.items()
    }
    seconds = {
        model: getattr(
            estimate(
                usual, [each.seconds for each in past if each.model == model and each.seconds]
            ),
            which,
        )
        for model, usual in rates.expected_seconds.items()
    }
    return rates.model_copy(update={"usd": usd, "expected_seconds": seconds})
