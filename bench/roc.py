"""How well the rules tell faults from uncut footage: a curve and an area for each rule.

    python bench/roc.py [--markdown] [--quick] [--write]

Uncut takes are split in half and encoded as two segments, as a film's are: every rule should see
nothing there. Then faults are injected at (or behind) the split, one at a time. AUC is the chance
that a fault reads worse than no fault; the last columns are what the chosen limits do.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench.footage import Footage, Frames, uncut
from bench.real_faults import as_levels, soft, tinted
from bench.real_footage import fitted, write_clip
from bench.roc_faults import SEAM_FAULTS, UNSEEN_WHEN_CALM, VISIBLE_STEP, Split, splits
from longtake.media.measure.defects import cut_scores, find_blacks, freeze_spell
from longtake.media.measure.pair import compare_pair
from longtake.media.measure.pixels import decode_rgb
from longtake.media.measure.samples import Samples, sample_clip
from longtake.media.measure.seam import compare_sides
from longtake.story.judging import THRESHOLDS

RATES = ROOT / "longtake/record/error_rates.json"
"""What the limits find and what they take for a fault: next to each verdict on the pages."""

VERDICTS = {
    "step, low": "step",
    "step, high": "step",
    "hesitation": "motion",
    "way on": "motion",
    "pair, repeats": "pair",
}
"""The rules as findings name them, where that is otherwise than here."""


_UNREAD = -9.0


class Trial(NamedTuple):
    """One reading: how bad a rule finds it, and whether a fault was there."""

    score: float
    fault: str
    """Empty where there was none."""
    name: str


def main() -> None:
    """Measure, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--markdown", action="store_true", help="as tables for docs/readings.md")
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
        drift = {"drift": json.loads(RATES.read_text("utf-8")).get("drift")}  # bench/drift.py's
        RATES.write_text(json.dumps(_rates(trials) | drift, indent=1) + "\n", encoding="utf-8")
    _show(trials, ratios, chosen.markdown)


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
    trials.append(Trial(_UNREAD if score is None else score, fault, name))


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


# --- tables -----------------------------------------------------------------------------------

LIMITS = {
    "step, low": -THRESHOLDS.step_ratio_low,
    "step, high": THRESHOLDS.step_ratio_high,
    "hesitation": -THRESHOLDS.hesitation,
    "flash": THRESHOLDS.flash_levels,
    "motion": THRESHOLDS.motion_jump,
    "way on": -THRESHOLDS.retrace,
    "colour": THRESHOLDS.colour_step,
    "soft": -THRESHOLDS.softness,
    "pair": 1 - THRESHOLDS.pair_ssim,
    "pair, repeats": 0.5,
    "cut": 1.0,
    "freeze": 4.0,
    "black": 1.0,
}


def auc(faults: list[float], clean: list[float]) -> float:
    """The chance that a fault's score lies above a clean one's; ties count half."""
    one, other = np.array(faults)[:, None], np.array(clean)[None]
    return float((one > other).mean() + (one == other).mean() / 2)


def _show(trials: dict[str, list[Trial]], ratios: list[tuple[bool, float]], markdown: bool) -> None:
    for real in (True, False):
        seen = np.array([ratio for filmed, ratio in ratios if filmed is real])
        low, middle, high = np.quantile(seen, [0.05, 0.5, 0.95])
        print(
            f"{'real footage' if real else 'moved photographs'}: {len(seen)} splits, step ratio "
            f"median {middle:.2f}, 5 to 95 per cent {low:.2f} to {high:.2f}, "
            f"all {seen.min():.2f} to {seen.max():.2f}"
        )
    print()
    # "at 5%": found where the limit gives 5 per cent of false alarms; "free": where it gives none.
    titles = [
        "rule",
        "fault",
        "faults",
        "clean",
        "AUC",
        "limit",
        "found",
        "false alarms",
        "at 5%",
        "free",
    ]
    rows = list(_rows(trials))
    if markdown:
        print("| " + " | ".join(titles) + " |\n|" + "---|" * len(titles))
        for row in rows:
            print("| " + " | ".join(row) + " |")
        return
    widths = [max(len(line[at]) for line in [titles, *rows]) for at in range(len(titles))]
    for line in [titles, *rows]:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)))


def _rates(trials: dict[str, list[Trial]]) -> dict[str, Any]:
    """By verdict: of each fault how many there were and were found; of clean ones, false alarms."""
    rates: dict[str, Any] = {}
    for rule, found in trials.items():
        clean = [trial.score for trial in found if not trial.fault]
        verdict = rates.setdefault(VERDICTS.get(rule, rule), {"faults": [], "clean": []})
        alarms = int(np.sum([score >= LIMITS[rule] for score in clean]))
        verdict["clean"].append({"test": rule, "count": len(clean), "alarms": alarms})
        for fault in dict.fromkeys(trial.fault for trial in found if trial.fault):
            scores = [trial.score for trial in found if trial.fault == fault]
            caught = int(np.sum([score >= LIMITS[rule] for score in scores]))
            verdict["faults"].append({"fault": fault, "count": len(scores), "found": caught})
    return rates | {"gate": _gate(trials)}


def _gate(trials: dict[str, list[Trial]]) -> dict[str, Any]:
    """The gate takes a clip again where any rule is past its limit: on clean takes, how often."""
    clean: dict[str, bool] = defaultdict(bool)
    for rule, found in trials.items():
        for trial in found:
            if not trial.fault:
                clean[trial.name] |= trial.score >= LIMITS[rule]
    alarms = sum(clean.values())
    return {
        "faults": [],
        "clean": [{"test": "any rule on a take", "count": len(clean), "alarms": alarms}],
    }


def _rows(trials: dict[str, list[Trial]]) -> Iterator[list[str]]:
    for rule, found in trials.items():
        clean = [trial.score for trial in found if not trial.fault]
        limit = LIMITS[rule]
        false = float(np.mean([score >= limit for score in clean]))
        worst = max(clean)
        for fault in dict.fromkeys(trial.fault for trial in found if trial.fault):
            scores = [trial.score for trial in found if trial.fault == fault]
            caught = float(np.mean([score >= limit for score in scores]))
            free = float(np.mean([score > worst for score in scores]))
            lenient = float(np.mean([score > np.quantile(clean, 0.95) for score in scores]))
            yield [
                rule,
                fault,
                str(len(scores)),
                str(len(clean)),
                f"{auc(scores, clean):.3f}",
                f"{abs(limit):.2f}",
                f"{caught:.0%}",
                f"{false:.1%}",
                f"{lenient:.0%}",
                f"{free:.0%} at {abs(worst):.2f}",
            ]


if __name__ == "__main__":
    main()
