"""Readings: what is measured of pairs, clips and seams, for ``longtake.story.judging`` to judge.

Each function decodes what it needs once, in a worker thread, with a time limit; the files must have
passed ``inspect_clip``. Only measuring happens here: no reading is good or bad by itself.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np

from longtake.media.measure.defects import find_blacks, find_cuts, find_freezes
from longtake.media.measure.kept import ClipFile, Decoded, less_of
from longtake.media.measure.motion import motions
from longtake.media.measure.pair import compare_pair
from longtake.media.measure.pixels import Picture, decode_rgb, lab, read_png
from longtake.media.measure.runner import Runner, in_thread
from longtake.media.measure.samples import Samples, end_frame_count, sample_clip
from longtake.media.measure.seam import HEAD_FRAMES, compare_sides
from longtake.media.shape import TAIL_FRAMES, Matrix
from longtake.story.readings import ClipReading, PairReading, SeamReading

Kind = Literal["continuous", "cut", "dissolve"]


@dataclass(frozen=True)
class Ends:
    """The two ends of what the film has of a clip; small, so that a whole film's can be held."""

    head: Samples
    tail: Samples
    entry: Samples | None = None
    """The clip's own first two frames, where the first repeats the one handed over: the step over
    the seam before it lies between them."""


class ReadStretch(NamedTuple):
    """Frames in a row of a file."""

    path: Path
    first_frame_index: int
    frame_count: int


async def read_pair(
    sent: Picture, clip: ClipFile, *, untagged_matrix: Matrix = "bt601", run: Runner = in_thread
) -> PairReading:
    """The PNG ``sent`` as the clip's start image, against the clip's first frame.

    A picture of another size is compared in the clip's. Raises MediaError when one of the files
    cannot be read.
    """
    return await run(_pair, sent, less_of(clip, Decoded.without_small), untagged_matrix)


async def read_clip(
    clip: ClipFile, *, untagged_matrix: Matrix = "bt601", run: Runner = in_thread
) -> ClipReading:
    """How a clip looks at its two ends, and what is broken inside; one decode."""
    return await run(_clip, clip, untagged_matrix)


async def read_ends(
    clip: Path,
    *,
    first: int = 0,
    count: int | None = None,
    untagged_matrix: Matrix = "bt601",
    repeat: Path | None = None,
    run: Runner = in_thread,
) -> Ends:
    """The ends of frames ``first`` … ``first + count - 1`` of a segment or clip; one decode.

    For a clip's own file say which frames the film keeps: ``skip_frames``, ``kept_frame_count``.
    ``repeat``: the clip's own file, where its frame 0 repeats the frame that was handed over and
    the film has it from frame 1 on.
    """
    return await run(_ends, clip, first, count, untagged_matrix, repeat)


async def read_seam(
    before: ReadStretch,
    after: ReadStretch,
    *,
    left: str,
    right: str,
    frame_index: int,
    pair: PairReading | None = None,
    untagged_matrix: Matrix = "bt601",
    repeat: Path | None = None,
    run: Runner = in_thread,
) -> SeamReading:
    """The continuous seam from ``before`` to ``after``: no more is decoded than it is read from.

    ``left`` and ``right`` name the clips, ``frame_index`` the film's frame behind the seam;
    ``repeat`` as for ``read_ends``.
    """
    names = left, right, frame_index
    return await run(_seam, before, after, names, pair, untagged_matrix, repeat)


def seam_reading(
    before: Ends,
    after: Ends,
    *,
    left: str,
    right: str,
    kind: Kind,
    frame_index: int,
    pair: PairReading | None = None,
) -> SeamReading:
    """The seam from the tail of ``before`` to the head of ``after``.

    Only a continuous seam is measured: what changes at a cut or a dissolve is meant to change.
    """
    reading = SeamReading(left=left, right=right, kind=kind, frame_index=frame_index, pair=pair)
    if kind != "continuous":
        return reading
    return reading.model_copy(update=vars(compare_sides(before.tail, after.head, after.entry)))


def ends_of(samples: Samples) -> Ends:
    """The first and the last of these frames, as many as seams are read from, without the rest."""
    tail = max(0, len(samples) - TAIL_FRAMES)
    return Ends(samples.part(0, HEAD_FRAMES).copied(), samples.part(tail, len(samples)).copied())


def clip_reading(samples: Samples) -> ClipReading:
    """The reading of a whole clip's samples."""
    ends = end_frame_count(len(samples))
    sides = (samples.part(0, ends), samples.part(len(samples) - ends, len(samples)))
    looks = [_look(side) for side in sides]
    return ClipReading(
        **{name: (looks[0][name], looks[1][name]) for name in looks[0]},
        cuts=find_cuts(samples),
        freezes=find_freezes(samples),
        blacks=find_blacks(samples),
    )


def _look(side: Samples) -> dict[str, float]:
    """Means over one end, under the names of ``ClipReading``."""
    colours = lab(side.rgb[::2, ::2, ::2])
    speeds = [float(np.linalg.norm(motion)) for motion in motions(side) if motion is not None]
    return {
        "luma": float(side.luma.mean()),
        "contrast": float(side.luma.std(axis=(1, 2)).mean()),
        "saturation": float(np.hypot(colours[..., 1], colours[..., 2]).mean()),
        "sharpness": float(np.nanmean(side.sharpness)),
        "motion": float(np.mean(speeds)) if speeds else 0.0,
    }


def _clip(clip: ClipFile, untagged_matrix: Matrix) -> ClipReading:
    return clip_reading(sample_clip(clip, untagged_matrix=untagged_matrix))


def _ends(
    clip: Path, first: int, count: int | None, untagged_matrix: Matrix, repeat: Path | None
) -> Ends:
    samples = sample_clip(
        clip, first=first, count=count, untagged_matrix=untagged_matrix, sharpness=False
    )
    ends = ends_of(samples)
    if repeat is None:
        return ends
    entry = sample_clip(repeat, count=2, untagged_matrix=untagged_matrix, sharpness=False)
    return replace(ends, entry=entry)


def _seam(
    before: ReadStretch,
    after: ReadStretch,
    names: tuple[str, str, int],
    pair: PairReading | None,
    untagged_matrix: Matrix,
    repeat: Path | None,
) -> SeamReading:
    tail, head = min(TAIL_FRAMES, before.frame_count), min(HEAD_FRAMES, after.frame_count)
    last = before.first_frame_index + before.frame_count
    sides = (
        _ends(before.path, last - tail, tail, untagged_matrix, None),
        _ends(after.path, after.first_frame_index, head, untagged_matrix, repeat),
    )
    left, right, at = names
    return seam_reading(
        *sides, left=left, right=right, kind="continuous", frame_index=at, pair=pair
    )


def _pair(sent: Picture, clip: ClipFile, untagged_matrix: Matrix) -> PairReading:
    frames = decode_rgb(clip, count=2, untagged_matrix=untagged_matrix)
    picture = read_png(sent)
    if picture.shape != frames[0].shape:
        picture = read_png(sent, size=(frames.shape[2], frames.shape[1]))
    return compare_pair(picture, frames[0], frames[1] if len(frames) > 1 else None)
