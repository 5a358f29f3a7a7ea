"""Deflash: first frames that flare up, sink or lose contrast, and recover, are brought back.

What a model does to its first frames is mostly lost contrast: black is raised, white is lowered,
and half of it is gone after a few frames. So what is taken off is a curve of luma, one for each
frame, faded out. Brightness is followed on the same surfaces from frame to frame, beginning with
the image that was sent, so that a bright thing that comes into view is no flash.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from longtake.media.measure.averaged import averaged_frames
from longtake.media.measure.fading import FRAMES, Decays, Fade, Flags, Levels, fade_of
from longtake.media.measure.grading import AT, KNOTS, Curve
from longtake.media.measure.kept import ClipFile
from longtake.media.measure.models import luma_curve
from longtake.media.measure.pixels import Floats, Picture, decode_rgb, read_png
from longtake.media.measure.registering import (
    Shift,
    detail_likeness,
    luma_of,
    overlapping,
    reduced,
    shift_between,
    shift_of,
    spectrum_of,
)
from longtake.media.measure.runner import Runner, in_thread
from longtake.media.measure.tracking import small_size
from longtake.media.shape import Matrix
from longtake.story.readings import Flash

MAX_OFFSET = 0.10
"""The most that is added or taken off, as a share of the whole range."""

THRESHOLD = 2.0
"""Luma levels (root mean square over the picture) below which nothing is done."""

SHARED = 0.7
"""Share of the picture that must change as the curve says. A flash is the whole picture's; a lamp,
a spark or a door that opens is not."""

WATCHED_FRAMES = FRAMES + 8
"""First frames in which a flash is looked for: those that may belong to it, and some that tell how
light goes on."""

PAST_FRAMES = 10
"""Frames before the one that was handed over that tell how light went before."""

_LEAST_TREND_FRAMES = 6
_LEAST_PAST_FRAMES = 4
_SAME_VIEW, _CLOSE_VIEW = 0.4, 0.7
# A flash departs from the image that was sent, too; light that goes out later does not.
_DEPARTED = 0.5
_UNEXPLAINED = 0.25
_BLOCK = 4
_CLIPPED = (4, 250)  # levels
_ERROR = 0.01  # small pictures, of few blocks: as smooth as curves of noisy pairs
_COARSE_BLOCK = 16


@dataclass(frozen=True)
class Handed:
    """The frame that was handed over: ``frame_index`` (0-based) of ``clip``, as that clip came."""

    clip: ClipFile
    frame_index: int


async def find_flash(
    sent: Picture,
    clip: ClipFile,
    *,
    handed: Handed | None = None,
    untagged_matrix: Matrix = "bt601",
    run: Runner = in_thread,
) -> Flash:
    """Whether the first frames of ``clip`` flare up, against the PNG ``sent`` as its start image.

    ``handed``: where ``sent`` was taken from. How the light changed before the seam says how it
    would have gone on: a scene that brightens or darkens by itself is told from a flash. Only for
    clips that continue another: after a cut there is nothing to compare with. Never raises because
    of what the frames show; raises MediaError when a file cannot be read.
    """
    return await run(_find_flash, sent, clip, handed, untagged_matrix)


def flash_in(exposures: Levels, past: Levels | None = None) -> Flash:
    """Judge a curve of exposures: levels next to the image that was sent, one for each frame.

    ``past``: the same of the frame that was handed over and those before it, the nearest first, as
    they came.
    """
    if len(exposures) < FRAMES + _LEAST_TREND_FRAMES:
        return Flash(applied=False, reason="the clip is too short to know its usual brightness")
    earlier = None if past is None else past[:, None]
    return _told(exposures, fade_of(exposures[:, None], np.ones(1), past=earlier))


def _told(exposures: Levels, fade: Fade) -> Flash:
    """Whether ``fade``, found in these exposures (frames,), is a flash."""
    nearby = (exposures - fade.base[:, 0])[:FRAMES]
    nearby[fade.frame_count :] = 0
    top = int(np.abs(nearby).argmax())
    peak = float(nearby[top])
    if abs(peak) < THRESHOLD:
        return Flash(applied=False, reason=f"no flash: at most {abs(peak):.1f} levels", peak=peak)
    departed = float(exposures[top]) / peak
    if top > FRAMES // 2 or departed < _DEPARTED or fade.error > _UNEXPLAINED * abs(peak):
        reason = f"the light changes by {abs(peak):.1f} levels but does not come back: no flash"
        return Flash(applied=False, reason=reason, peak=peak)
    # One sign, and never more again than before: it fades.
    sign = np.sign(peak)
    fading = np.minimum.accumulate(np.maximum(sign * nearby[top:], 0))
    held = sign * np.minimum(np.r_[np.maximum(sign * nearby[:top], 0), fading], MAX_OFFSET * 255)
    word = "flare up" if peak > 0 else "sink"
    return Flash(
        applied=True,
        reason=f"the first frames {word} by {abs(peak):.1f} levels and fade",
        peak=peak,
        offsets=tuple(round(float(one), 2) for one in held),
    )


@dataclass(frozen=True)
class _Seen:
    """What a flash is looked for in: pictures, small, and what was before the seam."""

    lumas: list[Floats]
    """Of the image that was sent, and of the clip's first frames."""
    averaged: Flags
    """Of all the clip's frames: which are made from both sides."""
    past: Levels | None
    past_averaged: Flags

    def fade(self, exposures: Levels, shares: Levels, decays: Decays | None = None) -> Fade:
        """What explains ``exposures`` of the clip's frames best, as far as they are followed."""
        averaged = np.concatenate([self.averaged[: len(exposures)], self.past_averaged])
        return fade_of(exposures, shares, decays, past=self.past, averaged=averaged)


def _find_flash(
    sent: Picture, clip: ClipFile, handed: Handed | None, untagged_matrix: Matrix
) -> Flash:
    first = decode_rgb(clip, count=1, untagged_matrix=untagged_matrix)[0]
    size = small_size(first.shape[1], first.shape[0])
    frames = decode_rgb(clip, count=WATCHED_FRAMES, size=size, untagged_matrix=untagged_matrix)
    lumas = [luma_of(one) for one in (read_png(sent, size=size), *frames)]
    exposures = exposures_of(lumas)
    if len(exposures) < min(FRAMES, len(frames)):
        reason = f"frame {len(exposures)} shows something else than the one before it"
        return Flash(applied=False, reason=reason)
    past = _past(lumas[0], handed, size, untagged_matrix)
    return _judged(255 * np.array(exposures), _Seen(lumas, averaged_frames(clip), *past))


def _past(
    sent: Floats, handed: Handed | None, size: tuple[int, int], untagged_matrix: Matrix
) -> tuple[Levels | None, Flags]:
    """Exposures of the frame that was handed over and those before it, as far as they are followed.

    As they came, and without that clip's own first frames, which may flare up themselves; None
    where few are left. And which of them are made from both sides.
    """
    unknown = None, np.zeros(0, bool)
    if handed is None:
        return unknown
    first = max(FRAMES, handed.frame_index - PAST_FRAMES)
    count = handed.frame_index - first + 1
    if count <= _LEAST_PAST_FRAMES:
        return unknown
    frames = decode_rgb(
        handed.clip, first=first, count=count, size=size, untagged_matrix=untagged_matrix
    )
    found = exposures_of([sent, *(luma_of(one) for one in frames[::-1])])
    if len(found) <= _LEAST_PAST_FRAMES:
        return unknown
    averaged = averaged_frames(handed.clip)[first : handed.frame_index + 1]
    return 255 * np.array(found), averaged[::-1][: len(found)]


def exposures_of(lumas: list[Floats]) -> list[Curve]:
    """By how much (of 1) each but the first is brighter than the first, as far as can be followed.

    Each is compared with the earliest one that still shows the same, not with the one before: what
    fades by less than a level a frame is lost in rounding, and errors would add up.
    """
    exposures: list[Curve] = []
    anchor, shown, beyond = lumas[0], spectrum_of(lumas[0]), np.zeros(KNOTS)
    for before, now in pairwise(lumas):
        found = spectrum_of(now)
        change = _brighter(anchor, now, shift_of(shown, found), _CLOSE_VIEW)
        if change is None:
            anchor, shown = before, spectrum_of(before)
            beyond = exposures[-1] if exposures else beyond
            change = _brighter(anchor, now, shift_of(shown, found), _SAME_VIEW)
        if change is None:
            break
        exposures.append(beyond + np.interp(np.clip(AT + beyond, 0, 1), AT, change))
    return exposures


def _judged(exposures: Levels, seen: _Seen) -> Flash:
    """Judge curves of exposure, (frames, KNOTS), in the direction in which they fade."""
    if len(exposures) < FRAMES + _LEAST_TREND_FRAMES:
        return flash_in(exposures.mean(axis=1))
    shares = _shares(seen.lumas[0])
    fade = seen.fade(exposures, shares)
    height = fade.height
    length = float(np.sqrt(shares @ height**2))
    if length < 1e-6:
        return Flash(applied=False, reason="no flash: at most 0.0 levels")
    shape = height / length * (1 if shares @ height >= 0 else -1)
    along = shares * shape
    found = _told(exposures @ along, fade.seen_as(along))
    if not found.applied:
        return found
    share = _changed_together(seen.lumas, shape, found.offsets)
    if share < SHARED:
        reason = f"only {share:.0%} of the picture flares up: it is the scene's own light"
        return Flash(applied=False, reason=reason, peak=found.peak)
    cap = MAX_OFFSET * 255
    curves = _as_came(np.clip(np.outer(found.offsets, shape), -cap, cap), exposures)
    left = _as_came(_left_over(seen, curves, shares), exposures)
    rows = np.clip(curves + left, -cap, cap)
    return found.model_copy(
        update={"curves": tuple(tuple(round(float(one), 2) for one in row) for row in rows)}
    )


def _as_came(curves: Levels, exposures: Levels) -> Levels:
    """Curves by luma of the image that was sent, as ones by luma of the frames that came."""
    pairs = zip(curves, AT + exposures / 255, strict=False)
    return np.stack([np.interp(AT, came, curve) for curve, came in pairs])


def _left_over(seen: _Seen, curves: Levels, shares: Levels) -> Levels:
    """What still fades once ``curves`` are taken off: they are smooth, and bends are lost in them.

    What is handed on has all of it, so that it would add up along a chain.
    """
    sent, *came = seen.lumas
    shown = [one - np.interp(one / 255, AT, row) for one, row in zip(came, curves, strict=False)]
    exposures = 255 * np.array(exposures_of([sent, *shown, *came[len(shown) :]]))
    decay = np.zeros(len(exposures))
    sizes = np.sqrt((curves**2).mean(axis=1))[: len(exposures)]
    decay[: len(sizes)] = sizes / sizes.max()
    fade = seen.fade(exposures, shares, [(len(sizes), decay)])
    left = np.outer(decay[: len(curves)], fade.height)
    # By what frame 0 errs on its own, too: the pair is to tell what stays in all the others.
    left[0] += fade.rest[0]
    return left


def _brighter(before: Floats, now: Floats, shift: Shift, alike: float) -> Curve | None:
    """By how much the same surfaces became brighter; None where the views are less alike."""
    one, other = overlapping(before, now, shift)
    if detail_likeness(one, other) < alike:
        return None
    blocks = [reduced(side, _BLOCK).ravel() / 255 for side in (one, other)]
    # A block that is white in part tells a change of light too small.
    inside = (np.minimum(one, other) > _CLIPPED[0]) & (np.maximum(one, other) < _CLIPPED[1])
    usable = reduced(inside, _BLOCK).ravel() == 1
    if not usable.any():
        return np.zeros(KNOTS)
    one, other = (side[usable].astype(float) for side in blocks)
    return luma_curve(one, other, error=_ERROR)


def _shares(luma: Floats) -> Levels:
    """How much of a picture lies at each point of a curve; sums to 1."""
    nearby = np.abs(reduced(luma, _BLOCK).ravel()[:, None] / 255 - AT) * (KNOTS - 1)
    return np.asarray(np.clip(1 - nearby, 0, 1).mean(axis=0), np.float64)


def _changed_together(lumas: list[Floats], shape: Levels, offsets: tuple[float, ...]) -> float:
    """Share of the picture that changes as it should in the step in which most of it fades."""
    steps = np.diff(np.array([0.0, *offsets, 0.0]))
    at = int(np.abs(steps).argmax())
    one, other = overlapping(lumas[at], lumas[at + 1], shift_between(lumas[at], lumas[at + 1]))
    blocks = [reduced(side, _COARSE_BLOCK) for side in (one, other)]
    expected = steps[at] * np.interp(blocks[0] / 255, AT, shape)
    much = np.abs(expected) >= 0.3 * np.abs(expected).max()
    together = (blocks[1] - blocks[0])[much] / expected[much]
    return float((together > 0.25).mean())
