"""What is broken inside a clip: cuts nobody asked for, frames that stand still, black ones."""

from __future__ import annotations

from collections.abc import Iterator
from functools import reduce
from itertools import groupby

import numpy as np
import numpy.typing as npt

from longtake.media.measure.pixels import Floats
from longtake.media.measure.registering import Shift, overlapping, reduced, shift_between
from longtake.media.measure.samples import Samples
from longtake.story.readings import Spell

CUT_LIKENESS = 0.5
"""Likeness of the frames before and after below which a cut may lie between them."""

CUT_RATIO = 3.0
"""How much less alike the two sides of a cut must be than frames next to it as far apart."""

DETAIL_LIKENESS = 0.4
"""Likeness of details that counts as ``CUT_LIKENESS`` does: two views of sky over land are alike as
a whole, and nothing in them is."""

LEAST_CHANGE = 0.04
"""Unlikeness as a whole below which no change of details is a cut: a picture may boil."""

SAME_VIEW = 0.8
"""Likeness of two frames, laid over each other, from which they show the same from elsewhere."""

FREEZE_STEP = 0.12
"""Levels of a step below which two frames are the same."""

FREEZE_SHARE = 0.15
"""… and it must be less than this share of the clip's median step, or the clip is just calm."""

REFINED_SHARE = 0.3
"""Share of the clip's median step below which a step in the middle of equal ones is no motion."""

DWINDLES = 1.1
"""How much larger than all before it a step may be in a picture that is only made better."""

STOPPED_SHARE = 0.6
"""Share of the clip's median step below which a step that dwindles to a dead stop belongs to it."""

FREEZE_FRAMES = 4
"""Equal steps in a row that make a freeze: a quarter of a second at 16 fps."""

BLACK_LUMA = 24.0
"""Levels that all but the brightest of two hundred pixels of a black frame lie below."""

LEAP = 0.1
"""Share of the picture that a moving camera may cover in one frame without moving next to it, too:
the same thing in another place of a like view is a cut."""

_MOVED_ON = (SAME_VIEW, 0.3)  # as a whole, and in detail, which a whip of the camera blurs
_WHIP_GOES_ON = 1 / 3  # of the leap, in the frame before or the one behind
_BLOCK = 8
_BRIGHTEST = 0.005


def find_cuts(samples: Samples) -> tuple[int, ...]:
    """Frames (of the clip) that begin another view, without a cut having been asked for."""
    scores = cut_scores(samples)
    peaks = (
        int(at)
        for at in np.flatnonzero(scores >= 1)
        if scores[at] == scores[max(0, at - 2) : at + 3].max()
    )
    cuts = (at for at in peaks if not _moved_on(samples.luma, at))
    return tuple(samples.first_frame_index + at for at in cuts)


def cut_scores(samples: Samples) -> npt.NDArray[np.float64]:
    """How surely each frame begins another view, from 1 on a cut; (n,), 0 for the first.

    Two frames on either side are compared, and the most similar of them counts: a flash or a
    single broken frame comes back to what was before, a cut does not.
    """
    count = len(samples)
    if count < 2:
        return np.zeros(count)
    views, details = _views(samples.luma), _details(samples.luma)
    whole = np.array([_unlikeness(views, at) for at in range(1, count)])
    detail = np.array([_unlikeness(details, at) for at in range(1, count)])
    of_details = np.minimum(
        _cut_scores(detail, DETAIL_LIKENESS, least_usual=0.06), whole / LEAST_CHANGE
    )
    of_whole = _cut_scores(whole, CUT_LIKENESS, least_usual=0.02)
    return np.asarray(np.r_[0.0, np.maximum(of_whole, of_details)])


def _cut_scores(
    unlike: npt.NDArray[np.float64], likeness: float, *, least_usual: float
) -> npt.NDArray[np.float64]:
    """How far each change is beyond what makes a cut: by itself, and next to those around it."""
    scores = np.zeros(len(unlike))
    for at, here in enumerate(unlike):
        nearby = np.r_[unlike[max(0, at - 7) : max(0, at - 2)], unlike[at + 3 : at + 8]]
        usual = float(np.median(nearby)) if len(nearby) else 0.0
        scores[at] = min(here / (1 - likeness), here / (CUT_RATIO * max(usual, least_usual)))
    return scores


def find_freezes(samples: Samples) -> tuple[Spell, ...]:
    """Spells of frames that repeat the one before them."""
    still = standing_still(samples.steps())
    return tuple(_spells(still, FREEZE_FRAMES, samples.first_frame_index + 1))


def freeze_spell(samples: Samples) -> float:
    """How many frames in a row stand still at most, whether or not that makes a freeze."""
    spells = _spells(standing_still(samples.steps()), 1, 0)
    return float(max((spell.frame_count for spell in spells), default=0))


def standing_still(steps: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
    """Which steps lead to the same picture; (n,).

    One step between two of them that is only somewhat larger is the encoder's doing, which spends
    bits on a picture that does not move until it is as good as it gets. So are steps that fall to
    little at once and then only dwindle: what comes to rest by itself slows down first.
    """
    still: npt.NDArray[np.bool_] = steps < freeze_limit(steps)
    if len(steps) > 2:
        refined = steps < REFINED_SHARE * float(np.median(steps))
        still[1:-1] |= refined[1:-1] & still[:-2] & still[2:]
        for spell in _spells(refined, FREEZE_FRAMES, 0):
            first, last = spell.first_frame_index, spell.first_frame_index + spell.frame_count
            here = steps[first:last]
            dwindles = bool((here[1:] <= DWINDLES * np.minimum.accumulate(here)[:-1]).all())
            if first and here[0] < REFINED_SHARE * steps[first - 1] and dwindles:
                still[first:last] = True
        for spell in _spells(still, 2, 0):
            _back_to_where_it_stopped(steps, still, spell.first_frame_index)
    return still


def _back_to_where_it_stopped(
    steps: npt.NDArray[np.float64], still: npt.NDArray[np.bool_], first: int
) -> None:
    """Add to a dead stop the steps that dwindled down to it: the same picture, made better."""
    most = STOPPED_SHARE * float(np.median(steps))
    while first and steps[first] <= DWINDLES * steps[first - 1] and steps[first - 1] < most:
        first -= 1
        still[first] = True


def freeze_limit(steps: npt.NDArray[np.float64]) -> float:
    """The step below which a clip with these steps stands still."""
    usual = float(np.median(steps)) if len(steps) else 0.0
    # A clip that never moves is frozen from end to end, whatever its usual step.
    return min(FREEZE_STEP, max(FREEZE_SHARE * usual, 0.01))


def find_blacks(samples: Samples) -> tuple[Spell, ...]:
    """Spells of frames on which nothing can be seen."""
    luma = samples.luma.reshape(len(samples), -1)
    black = (luma >= BLACK_LUMA).mean(axis=1) < 2 * _BRIGHTEST  # most frames clearly are not
    if black.any():
        black[black] = np.quantile(luma[black], 1 - _BRIGHTEST, axis=1) < BLACK_LUMA
    return tuple(_spells(black, 1, samples.first_frame_index))


def _views(luma: Floats) -> npt.NDArray[np.float64]:
    """Each frame as blocks of 32 x 32 pixels, without its mean, scaled to length 1; (n, blocks)."""
    coarse = np.stack([reduced(picture, _BLOCK).ravel() for picture in luma]).astype(np.float64)
    coarse -= coarse.mean(axis=1, keepdims=True)
    lengths = np.linalg.norm(coarse, axis=1, keepdims=True)
    return np.asarray(coarse / np.maximum(lengths, 1e-9))


def _details(luma: Floats) -> npt.NDArray[np.float64]:
    """Each frame as blocks of 16 x 16 pixels without their local means, scaled to length 1."""
    blocks = np.stack([reduced(picture, _BLOCK // 2) for picture in luma]).astype(np.float64)
    details = _without_local_means(blocks).reshape(len(blocks), -1)
    lengths = np.linalg.norm(details, axis=1, keepdims=True)
    return np.asarray(details / np.maximum(lengths, 1e-9))


def _without_local_means(pictures: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Each of (n, height, width) without its means over 5 x 5."""
    height, width = pictures.shape[1:]
    wide = np.pad(pictures, ((0, 0), (2, 2), (2, 2)), mode="edge")
    down = np.asarray(reduce(np.add, (wide[:, at : at + height] for at in range(5))))
    around = reduce(np.add, (down[:, :, at : at + width] for at in range(5)))
    return np.asarray(pictures - around / 25)


def _unlikeness(views: npt.NDArray[np.float64], at: int) -> float:
    before, after = views[max(0, at - 2) : at], views[at : at + 2]
    return float(1 - (before @ after.T).max())


def _moved_on(luma: Floats, at: int) -> bool:
    """Whether the frame shows the one before from farther on: a whip of the camera, not a cut."""
    shift = shift_between(luma[at - 1], luma[at])
    one, other = overlapping(luma[at - 1], luma[at], shift)
    if one.size < luma[at].size / 3 or not _is_carried(luma, at, shift):
        return False
    pair = np.stack([one, other])
    alike = (views[0] @ views[1] for views in (_views(pair), _details(pair)))
    return all(likeness >= least for likeness, least in zip(alike, _MOVED_ON, strict=True))


def _is_carried(luma: Floats, at: int, shift: Shift) -> bool:
    """Whether a leap is part of a longer movement the same way, or small enough to be a jolt."""
    leap = np.array([shift.x, shift.y])
    if np.linalg.norm(leap) <= LEAP * luma.shape[2]:
        return True
    nearby = [
        pair for pair in ((at - 2, at - 1), (at, at + 1)) if 0 <= pair[0] < pair[1] < len(luma)
    ]
    moves = [shift_between(luma[one], luma[other]) for one, other in nearby]
    share = max((float(leap @ [move.x, move.y]) for move in moves), default=0.0) / float(
        leap @ leap
    )
    return share >= _WHIP_GOES_ON


def _spells(flags: npt.NDArray[np.bool_], least: int, first: int) -> Iterator[Spell]:
    at = 0
    for flagged, group in groupby(flags.tolist()):
        length = len(list(group))
        if flagged and length >= least:
            yield Spell(first_frame_index=first + at, frame_count=length)
        at += length
