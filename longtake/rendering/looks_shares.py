"""Whose end is to be seen soonest: jobs that the film waits for get more of the looks.

A chain that will end before another may be found a little later, and the film is there no later.
Pure.
"""

from __future__ import annotations

from collections.abc import Sequence

from longtake.story import Plan

HALVING = 0.07
"""So much slack, as a share of what a job usually needs, takes half of a job's looks away: jobs
vary by about as much."""

LEAST = 0.25
"""What is left of them, however much slack there is: what is forecast may come otherwise."""

MOST_JOBS = 64
"""With more in flight there is little to share, and much to reckon."""


def looks_share(ends: Sequence[float], own: float, usual: float) -> float:
    """How many times an equal share of all looks a job gets.

    Its chain is expected to end at ``own`` seconds, those of all jobs in flight (its own, too) at
    ``ends``; such a job needs ``usual`` seconds.
    """
    if not 1 < len(ends) <= MOST_JOBS:
        return 1.0
    last = max(ends)

    def weight(end: float) -> float:
        return max(1 / (1 + (last - end) / (HALVING * usual)), LEAST)

    return weight(own) * len(ends) / sum(map(weight, ends))


def seconds_after(plan: Plan, clip_id: str) -> float:
    """How long it usually takes to make what of the film has to wait for a clip.

    The rest of its chain; for a guide, the longest of the chains that lie between its anchors.
    """
    for chain in plan.chains:
        ids = [clip.id for clip in chain.clips]
        if clip_id in ids:
            return sum(clip.expected_seconds for clip in chain.clips[ids.index(clip_id) + 1 :])
    waiting = (chain.expected_seconds for chain in plan.chains if chain.guide == clip_id)
    return max(waiting, default=0.0)
