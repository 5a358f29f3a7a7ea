"""What ``roc.py`` saw, as tables: how well each rule tells its faults from no fault."""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from longtake.story.judging import THRESHOLDS

VERDICTS = {
    "step, low": "step",
    "step, high": "step",
    "hesitation": "motion",
    "way on": "motion",
    "pair, repeats": "pair",
}
"""The rules as findings name them, where that is otherwise than here."""


UNREAD = -9.0
"""The score of what could not be read: below any limit."""


class Trial(NamedTuple):
    """One reading: how bad a rule finds it, and whether a fault was there."""

    score: float
    fault: str
    """Empty where there was none."""
    name: str


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


def text_of(trials: dict[str, list[Trial]], ratios: list[tuple[bool, float]], made: str) -> str:
    """The tables as Markdown, with ``made``: how they came about."""
    lines = [made, ""]
    for real in (True, False):
        seen = np.array([ratio for filmed, ratio in ratios if filmed is real])
        low, middle, high = np.quantile(seen, [0.05, 0.5, 0.95])
        lines.append(
            f"- {'real footage' if real else 'moved photographs'}: {len(seen)} splits, step ratio "
            f"median {middle:.2f}, 5 to 95 per cent {low:.2f} to {high:.2f}, "
            f"all {seen.min():.2f} to {seen.max():.2f}"
        )
    # "at 5%": found where the limit gives 5 per cent of false alarms; "free": where it gives none.
    titles = ["rule", "fault", "faults", "clean", "AUC", "limit", "found"]
    titles += ["false alarms", "at 5%", "free"]
    lines += ["", _line(titles), "|" + "---|" * len(titles)]
    return "\n".join([*lines, *map(_line, _rows(trials))])


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def rates(trials: dict[str, list[Trial]]) -> dict[str, Any]:
    """By verdict: of each fault how many there were and were found; of clean ones, false alarms."""
    verdicts: dict[str, Any] = {}
    for rule, found in trials.items():
        clean = [trial.score for trial in found if not trial.fault]
        verdict = verdicts.setdefault(VERDICTS.get(rule, rule), {"faults": [], "clean": []})
        alarms = int(np.sum([score >= LIMITS[rule] for score in clean]))
        verdict["clean"].append({"test": rule, "count": len(clean), "alarms": alarms})
        for fault in dict.fromkeys(trial.fault for trial in found if trial.fault):
            scores = [trial.score for trial in found if trial.fault == fault]
            caught = int(np.sum([score >= LIMITS[rule] for score in scores]))
            verdict["faults"].append({"fault": fault, "count": len(scores), "found": caught})
    return verdicts | {"gate": _gate(trials)}


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
