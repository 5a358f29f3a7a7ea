"""The three paths of a long take, side by side: chain, keyframed and tree, on the emulator.

Twice: as a whole render of the same twelve beats, from the same first still, by a service whose
dials hold what was measured on real clips, for what is seen; and in a simulated world, where time
passes by the service's clock alone and no machine is busy, for requests, money and time. The stills
between are views along photographs, so that the keyframed take has what its author would have
drawn. Used by ``bench/seams.py --paths``.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
import tempfile
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from statistics import median

import numpy as np
from PIL import Image

from bench.seam_scenes import Rgb, panorama
from longtake.emulator import PRESETS, EmulatedRequest, EmulatorConfig, serve_emulator
from longtake.media.measure.pixels import delta_e, iterate_rgb
from longtake.media.measure.registering import luma_of
from longtake.record import RunRecord, read_run
from longtake.rendering.assembling import make_film
from longtake.rendering.film_reading import read_film
from longtake.rendering.making import Maker
from longtake.rendering.opening import open_render
from longtake.rendering.outcomes import raise_first
from longtake.rendering.repeated_steps import patient
from longtake.rendering.requests import RenderRequest
from longtake.rendering.walk import walk
from longtake.story import Storyboard
from longtake.story.rates import Rates
from longtake.story.schedule import Allowance
from longtake.story.ways import ways_of
from tests.simulation.in_place import no_threads
from tests.simulation.loop import SimulatedLoop
from tests.simulation.stage import render, staged
from tests.simulation.world import Board, Run, ShotDrawn, World

COUNT = 12
PATHS = ("chain", "keyframed", "tree")
STILLS = tuple(f"{number}.png" for number in range(COUNT + 1))
UNMEASURED = "not rendered"
CLIP_SECONDS = 54.0
"""What a clip from an image takes at the service, its queue left out."""

_WIDTH, _HEIGHT = 832, 480
_HEADINGS = (
    *("path", "accepted requests", "USD", "clip times", "hop depth"),
    *("ΔE at a seam", "sharpness over a seam", "step over a seam"),
    "ΔE gathered",
)


@dataclass(frozen=True)
class SeamMeasures:
    """One seam of the film: what is seen of it."""

    delta_e: float
    """Between the mean colours of the two frames that meet."""
    sharpness: float
    """The right frame's by the left one's: 1 where nothing changes."""
    step: float
    """The motion over the seam by the median step next to it: 1 unseen."""


@dataclass(frozen=True)
class PathScore:
    """One path, rendered: what it took, and how its seams look."""

    path: str
    requests: int
    usd: float
    clip_times: float
    """From the first job accepted to the last clip ready, by the median time of a job."""
    hop_depth: int
    gathered: float
    """Colour error that its longest stretch of hops has gathered, in ΔE, by the pairs."""
    seams: tuple[SeamMeasures, ...]

    def in_short(self, name: str) -> str:
        """The measure's median, and that of the seam which is farthest from unseen."""
        if not self.seams:
            return UNMEASURED
        values = [getattr(seam, name) for seam in self.seams]
        worst = max(values, key=lambda one: abs(one - (name != "delta_e")))
        return f"{median(values):.2f}, worst {worst:.2f}"


def compare_paths(folder: Path, pace: float, paths: Sequence[str] = PATHS) -> list[PathScore]:
    """Render the take in each of those ways, one after the other; the others are only simulated.

    What is rendered in the folder already is only looked at.
    """
    folder.mkdir(exist_ok=True)
    stills = _stills(folder)
    return [
        _score(path, _rendered(path, stills, folder / path, pace) if path in paths else None)
        for path in PATHS
    ]


def paths_table(scores: Sequence[PathScore]) -> str:
    """The scores as Markdown: what each path takes, then every seam of each."""
    lines = [f"| {' | '.join(_HEADINGS)} |", "|---" * len(_HEADINGS) + "|"]
    for one in scores:
        seams = " | ".join(one.in_short(name) for name in ("delta_e", "sharpness", "step"))
        lines.append(
            f"| {one.path} | {one.requests} | {one.usd:.2f} | {one.clip_times:.1f} | "
            f"{one.hop_depth} | {seams} | {f'{one.gathered:.2f}' if one.seams else UNMEASURED} |"
        )
    lines += ["", "| seam | " + " | ".join(PATHS) + " |", "|---|---|---|---|"]
    for number in range(COUNT - 1):
        cells = " | ".join(_cell(one.seams[number : number + 1]) for one in scores)
        lines.append(f"| {number + 1} | {cells} |")
    return "\n".join(lines)


def _cell(seams: Sequence[SeamMeasures]) -> str:
    return "".join(f"{one.delta_e:.2f}, {one.sharpness:.2f}, {one.step:.2f}" for one in seams) or (
        UNMEASURED
    )


def _stills(folder: Path) -> list[str]:
    """The views that a camera has at the beginning and at the end of each clip."""
    wide = panorama(_HEIGHT)
    way = (wide.shape[1] - _WIDTH) / COUNT
    names = []
    for number, name in enumerate(STILLS):
        left = round(number * way)
        names.append(str(folder / name))
        Image.fromarray(wide[:, left : left + _WIDTH]).save(names[-1])
    return names


def _storyboard(path: str, stills: Sequence[str]) -> str:
    beats = [f"the camera glides on, part {number}" for number in range(1, COUNT + 1)]
    shot = {"prompt": "Along a wall of photographs", "seconds": 5 * COUNT, "beats": beats}
    begins = {"start": stills[0]} if path != "keyframed" else {"stills": list(stills)}
    scene = {"name": "wall", "path": path, "shots": [shot | begins]}
    return json.dumps({"title": f"As {path}", "look": {"seed": 7}, "scenes": [scene]})


def _rendered(path: str, stills: Sequence[str], folder: Path, pace: float) -> RunRecord:
    known = read_run(folder / "out/run.json") if folder.is_dir() else None
    if known is not None and known.film is not None and known.seams:
        return known
    folder.mkdir(exist_ok=True)
    board = folder / "board.json"
    board.write_text(_storyboard(path, stills))
    config = EmulatorConfig(pace=pace, dials=PRESETS["wan-fast"], concurrency=16, seed=1)
    with serve_emulator(config) as emulator:
        profile = _profile(folder, emulator.base_url, pace)
        request = RenderRequest(str(board), folder / "out", profile=profile)
        print(f"rendering {path}", file=sys.stderr, flush=True)
        return asyncio.run(_film(request))


async def _film(request: RenderRequest) -> RunRecord:
    async with open_render(request) as render:
        steps = patient(render)  # repeated as the tasks are
        walks = (walk(chain, Maker(render, steps)) for chain in render.plan.chains)
        outcomes = await asyncio.gather(*walks, return_exceptions=True)
        raise_first(each for each in outcomes if isinstance(each, BaseException))
        render.raise_missing()
        await make_film(render)
        await read_film(render)
        return render.report.record


def _profile(folder: Path, url: str, pace: float) -> str:
    seconds = {"wan-2.2-t2v-fast": 93.0 / pace, "wan-2.2-i2v-fast": CLIP_SECONDS / pace}
    settings = {
        **dict.fromkeys(("api_url", "upload_url", "history_url"), url),
        "concurrency": 16,
        "requests_per_minute": 100_000,
        "rates": {"expected_seconds": seconds},
        "keeping": {"ledger": str(folder / "ledger.sqlite"), "store": str(folder / "store")},
    }
    (folder / "profile.json").write_text(json.dumps(settings))
    return str(folder / "profile.json")


def _score(path: str, record: RunRecord | None) -> PathScore:
    (take,) = ways_of(
        Storyboard.model_validate_json(_storyboard(path, STILLS)), Rates(), Allowance(16)
    )
    jobs = _simulated(path)
    took = max(job.ends_at for job in jobs) - min(job.accepted_at for job in jobs)
    drift = record.drift if record is not None else []
    return PathScore(
        path=path,
        requests=len(jobs),
        usd=sum(job.price_usd for job in jobs),
        clip_times=took / median(job.ends_at - job.accepted_at for job in jobs),
        hop_depth=next(way.hop_depth for way in take.ways if way.path == path),
        gathered=max((abs(one.colour_step[-1]) for one in drift), default=0.0),
        seams=_seams(record) if record is not None else (),
    )


def _simulated(path: str) -> list[EmulatedRequest]:
    """The jobs of such a take in a world where only the service takes time."""
    shots = tuple(ShotDrawn(prompt=f"part {number}") for number in range(COUNT))
    board = Board(scenes=(shots,), path=path, stills=STILLS if path == "keyframed" else STILLS[:1])
    run = Run(at_seconds=0.0)
    world = World(
        seed=1,
        boards=(board,),
        runs=(run,),
        concurrency=16,
        service_concurrency=16,
        inference_seconds=CLIP_SECONDS,
        queue_seconds=0.5,
    )
    loop = SimulatedLoop(random.Random(world.seed))
    with tempfile.TemporaryDirectory() as folder, no_threads():
        stage = staged(world, Path(folder), loop, lambda _: None)
        loop.run_until_complete(render(stage, run, "run"))
        loop.forget()
        loop.close()
        return list(stage.emulator.requests)


def _seams(record: RunRecord) -> tuple[SeamMeasures, ...]:
    """Of the frames that the film has on both sides: the ends of its segments."""
    ends = [_ends(Path(record.folder), clip_id) for clip_id in record.clips]
    return tuple(
        _measures(left, right, seam.step_ratio)
        for ((_, left), (right, _)), seam in zip(pairwise(ends), record.seams, strict=True)
    )


def _ends(folder: Path, clip_id: str) -> tuple[Rgb, Rgb]:
    frames = iterate_rgb(folder / f"segments/{clip_id.replace('/', '-')}.mp4")
    first = next(frames)
    return first, deque(frames, maxlen=1)[0]


def _measures(left: Rgb, right: Rgb, step_ratio: float | None) -> SeamMeasures:
    colours = [one.mean((0, 1)) for one in (left, right)]
    step = float("nan") if step_ratio is None else step_ratio
    return SeamMeasures(float(delta_e(*colours)), _sharpness(right) / _sharpness(left), step)


def _sharpness(frame: Rgb) -> float:
    """Variance of luma's Laplacian."""
    luma = luma_of(frame.astype(np.float32))
    around = luma[:-2, 1:-1] + luma[2:, 1:-1] + luma[1:-1, :-2] + luma[1:-1, 2:]
    return float((around - 4 * luma[1:-1, 1:-1]).var())
