"""What a render may cost: refused with the ways on where it costs more."""

from __future__ import annotations

from collections.abc import Mapping

from longtake.errors import OverMaxUsd
from longtake.story import Plan, ShotPlan
from longtake.story.decisions import ClipDecision

CENT_FRACTION = 1e-6
"""Prices are sums of binary fractions."""


def least_of(*limits: float | None) -> float | None:
    """The lowest of the limits that there are."""
    return min((limit for limit in limits if limit is not None), default=None)


def refuse_over(plan: Plan, decisions: Mapping[str, ClipDecision], max_usd: float | None) -> None:
    """Raise OverMaxUsd where even the least that is to be paid is more than ``max_usd``."""
    usd = round(sum(each.usd for each in decisions.values()), 6)
    if max_usd is None or usd <= max_usd + CENT_FRACTION:
        return
    at_most = round(sum(each.usd_at_most for each in decisions.values()), 6)
    shots, shots_usd = _affordable(plan, decisions, max_usd)
    raise OverMaxUsd(
        max_usd=max_usd, usd=usd, usd_at_most=at_most, shots=shots, shots_usd=shots_usd
    )


def _affordable(
    plan: Plan, decisions: Mapping[str, ClipDecision], max_usd: float
) -> tuple[list[str], float]:
    """The first shots of the film that may be had for that, their guides included; their cost."""
    shots: list[str] = []
    usd = 0.0
    needed: set[str] = set()
    for shot in plan.shots:
        needs = {*shot.clip_ids, *_guides_of(plan, shot)}
        more = sum(decisions[clip_id].usd for clip_id in needs - needed)
        if usd + more > max_usd + CENT_FRACTION:
            break
        shots.append(shot.id)
        usd += more
        needed |= needs
    return shots, round(usd, 6)


def _guides_of(plan: Plan, shot: ShotPlan) -> set[str]:
    """The guides that clips of the shot wait for."""
    clips = set(shot.clip_ids)
    return {
        chain.guide
        for chain in plan.chains
        if chain.guide is not None and any(clip.id in clips for clip in chain.clips)
    }
