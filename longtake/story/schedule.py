"""How long a render takes by the wall clock: chains side by side, as far as slots for jobs allow.

A job that waits for a place gets it in the order of arrival, as in a render; requests that a small
account may not make at once stretch the whole. Pure.
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

REQUESTS_A_JOB = 4
"""At least: its image's upload, its submit, and two looks at how far it is."""


class Work(NamedTuple):
    """What a clip asks of the service: so many jobs (>= 1) side by side, each so many seconds."""

    jobs: int
    seconds: float


class Allowance(NamedTuple):
    """What may be asked of the service: jobs in flight, and requests a minute (None: any)."""

    concurrency: int = CONCURRENCY
    requests_per_minute: int | None = None

    def seconds(self, chains: Sequence[Sequence[Work]]) -> float:
        """From the first submit to the last clip of these chains, side by side."""
        return max(wall_seconds(chains, self.concurrency), self.asking_seconds(chains))

    def asking_seconds(self, chains: Sequence[Sequence[Work]]) -> float:
        """How long the requests alone take that no render of these chains does without."""
        if self.requests_per_minute is None:
            return 0.0
        jobs = sum(work.jobs for clips in chains for work in clips)
        return 60 * REQUESTS_A_JOB * jobs / self.requests_per_minute


AT_EASE = Allowance()
"""The allowance where no settings were read."""


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


def seconds_to_wait(plan: Plan, there: Collection[str], allowance: Allowance) -> float:
    """How long the clips that are not ``there`` take with that allowance."""

    def works(clips: Iterable[ClipPlan]) -> list[Work]:
        missing = (clip for clip in clips if clip.id not in there)
        return [Work(clip.takes.at_least, clip.expected_seconds) for clip in missing]

    guides = [works([guide.clip]) for guide in plan.guides]
    free = [works(chain.clips) for chain in plan.chains if chain.guide is None]
    waiting = [works(chain.clips) for chain in plan.chains if chain.guide is not None]
    if not waiting:
        return allowance.seconds(free)
    # What waits for guides begins when they have ended; other chains fill the places meanwhile.
    in_turn = allowance.seconds(guides) + allowance.seconds(waiting)
    return max(
        allowance.seconds(guides + free), in_turn, allowance.asking_seconds(guides + free + waiting)
    )


def deepest_hop(plan: Plan) -> int:
    """Hops from text, a still or an anchor to the clip of the film that lies farthest from one."""
    return max(
        len(chain.clips) - isinstance(chain.clips[0].start, Cut | Own) for chain in plan.chains
    )
