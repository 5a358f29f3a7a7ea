"""Whole commands, joins and starts by the clock, next to what they are measured against.

    python -m bench.all [--parts starts,joins,whole] [--minutes 19.5] [--quick]

Makes docs/performance.md, or puts its parts into it, after every run: what was measured is there
even if a later run fails, and a part can be made again alone. ``longtake render`` and the plain
script take turns on an emulator in a process of its own; nothing else should run on the machine.
What a run took before says whether another one still fits into ``--minutes``. Parts of their own:
``pace1`` (8 chains of 4 at the service's own pace, 6 minutes), ``growth`` (10, 100 and, with
``--clips``, more) and ``resound`` (a changed gain, caption and title). ``--quick`` measures the
smallest of everything once, to see that all works.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import NamedTuple

from bench import growth, page, resound
from bench.joins import costs, many
from bench.page import Goal
from bench.whole import MODELS, REAL_SECONDS, ROOT, Run, Shape, longtake, script

PACE = 9.3
SMALL, MIDDLE, LARGE = Shape(1, 4), Shape(4, 4), Shape(12, 4)
SLOW = Shape(8, 4)
GOALS = {SMALL: 1.15, MIDDLE: 1.15, LARGE: 1.5, SLOW: 1.02}
"""The whole command by the floor."""
RUNS = 5
JOINED, MANY = 16, 1000

COMMANDS = (("--help",), ("check", "configs/storyboards/lighthouse.yaml"),
            ("plan", "configs/storyboards/lighthouse.yaml"))  # fmt: skip

LEGEND = """Real video of 81 frames at 832x480, eight slots, {pace:g} times as fast as the service
is said to be: a clip from words {t2v:.0f} s, one from an image {i2v:.0f} s. What a render adds is
not made smaller by that, so that at the service's own pace every ratio is nearer to 1.

*Floor*: pure time of service, the longest chain's or that of all jobs by the slots. *Hop*: a clip
is ready at the service until the next one of its chain is accepted; *without detection*, from the
first answer that says so. *Film*, *tail*: the last clip is ready until the film is there, and until
the command has ended, the review made. *Script*: the official SDK, a look every two seconds,
MoviePy for frames and join, in a thread a chain or chain after chain; it checks, corrects, records
and reviews nothing.

"""

LINES: dict[str, Callable[[Run], float | None]] = {
    "floor, s": lambda run: run.floor,
    "whole command, s": lambda run: run.seconds,
    "whole ÷ floor": lambda run: run.ratio,
    "first job accepted, s": lambda run: run.first_accepted,
    "hop, s": lambda run: run.hop,
    "hop without detection, s": lambda run: run.hop_told,
    "film, s": lambda run: run.film,
    "tail, s": lambda run: run.tail,
    "CPU a clip, s": lambda run: run.cpu,
    "CPU of the emulator, which draws the clips, s": lambda run: run.service_cpu,
    "peak memory of one process, MB": lambda run: run.peak_mb,
    "looks a clip": lambda run: run.looks,
}


class Kind(NamedTuple):
    """What is run, and by whom."""

    shape: Shape
    who: str

    def __str__(self) -> str:
        return f"{self.shape}, {self.who}"

    def run(self) -> Run:
        """Once."""
        if self.who == "longtake":
            return longtake(self.shape, PACE)
        return script(self.shape, PACE, threads=self.who == "script")


SMALL_SCRIPT, THREADS = Kind(SMALL, "script"), Kind(MIDDLE, "script")
ONE_BY_ONE = Kind(Shape(2, 4), "script, chain after chain")
OURS = [Kind(shape, "longtake") for shape in (SMALL, MIDDLE, LARGE)]
TURNS = [OURS[0], SMALL_SCRIPT, OURS[1], THREADS, OURS[2],
         *OURS, ONE_BY_ONE, *OURS * (RUNS - 2), SMALL_SCRIPT, THREADS]  # fmt: skip
"""In this order, as far as the time goes: ours come first, until there are five of each."""


def whole(until: float, *, quick: bool) -> Iterator[dict[str, str]]:
    """Whole commands in turns, and the goals that they have; told again after every run."""
    runs: dict[Kind, list[Run]] = {}
    failed: dict[Kind, str] = {}
    for kind in [OURS[0], SMALL_SCRIPT] if quick else TURNS:
        before = runs.get(kind)
        if before and time.monotonic() + max(run.seconds for run in before) + 10 > until:
            continue
        if kind in failed:
            continue
        try:
            runs.setdefault(kind, []).append(kind.run())
            print(kind, runs[kind][-1], flush=True)
        except Exception as error:  # the others are measured all the same
            failed[kind] = str(error)
            print(kind, error, file=sys.stderr, flush=True)
        yield told({kind: each for kind, each in runs.items() if each}, failed)


def told(runs: Mapping[Kind, list[Run]], failed: Mapping[Kind, str]) -> dict[str, str]:
    """What there is so far, as sections."""
    t2v, i2v = (seconds / PACE for seconds in REAL_SECONDS)
    text = LEGEND.format(pace=PACE, t2v=t2v, i2v=i2v)
    columns = {
        f"{kind} ({len(runs[kind])} run{'s' * (len(runs[kind]) > 1)})": runs[kind]
        for kind in sorted(runs, key=lambda kind: (kind.shape.clips, kind.who))
    }
    text += page.table(columns, LINES)
    text += "".join(f"\n\n**{kind}: a run failed**, {why[:60]!r}." for kind, why in failed.items())
    ours = {kind.shape: each for kind, each in runs.items() if kind.who == "longtake"}
    return {"Whole commands": text, "Goals": page.goals(list(goals_of(ours)))}


def goals_of(ours: dict[Shape, list[Run]]) -> Iterator[Goal]:
    """The goals of whole commands, with what bounds each."""
    if not ours:
        return
    for shape, each in ours.items():
        bound = median(run.bound(shape.clips) for run in each)
        yield Goal(
            f"{shape}: whole ÷ floor", median(run.ratio for run in each), GOALS[shape],
            "what starts, hops and the last clip's part take, below; what render and emulator have "
            f"to compute would alone take {bound:.2f} on these cores",
        )  # fmt: skip
    small, runs = next(iter(ours.values())), [run for each in ours.values() for run in each]
    yield Goal(
        "first job accepted, s", median(run.first_accepted for run in small), 1.5,
        "imports, and the ledger's opening",
    )  # fmt: skip
    yield Goal(
        "hop without others at work, detection apart, s",
        median(run.hop_told or 0 for run in small), 0.35,
        "download, the check in a process of its own, flash and colours, upload and submit, one "
        "after another, each written down first",
    )  # fmt: skip
    for shape, each in ours.items():
        yield Goal(
            f"{shape}: film after the last clip, s", median(run.film or 0 for run in each), 1.5,
            "the last clip's own check and encode, and what other clips had still to do",
        )  # fmt: skip
        yield Goal(
            f"{shape}: review after the film, s",
            median(run.tail - (run.film or 0) for run in each), 2.0,
            "the last seam's readings, and the command's own end",
        )  # fmt: skip
        yield Goal(
            f"{shape}: CPU a clip, s", median(run.cpu for run in each), 1.5,
            "the start is in it; reading, normalising and measuring a pair cost what is left",
        )  # fmt: skip
    if LARGE in ours:
        yield Goal(
            f"{LARGE}: looks a clip", median(run.looks for run in ours[LARGE]), 3,
            "requests that the account can spare are spent on finding clips sooner; a third "
            "of them are at one job alone, so that late rows of the history cost a step or two",
        )  # fmt: skip
    yield Goal(
        "peak memory, MB", max(run.peak_mb for run in runs), 250,
        "Prefect alone has 150 to 170; the rest are clips in their hop, and what is kept of each",
    )  # fmt: skip


def joins(*, quick: bool) -> Iterator[dict[str, str]]:
    """What ways there are from clips to a film, and what a join of very many takes."""
    count, segments = (2, 20) if quick else (JOINED, MANY)
    ways = [(one.way, f"{one.seconds:.1f}", f"{one.cpu_a_clip:.2f}") for one in costs(count)]
    copy, join = many(segments)
    limit = 2 + 2 * copy
    reason = "ffmpeg opens each segment, and every packet is read once more as the proof"
    goal = Goal(f"join of {segments} segments, s", join, round(limit, 2), reason)
    text = page.rows((f"way, {count} clips", "seconds", "CPU seconds a clip"), ways)
    text += f"\n\nA raw copy of {segments} segments of 16 frames took {copy:.1f} s; the goal of the"
    text += " join is two seconds and twice that.\n\n" + page.goals([goal])
    yield {"From clips that are there to a film": text}


def starts(*, quick: bool) -> Iterator[dict[str, str]]:
    """What short commands cost; a first one compiles what is imported, and does not count."""
    found = {" ".join(one): [started(one) for _ in range(2 if quick else RUNS + 1)][1:]
             for one in COMMANDS}  # fmt: skip
    listed = [(f"`longtake {name}`", page.spread(each)) for name, each in found.items()]
    goals = [
        Goal(
            f"`longtake {name}`, CPU s",
            median(each),
            0.3,
            "pydantic's and the YAML parser's imports, and the models' building",
        )
        for name, each in found.items()
    ]
    yield {"Starting": page.rows(("command", "CPU seconds"), listed) + "\n\n" + page.goals(goals)}


def started(command: Sequence[str]) -> float:
    """Processor seconds of one command, where nothing was rendered before."""
    words, quiet = [sys.executable, "-m", "longtake.cli", *command], subprocess.DEVNULL
    with tempfile.TemporaryDirectory(prefix="bench-") as home:
        environment = {**os.environ, "XDG_DATA_HOME": home}
        before = os.times()
        subprocess.run(words, cwd=ROOT, env=environment, check=True, stdout=quiet, stderr=quiet)
    after = os.times()
    return sum(later - earlier for earlier, later in zip(before[2:4], after[2:4], strict=True))


def pace1(*, quick: bool) -> Iterator[dict[str, str]]:
    """Eight chains of four at the service's own pace."""
    shape, pace = (SMALL, PACE) if quick else (SLOW, 1.0)
    run = longtake(shape, pace)
    print(shape, run, flush=True)
    said = ", ".join(
        f"{model} {each:g} s" for model, each in zip(MODELS, REAL_SECONDS, strict=True)
    )
    goal = Goal(
        f"{shape}: whole ÷ floor", run.ratio, GOALS[SLOW], "starts, hops and the tail, above"
    )
    table = page.table({f"{shape}, longtake (1 run)": [run]}, LINES)
    yield {"At the service's own pace": f"{said}.\n\n{table}\n\n{page.goals([goal])}"}


def grown(clips: Sequence[int]) -> Iterator[dict[str, str]]:
    """Films of so many clips each, and what their goals are."""
    films: list[growth.Grown] = []
    said = " ".join((growth.__doc__ or "").partition("``bench/all.py``.")[2].split())
    for count in clips:
        films.append(growth.grown(count))
        print(films[-1], flush=True)
        found = page.goals(list(growth.goals_of(films)))
        yield {"Growth": f"{said}\n\n{page.rows(growth.HEADINGS, films)}\n\n{found}"}


def sounded(*, quick: bool) -> Iterator[dict[str, str]]:
    """A film's sound, words and titles again."""
    yield {"Another sound or word": resound.section(0.2 if quick else 5)}


def main() -> int:
    """Measure, and write the page; 1 if a part failed, after the others."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--parts", default="starts,joins,whole")
    parser.add_argument("--minutes", type=float, default=19.5, help="in all, for the three parts")
    parser.add_argument("--clips", type=int, nargs="+", default=[10, 100])
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--into", type=Path, default=ROOT / "docs" / "performance.md")
    asked = parser.parse_args()
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    began = time.monotonic()
    until = began + 60 * asked.minutes
    parts: dict[str, Callable[[], Iterator[dict[str, str]]]] = {
        "starts": lambda: starts(quick=asked.quick),
        "joins": lambda: joins(quick=asked.quick),
        "whole": lambda: whole(until, quick=asked.quick),
        "pace1": lambda: pace1(quick=asked.quick),
        "growth": lambda: grown([2, 4] if asked.quick else asked.clips),
        "resound": lambda: sounded(quick=asked.quick),
    }
    into = Path(tempfile.gettempdir()) / "performance.md" if asked.quick else asked.into
    failed = 0
    for part in asked.parts.split(","):
        try:
            for sections in parts[part]():
                page.write(into, sections)
        except Exception:  # the other parts are measured all the same
            traceback.print_exc()
            failed = 1
        print(f"{part}: {into}, after {time.monotonic() - began:.0f} s", flush=True)
    return failed


if __name__ == "__main__":
    sys.exit(main())
