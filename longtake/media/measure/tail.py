"""Where to hand over, and where to cut: the calm, sharp frame, and the pair that fits best.

Both look at decoded frames of a few last and first ones only, and say what they found for every
candidate, so that a person can see why one was taken.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from longtake.media.measure.kept import ClipFile
from longtake.media.measure.motion import SPEED_FLOOR, Motion, motions
from longtake.media.measure.pixels import Floats
from longtake.media.measure.registering import overlapping, reduced, shift_between
from longtake.media.measure.runner import Runner, in_thread
from longtake.media.measure.samples import Samples, sample_clip
from longtake.media.measure.seam import STEP_FLOOR
from longtake.media.shape import Matrix

WINDOW = 12
"""How many last frames are candidates for the handover: three quarters of a second at 16 fps."""

# What counts for a frame that is handed over. Recency is small on purpose: it settles what the
# others leave open, since every frame behind the chosen one was paid for and is not shown.
_WEIGHTS = {"sharpness": 1.0, "exposure": 0.6, "calm": 0.4, "recency": 0.15}
_LEAST_GAIN = 0.05
_CUT_PRICE = 0.01
_SHORTLIST = 30


@dataclass(frozen=True)
class TailScore:
    """One frame as a candidate for the handover; each part is 0 to 1, 1 the best."""

    frame_index: int
    """Of the clip's file, 0-based."""
    score: float
    """The parts, weighed: sharpness counts most, recency least; 1 is the best."""
    sharpness: float
    """By the sharpest frame of the window."""
    exposure: float
    """1 as long as the frame is lit as the window is; 0 for a flash, or black."""
    calm: float
    """1 where nothing moves; 0.5 where as much moves as usually does in the window."""
    recency: float
    """1 for the last frame, 0 for the first of the window."""


@dataclass(frozen=True)
class Splice:
    """Where one clip is left and the next one entered. Indexes are of the clips' files."""

    left_frame_index: int
    """The last frame that is shown of the clip before."""
    right_frame_index: int
    """The first frame that is shown of the clip after."""
    cost: float
    """0 is a step like all others; 1 or so is where it begins to be seen."""
    cost_of_plain: float
    """The same for the plain join: last frame, then the frame after the repeated one."""


async def score_tail(
    clip: ClipFile,
    window: int = WINDOW,
    *,
    last_frame_index: int | None = None,
    untagged_matrix: Matrix = "bt601",
    run: Runner = in_thread,
) -> tuple[TailScore, ...]:
    """Every candidate of the last ``window`` frames, in order of time.

    ``last_frame_index``: the last frame that may be shown, where it is not the file's last. Raises
    DamagedClip when the clip does not decode, ValueError for an empty window.
    """
    if window < 1:
        raise ValueError(f"a window of {window} frames has no candidates")
    count = None if last_frame_index is None else last_frame_index + 1
    return await run(_tail_scores, clip, count, window, untagged_matrix)


async def best_handover(
    clip: ClipFile,
    window: int = WINDOW,
    *,
    last_frame_index: int | None = None,
    untagged_matrix: Matrix = "bt601",
    run: Runner = in_thread,
) -> TailScore:
    """The frame to hand over: the last, unless another is clearly better; see ``score_tail``."""
    scores = await score_tail(
        clip, window, last_frame_index=last_frame_index, untagged_matrix=untagged_matrix, run=run
    )
    return chosen(scores)


async def best_splice(
    left_clip: ClipFile,
    right_clip: ClipFile,
    last: int = 12,
    first: int = 12,
    *,
    left_last_frame_index: int | None = None,
    skip_frames: int = 1,
    untagged_matrix: Matrix = "bt601",
    run: Runner = in_thread,
) -> Splice:
    """The pair of frames between which a cut is seen least, of ``last`` x ``first`` candidates.

    The right clip was started from a frame of the left one. ``skip_frames``: its first frames that
    repeat it and are never entered at. Raises DamagedClip when a clip does not decode or is too
    short.
    """
    count = None if left_last_frame_index is None else left_last_frame_index + 1
    sides = (left_clip, count), (right_clip, skip_frames + first + 1)
    return await run(_splice, sides, last, skip_frames, untagged_matrix)


def _tail_scores(
    clip: ClipFile, count: int | None, window: int, untagged_matrix: Matrix
) -> tuple[TailScore, ...]:
    return tail_scores(sample_clip(clip, count=count, untagged_matrix=untagged_matrix), window)


def _splice(
    sides: tuple[tuple[ClipFile, int | None], ...],
    last: int,
    skip_frames: int,
    untagged_matrix: Matrix,
) -> Splice:
    """Each side: a clip, and of how many of its frames."""
    left, right = (
        sample_clip(clip, count=count, untagged_matrix=untagged_matrix, sharpness=False)
        for clip, count in sides
    )
    return splice(left.part(max(0, len(left) - last - 1), len(left)), right, skip_frames)


def tail_scores(samples: Samples, window: int = WINDOW) -> tuple[TailScore, ...]:
    """As ``score_tail``, on samples whose last ``window`` frames know their sharpness."""
    window = min(window, len(samples))
    tail = samples.part(len(samples) - window, len(samples))
    sharpness = tail.sharpness / max(float(np.nanmax(tail.sharpness)), 1e-9)
    exposure = _exposures(tail.luma)
    calm = _calms(samples.part(max(0, len(samples) - window - 1), len(samples)), window)
    recency = np.arange(1, window + 1) / window
    parts = {"sharpness": sharpness, "exposure": exposure, "calm": calm, "recency": recency}
    total = sum(_WEIGHTS[name] * values for name, values in parts.items()) / sum(_WEIGHTS.values())
    return tuple(
        TailScore(
            frame_index=tail.first_frame_index + at,
            score=float(np.asarray(total)[at]),
            **{name: float(values[at]) for name, values in parts.items()},
        )
        for at in range(window)
    )


def chosen(scores: tuple[TailScore, ...]) -> TailScore:
    """The best of the candidates; the last one where none is better by a clear margin."""
    best = max(scores, key=lambda each: (each.score, each.frame_index))
    return best if best.score >= scores[-1].score + _LEAST_GAIN else scores[-1]


def splice(left: Samples, right: Samples, skip_frames: int = 1) -> Splice:
    """As ``best_splice``, on the last frames of one clip and the first of the next.

    The first of ``left`` and the last of ``right`` are only there to know how the others move.
    """
    if len(left) < 2 or len(right) < skip_frames + 2:
        raise ValueError("too few frames to choose a splice from")
    before, after = motions(left), motions(right)
    usual = float(np.median(np.concatenate([left.steps(), right.steps()])))
    plain = (len(left) - 1, skip_frames)
    costs: dict[tuple[int, int], float] = {}
    for i, j in {plain, *_likeliest(left, right, skip_frames, usual)}:
        seen = _join_cost(left, i, right, j, before[i - 1], after[j], usual)
        cut = (len(left) - 1 - i) + (j - skip_frames)
        costs[i, j] = seen + _CUT_PRICE * cut
    # Of equals the one that keeps most of the clip before: it is looked at already.
    i, j = min(costs, key=lambda pair: (round(costs[pair], 6), -pair[0]))
    return Splice(
        left.first_frame_index + i, right.first_frame_index + j, costs[i, j], costs[plain]
    )


def _likeliest(
    left: Samples, right: Samples, skip_frames: int, usual_step: float
) -> list[tuple[int, int]]:
    """The pairs whose step is most like the usual one: only they are worth a closer look."""
    pairs = [(i, j) for i in range(1, len(left)) for j in range(skip_frames, len(right) - 1)]
    tails, heads = (side.rgb[:, ::2, ::2].astype(np.int16) for side in (left, right))

    def unusual(pair: tuple[int, int]) -> float:
        over = float(np.abs(tails[pair[0]] - heads[pair[1]]).mean())
        return abs(float(np.log((over + STEP_FLOOR) / (usual_step + STEP_FLOOR))))

    return sorted(pairs, key=unusual)[:_SHORTLIST]


def _exposures(luma: Floats) -> npt.NDArray[np.float64]:
    means = luma.mean(axis=(1, 2), dtype=np.float64)
    nearby = np.abs(means - np.median(means))
    lit = np.clip(means / 16, 0, 1)  # black is no start
    return np.asarray(lit * np.clip(1 - (nearby - 2) / 20, 0, 1))


def _calms(samples: Samples, window: int) -> npt.NDArray[np.float64]:
    """By the calmer step to or from each frame: blur and half-shut eyes come with motion.

    ``samples`` begin one frame before the window, if there is one.
    """
    steps = samples.steps()
    if not len(steps):
        return np.ones(window)
    to_each = np.append(steps[:1], steps)
    from_each = np.append(steps, steps[-1:])
    around = np.minimum(to_each, from_each)[-window:] + STEP_FLOOR
    usual = float(np.median(around))
    return np.asarray(usual**2 / (usual**2 + around**2))


def _join_cost(
    left: Samples,
    i: int,
    right: Samples,
    j: int,
    before: Motion | None,
    after: Motion | None,
    usual_step: float,
) -> float:
    """How far the join of left frame ``i`` and right frame ``j`` is from a step like the others."""
    one, other = left.luma[i], right.luma[j]
    shift = shift_between(one, other)
    moved = left.scale * np.array([shift.x, shift.y])
    # What differs once the second is laid over the first is appearance, not motion.
    lying = [reduced(side, 4) for side in overlapping(one, other, shift)]
    appearance = float(np.abs(lying[0] - lying[1]).mean()) / (usual_step + STEP_FLOOR)
    known = [motion for motion in (before, after) if motion is not None]
    if not known:
        return appearance
    floor = SPEED_FLOOR * left.rgb.shape[2] * left.scale
    speed = max(float(np.mean([np.linalg.norm(motion) for motion in known])), floor)
    flow = float(np.linalg.norm(moved - np.mean(known, axis=0)))
    flow += float(np.linalg.norm(known[-1] - known[0]))
    return float(appearance + flow / speed)
