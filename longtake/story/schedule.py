"""How long a render takes by the wall: chains side by side, as far as there are places for jobs.

A job that waits for a place gets it in the order of arrival, as in a render. Pure.
"""

from __future__ import annotations

import heapq
from collections import Counter, deque
from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from longtake.story.beginnings import Cut, Own
from longtake.story.plan import ClipPlan, Plan

CONCURRENCY = 8
"""Jobs in flight at once, unless the profile says otherwise."""


class Work(NamedTuple):
    """What a clip asks of the service: so many jobs (>= 1) side by side, each so many seconds."""

    jobs: int
    seconds: float


def wall_seconds(chains: Sequence[Sequence[Work]], places: int) -> float:
    """Seconds from the first submit to the last clip; ``places`` (>= 1) jobs at most are in flight.

    With a place for every chain it is the longest chain, with one place the sum of all jobs. Clips
    that need no job are left out by the caller.
    """
    waiting: deque[int] = deque()
    position: Counter[int] = Counter()
    open_jobs: Counter[int] = Counter()

    def begin(chain: int) -> None:
        open_jobs[chain] = chains[chain][position[chain]].jobs
        waiting.extend([chain] * open_jobs[chain])

    for number, clips in enumerate(chains):
        if clips:
            begin(number)
    running: list[tuple[float, int]] = []
    now = 0.0
    while waiting or running:
        while waiting and len(running) < places:
            chain = waiting.popleft()
            heapq.heappush(running, (now + chains[chain][position[chain]].seconds, chain))
        now, chain = heapq.heappop(running)
        open_jobs[chain] -= 1
        if open_jobs[chain] == 0:
            position[chain] += 1
            if position[chain] < len(chains[chain]):
                begin(chain)
    return now


def seconds_to_wait(plan: Plan, there: Collection[str], concurrency: int) -> float:
    """How long the clips that are not ``there`` take, with so many jobs in flight at most."""

    def works(clips: Iterable[ClipPlan]) -> list[Work]:
        missing = (clip for clip in clips if clip.id not in there)
        return [Work(clip.takes.at_least, clip.expected_seconds) for clip in missing]

    guides = [works([guide.clip]) for guide in plan.guides]
    free = [works(chain.clips) for chain in plan.chains if chain.guide is None]
    waiting = [works(chain.clips) for chain in plan.chains if chain.guide is not None]
    if not waiting:
        return wall_seconds(free, concurrency)
    # What waits for guides begins when they have ended; other chains fill the places meanwhile.
    grown = wall_seconds(guides, concurrency)
    return max(wall_seconds(guides + free, concurrency), grown + wall_seconds(waiting, concurrency))


def deepest_hop(plan: Plan) -> int:
    """Hops from text, a still or an anchor to the clip of the film that lies farthest from one."""
    return max(
        len(chain.clips) - isinstance(chain.clips[0].start, Cut | Own) for chain in plan.chains
    )
