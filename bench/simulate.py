"""Whole renders in simulated worlds, seed after seed: `python bench/simulate.py --seeds 1000`.

Prints every seed in which a promise was broken, the shortest world that still shows it and what
happens in that, and how many renders a processor's minute holds. `--seed S --seeds 1` replays one
world, `--fresh N` plays N more from a seed on that is drawn and printed, `--digest` prints what any
other Python must print, too. `--ablate` switches each safeguard off alone, searches for what goes
wrong then (in at most `--seeds` worlds), and writes the table into docs/reliability.md. `--minutes`
begins no more worlds after that, `--page` writes what was played, and on which commit, into
docs/reliability.md.
"""

from __future__ import annotations

import argparse
import hashlib
import platform
import re
import secrets
import subprocess
import sys
import sysconfig
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.simulation.drawing import draw
from tests.simulation.play import Played, play
from tests.simulation.searching import Missed, Tally, ablations, tallies
from tests.simulation.shrinking import shrunk

PAGE = Path(__file__).parents[1] / "docs/reliability.md"
BEGIN = "<!-- begin: python bench/simulate.py --ablate -->\n"
END = "<!-- end of the ablation -->\n"
FIGURES = "<!-- begin: python bench/simulate.py --page -->\n"
PROGRESS = 1000
"""Worlds after which a word is said."""

FIRST_FRESH = 10**9
"""Below it lie the seeds that somebody asks for."""

FIGURES_END = "<!-- end of the figures -->\n"


def main() -> int:
    """Play the worlds; 1 where a promise was broken, or an ablation was not found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=100, help="how many worlds")
    parser.add_argument("--seed", type=int, default=0, help="the first of them")
    parser.add_argument("--fresh", type=int, default=0, help="more of them, drawn afresh")
    parser.add_argument("--processes", type=int, default=1, help="how many play at once")
    parser.add_argument("--digest", action="store_true", help="a hash of each world's history")
    parser.add_argument("--ablate", action="store_true", help="without each safeguard, alone")
    parser.add_argument("--minutes", type=float, default=float("inf"), help="no more after that")
    parser.add_argument("--page", action="store_true", help="write the figures into the page")
    asked = parser.parse_args()
    if asked.ablate:
        return ablate(asked.seeds, asked.processes)
    if asked.seeds == 1 and not asked.digest:
        played = play(draw(asked.seed))
        tell(played)
        return 1 if played.violations else 0
    seeds = range(asked.seed, asked.seed + asked.seeds)
    if asked.digest:
        return digests(seeds)
    if asked.fresh:
        first = secrets.randbelow(10**9) + FIRST_FRESH
        print(f"fresh: --seeds {asked.fresh} --seed {first}", flush=True)
        seeds = [*seeds, *range(first, first + asked.fresh)]
    return searched(seeds, asked.processes, asked.minutes, on_page=asked.page)


def searched(seeds: Sequence[int], processes: int, minutes: float, *, on_page: bool) -> int:
    """Go through the seeds and say what was found."""
    sums, until = Tally(), time.monotonic() + minutes * 60
    for each in tallies(seeds, processes, time.process_time):
        sums.add(each)
        for played in each.broken:
            print(f"\nseed {played.world.seed}: {played.violations[0]}", "; as short as it gets:")
            tell(shrunk(played))
        if sums.worlds % PROGRESS == 0:
            print(f"{sums.worlds:,} of {len(seeds):,} worlds", file=sys.stderr, flush=True)
        if time.monotonic() > until:
            break
    said = _figures(sums)
    print(said)
    print(", ".join(f"{end} {count}" for end, count in sums.ends.most_common()))
    if on_page:
        today = f"{datetime.now(UTC):%Y-%m-%d}"
        asked = f"Seeds from {seeds[0]} on, commit {_commit()}, {today}, on {_interpreter()}:\n"
        known = PAGE.read_text(encoding="utf-8")
        made = between(known, FIGURES, f"\n{asked}{said}.\n\n", FIGURES_END)
        PAGE.write_text(made, encoding="utf-8")
    return 1 if sums.broken else 0


def _figures(sums: Tally) -> str:
    minute = sums.renders / max(sums.seconds, 1e-9) * 60
    return (
        f"{sums.worlds} worlds, {sums.renders} renders, {len(sums.broken)} broken promises;\n"
        f"{sums.seconds:.1f} s of processor time, {minute:.0f} renders a minute"
    )


def _interpreter() -> str:
    """The Python that counts its seconds; some are built without their own optimisations."""
    built = str(sysconfig.get_config_var("CONFIG_ARGS") or "")
    how = "with" if "--enable-optimizations" in built else "without"
    return f"{platform.python_implementation()} {platform.python_version()} {how} optimisations"


def _commit() -> str:
    asked = ["git", "rev-parse", "--short", "HEAD"]
    told = subprocess.run(asked, cwd=PAGE.parent, capture_output=True, text=True, check=False)
    return told.stdout.strip() or "unknown"


def digests(seeds: range) -> int:
    """Print a hash of what happened in each world: the same everywhere."""
    for seed in seeds:
        history = "\n".join(play(draw(seed)).history)
        print(seed, hashlib.sha256(history.encode()).hexdigest())
    return 0


def ablate(most: int, processes: int) -> int:
    """Search without each safeguard; the page gets the table."""
    found = []
    for missed in ablations(most, processes):
        found.append(missed)
        print(_row(missed), end="", flush=True)
    known = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(page(known, found), encoding="utf-8")
    return 0 if all(each.seed is not None for each in found) else 1


def page(known: str, found: Sequence[Missed]) -> str:
    """The page with its table made again; what is around it stays."""
    head = "\n| safeguard, switched off | what went wrong | worlds it took |\n|---|---|---|\n"
    return between(known, BEGIN, head + "".join(map(_row, found)) + "\n", END)


def between(known: str, begin: str, text: str, end: str) -> str:
    """The page with that text between the two marks."""
    before, _, rest = known.partition(begin)
    _, _, after = rest.partition(end)
    return before + begin + text + end + after


def _row(missed: Missed) -> str:
    name = missed.safeguard
    if missed.seed is None:
        return f"| {name} | not found | |\n"
    what = re.split(r": [{\[]| in the store", missed.what)[
        0
    ]  # what follows is its folder, its body
    what = " ".join(what.split())
    return f"| {name} | {what[:160]} | {missed.seed + 1} |\n"


def tell(played: Played) -> None:
    """A world, what broke in it, and all that happened."""
    print(f"\nseed {played.world.seed}: {'; '.join(played.violations) or 'all promises hold'}")
    print(played.world.model_dump_json(exclude_defaults=True, indent=1))
    print("\n".join(played.history))


if __name__ == "__main__":
    sys.exit(main())
