"""The seam bench: what each treatment of colours leaves of an error, hop after hop.

    python bench/seams.py [--markdown docs/continuity.md] [--hops 8]
    python bench/seams.py --dials wan-fast [--scene panning] [--treatment none] [--markdown …]
    python bench/seams.py --paths [--markdown docs/continuity.md] [--folder DIR]

Chains of clips from a service with dials, on scenes whose every frame is known, scored as mean
ΔE (CIE76, Lab) to that truth. Ends with code 1 when what longtake ships falls short of its limits.
With ``--paths``: whole renders of a take of twelve clips as chain, keyframed and tree, compared.
Takes some minutes. The photographs come with scikit-image: pip install '.[bench]'.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # small matrices: threads only wait

from bench.round_trips import ROUND_TRIP_LIMITS, RoundTrips, round_trips
from bench.seam_chain import DRIFTS, HOPS, Score, run_chain
from bench.seam_paths import PATHS, compare_paths, paths_table
from bench.seam_scenes import photograph, scenes
from bench.seam_treatments import TREATMENTS, TRIED
from bench.written import renew, text_of

SHIPPED = "paired + deflash"
LIMIT = 2.5
"""Mean ΔE at hop 7 under constant drift, on static and panning views."""

PRESET = "wan-fast"
"""The dials that hold what was measured on real clips; the same limit, in every light, and:"""

MOST_BIAS, MOST_SOFTER = 1.0, 0.05
"""Levels a channel, and the share of sharpness, by which hop 7 may differ."""

NOT_WORSE = 0.1
UNTOUCHED = 0.25
"""Levels by which a treatment may change a channel's mean in a chain that has no drift. Detail does
change: what coding takes is given back to the frame that is handed on."""

Row = tuple[str, str, str]
Scores = dict[Row, Score]


class Asked(NamedTuple):
    """What to measure; None: all, but not the preset, which has a table of its own."""

    scene: str | None
    drift: str | None
    treatments: list[str] | None

    def covers(self, scene: str, drift: str, treatment: str) -> bool:
        """Whether that row is asked for."""
        return (
            self.scene in (None, scene)
            and (drift == self.drift if self.drift else drift != PRESET)
            and (self.treatments is None or treatment in self.treatments)
        )


async def measure(hops: int, asked: Asked) -> Scores:
    """Treatments on scenes with what can be wrong, as far as they are asked for."""
    scores: Scores = {}
    for scene in scenes():
        for drift, dials in DRIFTS.items():
            for name in TRIED[drift]:
                if not asked.covers(scene.name, drift, name):
                    continue
                with tempfile.TemporaryDirectory() as folder:
                    treat = TREATMENTS[name]
                    score = await run_chain(scene, dials, treat, Path(folder), hops=hops)
                scores[scene.name, drift, name] = score
                print(_line(scene.name, drift, name, score), file=sys.stderr, flush=True)
    return scores


def shortfalls(scores: Scores) -> list[str]:
    """In words, where what longtake ships does not reach its limits."""
    found = []
    for (scene, drift, name), score in scores.items():
        if name != SHIPPED:
            continue
        none = scores.get((scene, drift, "none"), score)
        where = f"{scene}, {drift} drift"
        worse = max(one - other for one, other in zip(score.hops, none.hops, strict=True))
        if worse > NOT_WORSE:
            found.append(f"{where}: worse than nothing by ΔE {worse:.2f}")
        if drift == "constant" and scene != "changing light" and score.hops[-2] > LIMIT:
            found.append(f"{where}: ΔE {score.hops[-2]:.2f} at hop 7, more than {LIMIT}")
        if drift == PRESET:
            found += [f"{where}: {words}" for words in _preset_shortfalls(score)]
        if drift == "none" and (change := _change(score, none)) > UNTOUCHED:
            found.append(f"{where}: moved by {change:.2f} levels, more than {UNTOUCHED}")
    return found


def _preset_shortfalls(score: Score) -> list[str]:
    seventh = min(7, len(score.hops)) - 1
    error, bias, sharpness = (one[seventh] for one in (score.hops, score.bias, score.sharpness))
    found = []
    if error > LIMIT:
        found.append(f"ΔE {error:.2f} at hop 7, more than {LIMIT}")
    if bias > MOST_BIAS:
        found.append(f"bias of {bias:.1f} levels at hop 7, more than {MOST_BIAS:g}")
    if abs(sharpness - 1) > MOST_SOFTER:
        found.append(f"sharpness {sharpness:.2f} at hop 7, more than {MOST_SOFTER:g} from 1")
    return found


def table(scores: Scores) -> str:
    """The scores as Markdown: a row for each scene, drift and treatment."""
    lines = [
        "| scene | drift | treatment | hop 1 | hop 4 | hop 7 | step at a seam | bias | sharpness |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    return "\n".join([*lines, *(_line(*row, score) for row, score in scores.items())])


def trips_table(trips: list[RoundTrips]) -> str:
    """Ten hops of decoding and encoding alone, as Markdown."""
    lines = ["| photograph | segments | ΔE2000 after ten hops | bias in levels (R, G, B) |"]
    lines.append("|---|---|---|---|")
    for one in trips:
        bias = ", ".join(f"{channel:+.2f}" for channel in one.bias)
        lines.append(f"| {one.name} | {one.quality} | {one.delta_e_2000:.2f} | {bias} |")
    return "\n".join(lines)


def _line(scene: str, drift: str, name: str, score: Score) -> str:
    last = len(score.hops)
    shown = [score.hops[min(hop, last) - 1] for hop in (1, 4, 7)]
    numbers = " | ".join(f"{one:.2f}" for one in shown)
    seventh = min(7, last) - 1
    ends = f"{score.bias[seventh]:.1f} | {score.sharpness[seventh]:.2f}"
    return f"| {scene} | {drift} | {name} | {numbers} | {score.seam:.2f} | {ends} |"


def _change(one: Score, other: Score) -> float:
    pairs = zip(one.outputs, other.outputs, strict=True)
    moved = [np.abs(mine.mean((0, 1)) - theirs.mean((0, 1))) for mine, theirs in pairs]
    return float(np.mean(moved, axis=0).max())


def _paths(arguments: argparse.Namespace) -> int:
    with tempfile.TemporaryDirectory() as folder:
        text = paths_table(
            compare_paths(
                arguments.folder or Path(folder), arguments.pace, arguments.paths or PATHS
            )
        )
    print(text)
    renew(arguments.markdown, text, "paths bench")
    return 0


async def _preset(arguments: argparse.Namespace) -> int:
    """One drift alone: rows of other scenes that the document has are kept."""
    asked = Asked(arguments.scene, arguments.dials, arguments.treatment)
    scores = await measure(arguments.hops, asked)
    print(text := table(scores))
    new, name = text.splitlines(), f"{arguments.dials} bench"
    old = [one for one in text_of(arguments.markdown, name) if f"| {arguments.dials} |" in one]
    begins = tuple("|".join(line.split("|")[:4]) for line in new)
    rows = sorted([*new[2:], *(line for line in old if not line.startswith(begins))])
    renew(arguments.markdown, "\n".join([*new[:2], *rows]), name)
    for problem in (problems := shortfalls(scores)):
        print(f"falls short: {problem}", file=sys.stderr)
    return 1 if problems else 0


async def _main(arguments: argparse.Namespace) -> int:
    if arguments.dials is not None:
        return await _preset(arguments)
    scores = await measure(arguments.hops, Asked(arguments.scene, None, arguments.treatment))
    trips = [
        await round_trips(name, photograph(name), quality)
        for name in ("coffee.png", "astronaut.png")
        for quality in ROUND_TRIP_LIMITS
    ]
    text = f"{table(scores)}\n\n{trips_table(trips)}"
    print(text)
    problems = [*shortfalls(scores), *(words for one in trips for words in one.shortfalls())]
    for problem in problems:
        print(f"falls short: {problem}", file=sys.stderr)
    renew(arguments.markdown, text, "seam bench")
    return 1 if problems else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--hops", type=int, default=HOPS)
    parser.add_argument("--dials", choices=list(DRIFTS), help="this drift alone")
    parser.add_argument("--scene", choices=[one.name for one in scenes()], help="this scene alone")
    parser.add_argument("--treatment", choices=list(TREATMENTS), action="append", help="this alone")
    parser.add_argument("--markdown", type=Path, help="a document whose table is renewed")
    parser.add_argument(
        "--paths",
        nargs="*",
        choices=PATHS,
        help="compare the paths of a long take, of which those named (or all) are rendered",
    )
    parser.add_argument("--pace", type=float, default=20.0, help="with --paths: of the emulator")
    parser.add_argument("--folder", type=Path, help="with --paths: to keep the renders in")
    asked = parser.parse_args()
    sys.exit(_paths(asked) if asked.paths is not None else asyncio.run(_main(asked)))
