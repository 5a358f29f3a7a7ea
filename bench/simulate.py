"""Whole renders in simulated worlds, seed after seed: `python bench/simulate.py --seeds 1000`.

Prints every seed in which a promise was broken, with its world and what happened in it, and how
many renders a processor's minute holds. `--seed S --seeds 1` replays one world.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.simulation.play import Played, play
from tests.simulation.world import draw


def main() -> int:
    """Play the worlds; 1 where a promise was broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=100, help="how many worlds")
    parser.add_argument("--seed", type=int, default=0, help="the first of them")
    asked = parser.parse_args()
    began, renders, broken = time.process_time(), 0, 0
    ends: Counter[str] = Counter()
    for seed in range(asked.seed, asked.seed + asked.seeds):
        played = play(draw(seed))
        renders += played.renders
        ends[played.ended or "none"] += 1
        if played.violations:
            broken += 1
            tell(played)
        elif asked.seeds == 1:
            tell(played)
    seconds = time.process_time() - began
    print(f"{asked.seeds} worlds, {renders} renders, {broken} broken promises")
    print(f"{seconds:.1f} s of processor time: {renders / seconds * 60:.0f} renders a minute")
    print(", ".join(f"{end} {count}" for end, count in ends.most_common()))
    return 1 if broken else 0


def tell(played: Played) -> None:
    """A world, what broke in it, and all that happened."""
    print(f"\nseed {played.world.seed}: {'; '.join(played.violations) or 'all promises hold'}")
    print(played.world.model_dump_json(exclude_defaults=True, indent=1))
    print("\n".join(played.history))


if __name__ == "__main__":
    sys.exit(main())
