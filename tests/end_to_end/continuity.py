"""What the tests of continuity share: storyboards, bad takes, and eyes for frames."""

from __future__ import annotations

import base64
import hashlib
import itertools
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import av
import numpy as np

from longtake.documents import load_plan
from longtake.emulator import Action, Dials, EmulatedRequest, Endpoint, Fault, Match
from longtake.ledger import Ledger
from longtake.profile_parts import Keeping
from longtake.record import ClipRecord, TakeRecord
from longtake.rendering.outlook import Foreseen, foresee
from longtake.settings import Settings
from tests.end_to_end.conftest import Ending, Harness

PATIENT: Mapping[str, Any] = {
    "image_transport": "data_uri",
    "waiting": {"job_seconds": 300, "generate_seconds": 300, "read_seconds": 30},
    "keeping": {"retakes": 2},
}
"""Settings for a busy machine; images travel in the requests, so that they can be looked at."""

REVIEWED = {**PATIENT, "review": True}


def board(*shots: Any, gate: str = "retake", **continuity: Any) -> str:
    """A storyboard of one chain (JSON is YAML), with everything else as it is by default."""
    import json

    look = {"seed": 7, "continuity": {"gate": gate, **continuity}}
    return json.dumps(
        {"title": "One take", "look": look, "scenes": [{"name": "one", "shots": list(shots)}]}
    )


def bad(prompt: str, times: int | None = 1, nth: int | None = None, **dials: Any) -> Fault:
    """The next takes of the shot with this prompt fall short."""
    return Fault(
        on=Endpoint.JOB,
        do=Action.BAD_TAKE,
        match=Match(prompt=prompt),
        times=times,
        nth=nth,
        dials=Dials(**dials),
    )


def prompts(accepted: Sequence[EmulatedRequest]) -> list[str]:
    """What was paid for, in order."""
    return [str(request.body["prompt"]) for request in accepted]


def chosen(clip: ClipRecord) -> TakeRecord:
    """The take that the film has."""
    (take,) = [take for take in clip.takes if take.chosen]
    return take


def image_sent(request: EmulatedRequest) -> str:
    """The hash of the start image in a request."""
    content = base64.b64decode(str(request.body["image"]).partition(",")[2])
    return hashlib.sha256(content).hexdigest()


def frames(path: Path) -> list[np.ndarray]:
    """Every frame of a film or clip, as RGB."""
    with av.open(str(path)) as container:
        return [
            frame.to_ndarray(format="rgb24").astype(np.int16) for frame in container.decode(video=0)
        ]


def picture(path: Path) -> np.ndarray:
    """A PNG as RGB."""
    return frames(path)[0]


def apart(one: np.ndarray, other: np.ndarray) -> float:
    """Mean difference in levels."""
    return float(np.abs(one - other).mean())


def no_frame_twice(film: Sequence[np.ndarray]) -> bool:
    """Whether every frame differs from the one before by more than its coding."""
    steps = [apart(before, after) for before, after in itertools.pairwise(film)]
    return min(steps) > 0.2 * float(np.median(steps))


async def foreseen(harness: Harness, storyboard: str, retakes: int = 2) -> Foreseen:
    """What ``plan`` says of the storyboard now."""
    path = harness.folder / "foreseen.yaml"
    path.write_text(storyboard, encoding="utf-8")
    _, plan = load_plan(path)
    async with Ledger.open(harness.folder / "ledger.sqlite") as ledger:
        return await foresee(
            ledger, plan, harness.folder, Settings(keeping=Keeping(retakes=retakes))
        )


def step_ratios(ending: Ending) -> dict[str, float | None]:
    """The step ratio of every continuous seam, as read."""
    seams = [seam for seam in ending.run.seams if seam.kind == "continuous"]
    return {seam.right: seam.step_ratio for seam in seams}
