"""Drift: how far a chain moves away from its first clip, and at which hop that breaks the limit."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import accumulate, combinations
from statistics import fmean, median

from longtake.story.judging import THRESHOLDS
from longtake.story.readings import Calibration, ClipReading, Drift, PairReading

MEASURES = ("luma", "contrast", "saturation", "sharpness", "motion")
"""What is followed along a chain, as ``ClipReading`` and ``Drift`` call it."""

NOISE_STEP = 1.0
"""ΔE of a pair that noise, softness and coding make alone: only what is beyond it is drift."""

COLOUR_NOISE, DETAIL_NOISE = 0.1, 0.03
"""How far a chain's gathered colour error (ΔE) and lost sharpness (its logarithm) lie next to a
steady drift by chance."""

CONTRAST_STEP = 16.0
"""ΔE of all contrast lost: what 40 levels of spread, as pictures have, are in L*."""

HOP_COLOUR_STEP: Mapping[str, float] = {"off": 2.4, "paired": 0.13, "tracked": 0.13}
"""ΔE that a hop leaves behind, by what is undone of it: before anything of a film was measured.
From docs/continuity.md: seven hops of the dials `wan-fast`, a panning view being the worst."""

FORECAST_HOPS = 64
"""How far ahead is looked: no chain is longer."""

_LEAST_HOPS = 2
_SURE = 2.0


def chain_drift(
    chain: int,
    readings: Mapping[str, ClipReading],
    calibrations: Mapping[str, Calibration],
    pairs: Mapping[str, PairReading] | None = None,
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
        breaks_at_hop=break_hop(clip_ids, calibrations, pairs),
    )


def break_hop(
    clip_ids: Sequence[str],
    calibrations: Mapping[str, Calibration],
    pairs: Mapping[str, PairReading],
) -> int | None:
    """The hop (1-based) at which colour or sharpness breaks its limit, or is forecast to.

    ``clip_ids`` are the chain's clips so far. Pairs are known before a clip hands over, so this
    can be asked before the next one is bought. None where no break is in sight.
    """
    left = [_detail_left(pairs.get(each)) for each in clip_ids[1:]]
    lost = tuple(accumulate((-math.log(each) for each in left), initial=0.0))
    errors = _colour_errors(clip_ids, calibrations, pairs)
    hops = [
        forecast(errors, THRESHOLDS.drift_colour_step, noise=COLOUR_NOISE),
        forecast(lost, -math.log(THRESHOLDS.drift_softness), noise=DETAIL_NOISE),
    ]
    return min((hop for hop in hops if hop is not None), default=None)


def _detail_left(pair: PairReading | None) -> float:
    """Share of a hop's sharpness that is left; 1 where nothing is known, or more came back."""
    if pair is None:
        return 1.0
    return max(min(pair.softness if pair.detail is None else pair.detail, 1.0), 1e-3)


def _colour_errors(
    clip_ids: Sequence[str],
    calibrations: Mapping[str, Calibration],
    pairs: Mapping[str, PairReading],
) -> tuple[float, ...]:
    """The colour error gathered by each clip, in ΔE; 0 for the first.

    Signed remainders add up, so what goes up and down at random does not gather.
    """
    errors, unsigned, contrast = [0.0], 0.0, 0.0
    bias = [0.0, 0.0, 0.0]
    for each in clip_ids[1:]:
        rest = _remainder(calibrations.get(each), pairs.get(each))
        if rest is None:
            unsigned += _unsigned_step(calibrations.get(each), pairs.get(each))
        else:
            bias = [one + other for one, other in zip(bias, rest[0], strict=True)]
            contrast += math.log(max(rest[1], 1e-3))
        errors.append(unsigned + math.hypot(grey_step(bias), CONTRAST_STEP * contrast))
    return tuple(errors)


def grey_step(bias: Sequence[float]) -> float:
    """ΔE (CIE76) between middle grey and the same with ``bias`` (levels of RGB) added."""
    return math.dist(_lab([128.0] * 3), _lab([128.0 + one for one in bias]))


def _lab(levels: Sequence[float]) -> tuple[float, float, float]:
    linear = [(min(max(one / 255, 0.0), 1.0) + 0.055) / 1.055 for one in levels]
    linear = [max(one, 0.0) ** 2.4 for one in linear]
    rows = ((0.4339, 0.3762, 0.1899), (0.2127, 0.7152, 0.0722), (0.0178, 0.1095, 0.8727))
    x, y, z = (
        max(math.fsum(share * one for share, one in zip(row, linear, strict=True)), 0.0) ** (1 / 3)
        for row in rows
    )
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


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


def forecast(values: Sequence[float], limit: float, *, noise: float = 0.0) -> int | None:
    """The hop (1-based) at which ``values`` reach ``limit``; ``values[0]`` is before any hop.

    A hop that broke it already is that hop. Otherwise a line is laid through what is known, by the
    median of all slopes (Theil and Sen), from the last value on. ``noise`` is how far a value may
    lie next to it by chance. None where that is all there is: with fewer than two hops, without a
    rise that stands out from the noise, where the hop is not known to within one, or where it lies
    farther ahead than ``FORECAST_HOPS``.
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
    level = median(value - slope * hop for hop, value in enumerate(values))
    nearby = median(abs(value - level - slope * hop) for hop, value in enumerate(values))
    middle = fmean(range(len(values)))
    doubt = max(noise, 1.4826 * nearby) / math.sqrt(
        math.fsum((hop - middle) ** 2 for hop in range(len(values)))
    )
    if slope <= max(_SURE * doubt, 0.0):
        return None
    at = (limit - level) / slope
    breaks = max(hops + 1, math.ceil(at - 1e-9))
    is_near = breaks == hops + 1
    if breaks > FORECAST_HOPS or not (is_near or at * doubt / slope <= 1):
        return None
    return breaks


def _remainder(
    calibration: Calibration | None, pair: PairReading | None
) -> tuple[tuple[float, float, float], float] | None:
    """What a hop leaves: signed levels a channel, and its share of contrast; None if unknown."""
    if calibration is not None and calibration.bias_after is not None:
        return calibration.bias_after, calibration.contrast_after or 1.0
    left_as_it_is = calibration is None or not calibration.applied
    if left_as_it_is and pair is not None and pair.bias is not None:
        return pair.bias, pair.contrast or 1.0
    return None


def _unsigned_step(calibration: Calibration | None, pair: PairReading | None) -> float:
    """ΔE that a hop adds, noise taken off, where an earlier version measured it without sign."""
    step: float | None = None
    if calibration is not None:
        step = calibration.colour_step_after if calibration.applied else None
        step = calibration.colour_step_before if step is None else step
    if step is None and pair is not None:
        step = pair.colour_step
    return 0.0 if step is None else max(0.0, step - NOISE_STEP)
