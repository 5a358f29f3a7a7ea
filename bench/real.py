"""The rules on clips that a model made: false alarms, faults that are found, pairs made right.

    python bench/real.py --real DIR [--markdown docs/readings.md] [--every 14]

DIR is a folder as ``real_footage.py`` describes. Every clip is split in many places: what lies
behind a split is encoded as the clip that continues what is before it, and looked at as a render
does, with its treatment. Nothing should be found there; then one fault at a time is put in. A view
that is too still to show a fault, or too wild for anybody to see it, is *not assessable* and not
counted. Splits of one clip are not independent, so how many clips they are of is told with them;
the intervals (Wilson, 95 per cent) are those of splits.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import numpy as np

from bench.real_faults import FAULTS, NEEDS_MOTION, NEEDS_ORDER
from bench.real_footage import Frames, RealClip, clips_in, fitted, write_clip
from bench.real_pairs import pair_rows, wilson
from bench.written import RATES, REAL, renew, write_rates
from longtake.media import Handed, calibrate, find_flash, read_clip, read_ends, read_pair
from longtake.media.measure.pixels import decode_rgb, write_png
from longtake.media.measure.readings import Ends, seam_reading
from longtake.media.measure.registering import (
    detail_likeness,
    luma_of,
    overlapping,
    reduced,
    shift_between,
)
from longtake.story.judging import score_take

ACROSS = 416
"""Pixels across to which clips are scaled here: all but sharpness is read smaller anyway."""

LEFT, RIGHT = 24, 26
FIRST = 24
"""Frames before the first split: so many are needed to play them backwards."""

STILL = 0.6
"""Median step in levels below which a view is too still to show a fault of motion."""

WILD = 0.5
"""Median likeness of details of frame and next below which a view is too wild."""


@dataclass
class Tally:
    """What was found, split by split, of one fault or of none."""

    found: list[tuple[str, bool]] = field(default_factory=list)
    not_assessable: int = 0

    def add(self, clip: str, found: bool) -> None:
        """One split."""
        self.found.append((clip, found))

    @property
    def clips(self) -> int:
        """How many clips it was seen on."""
        return len({clip for clip, _ in self.found})

    @property
    def clips_found(self) -> int:
        """On how many of them it was found at least once."""
        return len({clip for clip, found in self.found if found})


async def splits(
    clips: list[RealClip], folder: Path, every: int, only: list[str]
) -> tuple[dict[str, Tally], dict[str, int]]:
    """Every clip, split every so many frames, without faults and with half of them by turns."""
    tallies: dict[str, Tally] = defaultdict(Tally)
    by_rule: dict[str, int] = defaultdict(int)
    shown = {clip.name: _small(clip) for clip in clips}
    for number, clip in enumerate(clips):
        frames = shown[clip.name]
        other = shown[clips[(number + 1) % len(clips)].name]
        other = fitted(other[:RIGHT], frames.shape[1:3])
        places = range(FIRST, len(frames) - RIGHT, every)
        said: list[str] = []
        for turn, at in enumerate(places):
            before, right = frames[:at], frames[at - 1 : at - 1 + RIGHT]
            seam = await _Seam.after(before[-LEFT:], folder)
            alarms = frozenset() if only else await seam.found(right) - _TREATED
            if not only:
                tallies["none"].add(clip.name, bool(alarms))
            for rule in alarms:
                by_rule[rule] += 1
            said += [f"{at}: {rule}" for rule in sorted(alarms)]
            faults = only or list(FAULTS)[turn % 2 :: 2]
            missed = await _with_faults(clip.name, seam, right, (other, before), faults, tallies)
            said += [f"{at}: not the {fault}" for fault in missed]
        words = "; ".join(said) or "nothing"
        print(f"{clip.name}: {len(places)} splits, said: {words}", file=sys.stderr, flush=True)
    return tallies, by_rule


_TREATED = frozenset({"corrected", "deflashed"})
_COLOURS = frozenset({"colour", "flash"}) | _TREATED
_STEPS, _INSIDE = frozenset({"step", "motion", "flash"}), frozenset({"cut", "freeze", "black"})
_ALL = _COLOURS | _STEPS | _INSIDE | {"pair", "soft"}


async def _with_faults(
    name: str,
    seam: _Seam,
    right: Frames,
    material: tuple[Frames, Frames],
    faults: list[str],
    tallies: dict[str, Tally],
) -> list[str]:
    """Those that were not found."""
    still, wild = _nature(right)
    missed = []
    for fault in faults:
        inject, rules = FAULTS[fault]
        if (still and fault in NEEDS_MOTION) or (wild and fault in NEEDS_ORDER):
            tallies[fault].not_assessable += 1
            continue
        found = await seam.found(inject(right, *material), rules) & rules
        tallies[fault].add(name, bool(found))
        missed += [] if found else [fault]
    return missed


@dataclass(frozen=True)
class _Seam:
    """What lies before a split, and what a render finds of what comes after it."""

    before: Ends
    sent: Path
    clip: Path
    handed: Handed

    @classmethod
    async def after(cls, left: Frames, folder: Path) -> _Seam:
        sent, clip = folder / "sent.png", folder / "clip.mp4"
        write_png(left[-1], sent)
        before = write_clip(left, folder / "before.mp4")
        return cls(await read_ends(before), sent, clip, Handed(before, len(left) - 1))

    async def found(self, right: Frames, rules: frozenset[str] = _ALL) -> frozenset[str]:
        """The rules that find a take bad, and what its treatment does, as a render looks at it.

        Only what ``rules`` need is measured.
        """
        sent, clip = self.sent, write_clip(right, self.clip)
        pair = await read_pair(sent, clip)
        flash, calibration, seam, inside = None, None, None, None
        if rules & _COLOURS:
            flash = await find_flash(sent, clip, handed=self.handed)
            calibration = await calibrate(sent, clip, flash=flash)
        if rules & _STEPS:
            after = await read_ends(clip, first=1, repeat=clip if pair.repeats else None)
            ends = (self.before, after)
            seam = seam_reading(
                *ends, left="1", right="2", kind="continuous", frame_index=LEFT, pair=pair
            )
        if rules & _INSIDE:
            inside = await read_clip(clip)
        deflashed = flash is not None and flash.applied
        if deflashed and seam is not None and seam.flash is not None:
            seam = seam.model_copy(update={"flash": 0.0})
        judged = score_take("2", reading=inside, seam=seam, calibration=calibration, pair=pair)
        bad = {finding.rule for finding in judged.findings if finding.severity == "bad"}
        bad |= {"corrected"} if calibration is not None and calibration.applied else set()
        return frozenset(bad | ({"deflashed"} if deflashed else set()))


def _nature(frames: Frames) -> tuple[bool, bool]:
    """Whether a view is too still, and whether it is too wild, to show faults of motion."""
    lumas = [luma_of(one) for one in frames[:12]]
    steps = [np.abs(reduced(b, 8) - reduced(a, 8)).mean() for a, b in pairwise(lumas)]
    alike = [detail_likeness(*overlapping(a, b, shift_between(a, b))) for a, b in pairwise(lumas)]
    jumpy = float(np.sort(steps)[-2]) > 2 * float(np.median(steps)) + 1
    return float(np.median(steps)) < STILL, float(np.median(alike)) < WILD or jumpy


def _small(clip: RealClip) -> Frames:
    height, width = decode_rgb(clip.path, count=1).shape[1:3]
    return decode_rgb(clip.path, size=(ACROSS, round(height * ACROSS / width / 2) * 2))


def rates(tallies: dict[str, Tally], alarms: dict[str, int]) -> dict[str, object]:
    """By verdict, as pages tell it: of each fault how many were found, of clean splits alarms.

    Not of colour and flash: what is found of those is mostly treated, and no verdict.
    """
    verdicts: dict[str, object] = {}
    for rule in ("step", "motion", "soft", "pair", "cut", "freeze"):
        faults = [
            {"fault": fault, "count": len(tally.found), "found": sum(hit for _, hit in tally.found)}
            for fault, (_, rules) in FAULTS.items()
            if rule in rules and (tally := tallies[fault]).found
        ]
        clean = {"test": "clips of models, split", "count": len(tallies["none"].found)}
        verdicts[rule] = {"faults": faults, "clean": [clean | {"alarms": alarms.get(rule, 0)}]}
    return verdicts


def table(tallies: dict[str, Tally]) -> Iterator[str]:
    """As Markdown: false alarms first, then each fault."""
    yield "| fault | splits | clips | found | 95 per cent | not assessable |"
    yield "|---|---|---|---|---|---|"
    for fault in ["none", *FAULTS]:
        tally = tallies[fault]
        hits, count = sum(found for _, found in tally.found), len(tally.found)
        low, high = wilson(hits, count)
        name = "none: false alarms" if fault == "none" else fault
        share = f"{hits / count:.1%}" if count else "-"
        yield (
            f"| {name} | {count} | {tally.clips} ({tally.clips_found} with any) | {share} | "
            f"{low:.0%} to {high:.0%} | {tally.not_assessable} |"
        )


async def _main(arguments: argparse.Namespace) -> int:
    with tempfile.TemporaryDirectory(prefix="longtake-real-") as name:
        folder = Path(name)
        clips = clips_in(arguments.real, folder)
        if not clips:
            print(f"{arguments.real} holds no clips", file=sys.stderr)
            return 2
        if not arguments.fault:
            pairs = "\n".join(await pair_rows(clips))
            print(pairs, flush=True)
            renew(arguments.markdown, pairs, "pairs bench")
        if not arguments.pairs:
            found = await splits(clips, folder, arguments.every, arguments.fault)
            made = (
                f"`python bench/real.py --real DIR --every {arguments.every}`, {len(clips)} clips:"
            )
            text = "\n".join([made, "", *table(found[0])])
            print(text)
            if not arguments.fault:
                renew(arguments.markdown, text, "real bench")
            if arguments.write and not arguments.fault:
                write_rates(rates(*found), f"{REAL} --every {arguments.every}")
    return 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--real", type=Path, required=True, help="the folder of clips")
    parser.add_argument("--every", type=int, default=14, help="frames from split to split")
    parser.add_argument("--fault", choices=list(FAULTS), action="append", default=[], help="alone")
    parser.add_argument("--pairs", action="store_true", help="the pairs alone")
    parser.add_argument("--write", action="store_true", help=f"into {RATES.name}")
    parser.add_argument("--markdown", type=Path, help="a document whose table is renewed")
    sys.exit(asyncio.run(_main(parser.parse_args())))
