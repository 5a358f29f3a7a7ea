"""The other end of a clip: the frame that it ends on against the picture that it was to end on.

A clip between two pictures meets its neighbours at both ends. What the service did to the colours
is fitted on the pair at either end, and goes from one to the other over the clip. Whether it moved
to the picture at all is measured, never assumed.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from longtake.media.measure.colour import THRESHOLD, Row, judged, rows
from longtake.media.measure.correcting import apply, grade_at
from longtake.media.measure.fitting import IDENTITY, composed, limited
from longtake.media.measure.models import AFFINE
from longtake.media.measure.pair import compare_pair
from longtake.media.measure.pairing import pair_of, refusal
from longtake.media.measure.pixels import Rgb, last_rgb, read_png
from longtake.media.measure.runner import Runner, in_thread
from longtake.media.shape import Matrix
from longtake.story.readings import Calibration, PairReading


async def read_arrival(
    sent: Path, clip: Path, *, untagged_matrix: Matrix = "bt601", run: Runner = in_thread
) -> PairReading:
    """The PNG ``sent`` as the clip's end image, against the clip's last frame.

    It was honoured where the reading ``repeats``. Raises MediaError when a file cannot be read.
    """
    return await run(_arrival, sent, clip, untagged_matrix)


async def fit_arrival(
    found: Calibration,
    sent: Path,
    clip: Path,
    *,
    untagged_matrix: Matrix = "bt601",
    run: Runner = in_thread,
) -> Calibration:
    """``found``, of the clip's first frame, with what its last one needs to be like ``sent``.

    The difference grows over the clip, from nothing to all of it. Where the last frame is not the
    picture, or needs nothing, ``found`` stays as it is and says why.
    """
    return await run(_fitted, found, sent, clip, untagged_matrix)


def _arrival(sent: Path, clip: Path, untagged_matrix: Matrix) -> PairReading:
    last, _ = last_rgb(clip, untagged_matrix=untagged_matrix)
    picture = _like(sent, last)
    found = compare_pair(picture, last)
    if refusal(pair_of(picture, last), "last frame") is None:
        return found
    return found.model_copy(update={"repeats": False})  # a fade to grey is like everything


def _fitted(found: Calibration, sent: Path, clip: Path, untagged_matrix: Matrix) -> Calibration:
    last, index = last_rgb(clip, untagged_matrix=untagged_matrix)
    pair = pair_of(_like(sent, last), apply(last, grade_at(found, -1)))
    refused = refusal(pair, "last frame")
    rest = None if refused else judged(pair, THRESHOLD, AFFINE)
    why = refused or (rest.reason if rest else "")
    reason = f"{found.reason}; at its end: {why}"
    if rest is None or not rest.applied or rest.transform is None:
        return found.model_copy(update={"reason": reason})
    start = IDENTITY if found.transform is None else np.array(found.transform)
    known = found.ramp or ((0, rows(start)), (index, rows(start)))
    ramp = tuple((at, _towards(one, rest, at / index)) for at, one in known)
    moved = {"applied": True, "reason": reason, "transform": ramp[0][1], "ramp": ramp}
    return found.model_copy(update=moved)


def _towards(one: tuple[Row, ...], rest: Calibration, share: float) -> tuple[Row, ...]:
    """The transform ``one`` with its share of the rest after it."""
    after = IDENTITY + share * (np.array(rest.transform) - IDENTITY)
    return rows(limited(composed(after, np.array(one))))


def _like(sent: Path, frame: Rgb) -> Rgb:
    """The picture in the frame's shape: the service stretches what has another."""
    picture = read_png(sent)
    if picture.shape == frame.shape:
        return picture
    return read_png(sent, size=(frame.shape[1], frame.shape[0]))
