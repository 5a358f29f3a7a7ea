"""How well the forecast of drift tells chains that break the limit from chains that do not.

    python -m bench.drift [--quick] [--write]

Chains of six hops by a service with dials, undone or not, over views whose every frame is known.
What a chain has really become is measured against that truth: it *breaks* where its last frames
lie beyond the limit of colour or sharpness, it is *sound* where they lie within half of it; what
lies between is neither, and not counted. The forecast sees the pairs and what was undone, as in a
render. Where it speaks before the limit is broken, its hop is compared with the one at which that
happens, counted like its own: from the first clip, by what came to that one's error.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from bench.seam_chain import DRIFTS, Score, run_chain
from bench.seam_scenes import HEIGHT, PHOTOGRAPHS, WIDTH, Rgb, Scene, photograph, scenes
from bench.seam_treatments import Correction
from bench.written import RATES, write_rates
from longtake.emulator import Dials
from longtake.media import Handed, calibrate, read_pair
from longtake.media.measure.colour import Mode
from longtake.media.measure.correcting import grade_at
from longtake.story.anchoring import DriftForecast, drift_forecast
from longtake.story.judging import THRESHOLDS
from longtake.story.readings import Calibration, PairReading

HOPS = 6


class Kind(NamedTuple):
    """What the service does in each hop, and what is undone of it."""

    name: str
    dials: Dials
    colour: Mode


KINDS = (
    Kind("nothing wrong", DRIFTS["none"], "paired"),
    Kind("constant drift, undone", DRIFTS["constant"], "paired"),
    Kind("constant drift, left", DRIFTS["constant"], "off"),
    Kind("softer with every hop", Dials(softness=1.2), "off"),
)


class Ended(NamedTuple):
    """A chain: whether it breaks (None: neither), and whether that was forecast within it.

    ``off``: by how many hops each forecast was too late, or too early (negative).
    """

    kind: str
    breaks: bool | None
    forecast: bool
    off: tuple[int, ...]


class Watcher:
    """Treats a chain's clips as a render does, and asks for the forecast after each."""

    def __init__(self, colour: Mode) -> None:
        self._colour = colour
        self._pairs: dict[str, PairReading] = {}
        self._calibrations: dict[str, Calibration] = {}
        self.due = False
        self.forecasts: list[DriftForecast] = []

    async def treat(self, sent: Path, clip: Path, opening: Rgb, handed: Handed) -> Correction:
        """What is done to the clip."""
        name = f"clip {len(self._pairs) + 1}"
        self._pairs[name] = await read_pair(sent, clip)
        found = await calibrate(sent, clip, mode=self._colour)
        self._calibrations[name] = found
        # The first is sent a photograph, as a first clip is sent a still: what that hop takes from
        # a picture that no model drew is not taken again, and a render does not count it.
        forecast = drift_forecast(list(self._pairs), "next", self._calibrations, self._pairs)
        if forecast is not None:
            self.forecasts.append(forecast)
            self.due = self.due or forecast.breaks_at_hop < HOPS
        return Correction(lambda index: (grade_at(found, index),), found.sharpening)


def main() -> None:
    """Measure, print, and with --write put it where the pages read it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="two views only")
    parser.add_argument("--write", action="store_true", help=f"into {RATES.name}")
    chosen = parser.parse_args()
    ended = asyncio.run(_all(views()[:: 3 if chosen.quick else 1]))
    found = _rates(ended)
    print(json.dumps(found, indent=1))
    off = sorted(abs(hops) for one in ended for hops in one.off)
    print(f"forecasts of breaks to come: {len(off)}, off by at most {max(off, default=0)} hops")
    if chosen.write:
        write_rates({"drift": found}, "bench/drift.py" + " --quick" * chosen.quick)


def views() -> list[Scene]:
    """Still views of photographs, a pan, and changing light."""
    return [*map(_still, PHOTOGRAPHS[1:4]), *scenes()]


def _still(name: str) -> Scene:
    picture = photograph(name)[:HEIGHT, :WIDTH]
    return Scene(name, lambda _: picture)


async def _all(chosen: list[Scene]) -> list[Ended]:
    ended = []
    with tempfile.TemporaryDirectory(prefix="longtake-drift-") as folder:
        for scene in chosen:
            for kind in KINDS:
                watcher = Watcher(kind.colour)
                score = await run_chain(scene, kind.dials, watcher.treat, Path(folder), hops=HOPS)
                off = _off(watcher.forecasts, score)
                ended.append(Ended(kind.name, _breaks(score), watcher.due, off))
                print(scene.name, *ended[-1], [round(one, 2) for one in score.hops], flush=True)
    return ended


def _breaks(score: Score) -> bool | None:
    """By what the last hop really is."""
    worst = _by_limit(score.hops[-1], score.sharpness[-1])
    return True if worst >= 1 else False if worst <= 0.5 else None


def _by_limit(colour_step: float, sharpness: float) -> float:
    """How far that is, by the limit of colour or of sharpness."""
    lost = (1 - sharpness) / (1 - THRESHOLDS.drift_softness)
    return max(colour_step / THRESHOLDS.drift_colour_step, lost)


def _off(forecasts: Sequence[DriftForecast], score: Score) -> tuple[int, ...]:
    """What each forecast of a break that was yet to come was off by; none where none came."""
    first = score.hops[0]
    later = zip(score.hops[1:], score.sharpness[1:], strict=True)
    broken = (hop for hop, one in enumerate(later, start=1)
              if _by_limit(one[0] - first, one[1]) >= 1)  # fmt: skip
    real = next(broken, None)
    if real is None:
        return ()
    return tuple(one.breaks_at_hop - real for one in forecasts if one.hop <= real)


def _rates(ended: list[Ended]) -> dict[str, Any]:
    """As bench/roc.py writes the other verdicts'."""
    by_kind: dict[tuple[str, bool], list[bool]] = defaultdict(list)
    for one in ended:
        if one.breaks is not None:
            by_kind[one.kind, one.breaks].append(one.forecast)
    return {
        "faults": [
            {"fault": kind, "count": len(told), "found": sum(told)}
            for (kind, breaks), told in by_kind.items()
            if breaks
        ],
        "clean": [
            {"test": kind, "count": len(told), "alarms": sum(told)}
            for (kind, breaks), told in by_kind.items()
            if not breaks
        ],
    }


if __name__ == "__main__":
    main()
