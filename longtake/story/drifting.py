"""Drift: how far a chain moves away from its first clip, and at which hop that breaks the limit."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import accumulate, combinations
from statistics import fmean, median

from longtake.story.judging import THRESHOLDS, Thresholds
from longtake.story.readings import Calibration, ClipReading, Drift, PairReading

MEASURES = ("luma", "contrast", "saturation", "sharpness", "motion")
"""What is followed along a chain, as ``ClipReading`` and ``Drift`` call it."""

NOISE_STEP = 1.0
"""ΔE of a pair that noise, softness and coding make alone: only what is beyond it is drift."""

FORECAST_HOPS = 64
"""How far ahead is looked: no chain is longer."""

_LEAST_HOPS = 2


def chain_drift(
    chain: int,
    readings: Mapping[str, ClipReading],
    calibrations: Mapping[str, Calibration],
    pairs: Mapping[str, PairReading] | None = None,
    *,
    limits: Thresholds = THRESHOLDS,
) -> Drift:
    """The drift of a chain so far; ``readings`` by clip id, in the chain's order.

    A clip without calibration or pair adds nothing to the colour error: nothing is known of it.
    Raises ValueError where there is no clip at all.
    """
    if not readings:
        raise ValueError("a chain without clips has no drift")
    clip_ids, found = tuple(readings), tuple(readings.values())
    pairs = pairs or {}
    values = {name: tuple(fmean(getattr(one, name)) for one in found) for name in MEASURES}
    return Drift(
        chain=chain,
        clip_ids=clip_ids,
        colour_step=_colour_errors(clip_ids, calibrations, pairs),
        **values,
        vde={name: drifting_error(values[name]) for name in MEASURES},
        start_end=start_end_deltas(found),
        breaks_at_hop=break_hop(clip_ids, calibrations, pairs, limits=limits),
    )


def break_hop(
    clip_ids: Sequence[str],
    calibrations: Mapping[str, Calibration],
    pairs: Mapping[str, PairReading],
    *,
    limits: Thresholds = THRESHOLDS,
) -> int | None:
    """The hop (1-based) at which colour or sharpness breaks its limit, or is forecast to.

    ``clip_ids`` are the chain's clips so far. Pairs are known before a clip hands over, so this
    can be asked before the next one is bought. None where no break is in sight.
    """
    softness = [pairs[each].softness if each in pairs else 1.0 for each in clip_ids]
    lost = tuple(accumulate([0.0, *(-math.log(max(min(each, 1), 1e-3)) for each in softness[1:])]))
    hops = [
        forecast(_colour_errors(clip_ids, calibrations, pairs), limits.drift_colour_step),
        forecast(lost, -math.log(limits.drift_softness)),
    ]
    return min((hop for hop in hops if hop is not None), default=None)


def _colour_errors(
    clip_ids: Sequence[str],
    calibrations: Mapping[str, Calibration],
    pairs: Mapping[str, PairReading],
) -> tuple[float, ...]:
    """The colour error gathered by each clip, in ΔE; 0 for the first."""
    steps = (_hop_step(calibrations.get(each), pairs.get(each)) for each in clip_ids[1:])
    return tuple(accumulate(steps, initial=0.0))


def drifting_error(values: Sequence[float]) -> float:
    """BlockVid's VDE with linear weights: Σ (N - i + 1) · |mᵢ - m₁| / m₁ for i = 2 … N.

    Early drift weighs most; the sum grows with the number of clips, so only chains of one length
    compare. 0 for a single clip or where the first value is 0.
    """
    count = len(values)
    if count < 2 or values[0] == 0:
        return 0.0
    first = values[0]
    weighed = ((count - at) * abs(each - first) / abs(first) for at, each in enumerate(values))
    return math.fsum(weighed)


def start_end_deltas(readings: Sequence[ClipReading]) -> dict[str, float]:
    """FramePack's Δ of each measure: the chain's first 15 per cent against its last, unsigned.

    Of the ends of the first and last clip; by name, in the measure's own unit.
    """
    first, last = readings[0], readings[-1]
    return {name: abs(getattr(first, name)[0] - getattr(last, name)[1]) for name in MEASURES}


def forecast(values: Sequence[float], limit: float) -> int | None:
    """The hop (1-based) at which ``values`` reach ``limit``; ``values[0]`` is before any hop.

    A hop that broke it already is that hop. Otherwise a line is laid through what is known, by the
    median of all slopes (Theil and Sen), from the last value on. None with fewer than two hops,
    without a rise, or where it lies farther ahead than ``FORECAST_HOPS``.
    """
    for hop, value in enumerate(values):
        if hop and value >= limit:
            return hop
    hops = len(values) - 1
    if hops < _LEAST_HOPS:
        return None
    slope = median(
        (values[late] - values[early]) / (late - early)
        for early, late in combinations(range(len(values)), 2)
    )
    if slope <= 0:
        return None
    level = median(value - slope * hop for hop, value in enumerate(values))
    breaks = max(hops + 1, math.ceil((limit - level) / slope - 1e-9))
    return breaks if breaks <= FORECAST_HOPS else None


def _hop_step(calibration: Calibration | None, pair: PairReading | None) -> float:
    """ΔE that a hop adds to the chain's colour error, noise taken off."""
    step: float | None = None
    if calibration is not None:
        step = calibration.colour_step_after if calibration.applied else None
        step = calibration.colour_step_before if step is None else step
    if step is None and pair is not None:
        step = pair.colour_step
    return 0.0 if step is None else max(0.0, step - NOISE_STEP)
