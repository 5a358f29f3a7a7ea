"""Going through seeds: which world breaks a promise, and how many renders that took."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context

from tests.simulation.ablation import SAFEGUARDS
from tests.simulation.drawing import draw
from tests.simulation.play import Played, play, quiet

CHUNK = 20

CHUNKS_OF_A_PROCESS = 250
"""Then another takes its place: what simulated deaths leave behind adds up to gigabytes."""


@dataclass
class Tally:
    """What became of some worlds."""

    worlds: int = 0
    renders: int = 0
    seconds: float = 0.0
    ends: Counter[str] = field(default_factory=Counter)
    broken: list[Played] = field(default_factory=list)

    def add(self, other: Tally) -> None:
        """Count the other's worlds, too."""
        self.worlds += other.worlds
        self.renders += other.renders
        self.seconds += other.seconds
        self.ends.update(other.ends)
        self.broken += other.broken


def tally(seeds: Iterable[int], clock: Callable[[], float]) -> Tally:
    """Play the worlds of the seeds; ``clock`` counts processor seconds."""
    began, found = clock(), Tally()
    with quiet():
        for seed in seeds:
            played = play(draw(seed))
            found.worlds += 1
            found.renders += played.renders
            found.ends[played.ended or "none"] += 1
            if played.violations:
                found.broken.append(played)
    found.seconds = clock() - began
    return found


def tallies(seeds: Sequence[int], processes: int, clock: Callable[[], float]) -> Iterator[Tally]:
    """The same in several processes: a world needs none but its own."""
    chunks = [seeds[at : at + CHUNK] for at in range(0, len(seeds), CHUNK)]
    if processes == 1:
        yield from (tally(chunk, clock) for chunk in chunks)
        return
    share = processes * CHUNKS_OF_A_PROCESS
    for at in range(0, len(chunks), share):  # max_tasks_per_child stands still on Python 3.11
        with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
            try:
                for each in [pool.submit(tally, chunk, clock) for chunk in chunks[at : at + share]]:
                    yield each.result()
            finally:  # the caller may have seen enough
                pool.shutdown(wait=False, cancel_futures=True)


@dataclass(frozen=True)
class Missed:
    """What went wrong without a safeguard, and in which of the seeds from 0 on; None: in none."""

    safeguard: str
    seed: int | None
    what: str


def without(at: int, most: int) -> Missed:
    """The first seed in which a promise breaks without ``SAFEGUARDS[at]``, and only without it."""
    safeguard = SAFEGUARDS[at]
    for seed in range(most):
        played = play(draw(seed), safeguard.without)
        if played.violations and not play(draw(seed), safeguard.other).violations:
            return Missed(safeguard.name, seed, played.violations[0])
    return Missed(safeguard.name, None, "")


def ablations(most: int, processes: int) -> Iterator[Missed]:
    """Each safeguard's, in their order."""
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        for each in [pool.submit(without, at, most) for at in range(len(SAFEGUARDS))]:
            yield each.result()
