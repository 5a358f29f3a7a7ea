"""How well the rules tell faults from uncut footage: a curve and an area for each rule.

    python bench/roc.py [--markdown docs/readings.md] [--quick] [--write]

Uncut takes are split in half and encoded as two segments, as a film's are: every rule should see
nothing there. Then faults are injected at (or behind) the split, one at a time. AUC is the chance
that a fault reads worse than no fault; the last columns are what the chosen limits do.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench.footage import Footage, Frames, uncut
from bench.real_faults import as_levels, soft, tinted
from bench.real_footage import fitted, write_clip
from bench.roc_faults import SEAM_FAULTS, UNSEEN_WHEN_CALM, VISIBLE_STEP, Split, splits
from bench.roc_tables import UNREAD, Trial, rates, text_of
from bench.written import RATES, renew, write_rates
from longtake.media.measure.defects import cut_scores, find_blacks, freeze_spell
from longtake.media.measure.pair import compare_pair
from longtake.media.measure.pixels import decode_rgb
from longtake.media.measure.samples import Samples, sample_clip
from longtake.media.measure.seam import compare_sides


def main() -> None:
    """Measure, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--markdown", type=Path, help="a document whose table is renewed")
    parser.add_argument("--quick", action="store_true", help="every third take only")
    parser.add_argument("--write", action="store_true", help=f"{RATES.name}, which pages read")
    chosen = parser.parse_args()
    takes = list(uncut())[:: 3 if chosen.quick else 1]
    with tempfile.TemporaryDirectory(prefix="longtake-roc-") as folder:
        clip = Path(folder) / "clip.mp4"
        trials: dict[str, list[Trial]] = defaultdict(list)
        ratios: list[tuple[bool, float]] = []
        for take in takes:
            for split in splits(take):
                _seam_trials(split, clip, trials, ratios)
            _pair_trials(take, takes, clip, trials)
            _clip_trials(take, takes, clip, trials)
    if chosen.write:
        write_rates(rates(trials), "bench/roc.py" + " --quick" * chosen.quick)
    which = "every third take" if chosen.quick else "all takes"
    text = text_of(trials, ratios, f"`python bench/roc.py{' --quick' * chosen.quick}`: {which}.")
    print(text)
    renew(chosen.markdown, text, "roc bench")


def _seam_trials(
    split: Split, clip: Path, trials: dict[str, list[Trial]], ratios: list[tuple[bool, float]]
) -> None:
    left = _encoded(split.left, clip)
    plain = compare_sides(left, _encoded(split.right(), clip))
    ratios.append((split.footage.real, plain.step_ratio))
    name = f"{split.footage.name} at {split.at}"
    for rule, faults in SEAM_FAULTS.items():
        _add(trials[rule], rule, plain, "", name)
        for fault, inject in faults.items():
            if not split.visible and fault in UNSEEN_WHEN_CALM:
                continue
            _add(
                trials[rule], rule, compare_sides(left, _encoded(inject(split), clip)), fault, name
            )


def _add(trials: list[Trial], rule: str, values: Any, fault: str, name: str) -> None:
    score = {
        "step, low": -values.step_ratio,
        "step, high": values.step_ratio,
        "hesitation": None if values.hesitation is None else -values.hesitation,
        "flash": None if values.flash is None else abs(values.flash),
        "motion": values.motion_jump,
        "way on": None if values.retrace is None else -values.retrace,
    }[rule]
    # What was not read was not found.
    trials.append(Trial(UNREAD if score is None else score, fault, name))


# --- faults of the pair, and inside clips -----------------------------------------------------


def _pair_trials(
    take: Footage, takes: list[Footage], clip: Path, trials: dict[str, list[Trial]]
) -> None:
    """The frame that was sent, against what a lossy service with a little noise makes of it."""
    chance = np.random.default_rng(5)
    for at in range(4, len(take.frames) - 12, 15):
        sent, follows = take.frames[at], take.frames[at + 1]
        other = takes[(takes.index(take) + 1) % len(takes)].frames[0]
        came = {
            "": ("colour", "soft", "pair"),
            "tint": ("colour",),
            "soft": ("soft",),
            "another picture": ("pair",),
            "8 frames later": ("pair",),
        }
        pictures = {
            "": sent,
            "tint": tinted(sent[None], sent[None], sent[None])[0],
            "soft": soft(sent[None], sent[None], sent[None])[0],
            "another picture": fitted(other[None], sent.shape)[0],
            "8 frames later": take.frames[at + 8],
        }
        for fault, rules in came.items():
            noisy = as_levels(pictures[fault] + chance.normal(0, 2, sent.shape))
            back = _round_trip(np.stack([noisy, follows]), clip)
            pair = compare_pair(sent, back[0], back[1])
            scores = {"colour": pair.block_step, "soft": -pair.detail, "pair": 1 - pair.ssim}
            moved = np.abs(take.frames[at + 8].astype(int) - sent).mean()
            if fault == "8 frames later" and moved < 4 * VISIBLE_STEP:
                continue
            for rule in rules:
                trials[rule].append(Trial(scores[rule], fault, f"{take.name} at {at}"))
            if "pair" in rules:
                trials["pair, repeats"].append(Trial(float(not pair.repeats), fault, take.name))


def _clip_trials(
    take: Footage, takes: list[Footage], clip: Path, trials: dict[str, list[Trial]]
) -> None:
    middle = len(take.frames) // 2
    for number, other in enumerate(takes):
        same_film = other.name.split("/")[0].split(",")[0] == take.name.split("/")[0].split(",")[0]
        if other is take or number % 4 or same_film:
            continue
        rest = fitted(other.frames[:12], take.frames.shape[1:3])
        samples = _encoded(np.concatenate([take.frames[middle - 12 : middle], rest]), clip)
        trials["cut"].append(Trial(float(cut_scores(samples).max()), "another view", take.name))
    held = np.repeat(take.frames[middle : middle + 1], 8, axis=0)
    frozen = np.concatenate([take.frames[middle - 14 : middle], held, take.frames[middle:][:14]])
    dark = np.concatenate([take.frames[:14], np.zeros_like(held[:2]), take.frames[14:]])
    whole = _encoded(take.frames, clip)
    trials["cut"].append(Trial(float(cut_scores(whole).max()), "", take.name))
    for frames, fault in ((None, ""), (frozen, "8 frames stand still")):
        samples = whole if frames is None else _encoded(frames, clip)
        trials["freeze"].append(Trial(freeze_spell(samples), fault, take.name))
    for frames, fault in ((None, ""), (dark, "2 black frames")):
        samples = whole if frames is None else _encoded(frames, clip)
        blacks = sum(spell.frame_count for spell in find_blacks(samples))
        trials["black"].append(Trial(float(blacks), fault, take.name))


def _encoded(frames: Frames, clip: Path) -> Samples:
    return sample_clip(write_clip(frames, clip), sharpness=False)


def _round_trip(frames: Frames, clip: Path) -> Frames:
    return decode_rgb(write_clip(frames, clip, crf=20))


if __name__ == "__main__":
    main()
