"""Deflash: first frames that flare up, sink or lose contrast, and recover, are brought back.

What a model does to its first frames is mostly lost contrast: black is raised, white is lowered,
and half of it is gone after a few frames. So what is taken off is a curve of luma, one for each
frame, faded out. Brightness is followed on the same surfaces from frame to frame, beginning with
the image that was sent, so that a bright thing that comes into view is no flash.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from longtake.media.measure.averaged import averaged_frames
from longtake.media.measure.exposures import BLOCK, Handed, Past, exposures_of, past_of
from longtake.media.measure.fading import FRAMES, Decays, Fade, Flags, Levels, fade_of
from longtake.media.measure.grading import AT, KNOTS
from longtake.media.measure.kept import ClipFile, Decoded, less_of
from longtake.media.measure.pixels import Floats, Picture, decode_rgb, read_png, size_of
from longtake.media.measure.registering import (
    luma_of,
    overlapping,
    reduced,
    shift_between,
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

_LEAST_TREND_FRAMES = 6
# A flash departs from the image that was sent, too; light that goes out later does not.
_DEPARTED = 0.5
_UNEXPLAINED = 0.25
_COARSE_BLOCK = 16


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
    small = less_of(clip, Decoded.without_whole)
    return await run(_find_flash, sent, small, handed, untagged_matrix)


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
    past: Past

    def fade(self, exposures: Levels, shares: Levels, decays: Decays | None = None) -> Fade:
        """What explains ``exposures`` of the clip's frames best, as far as they are followed."""
        averaged = np.concatenate([self.averaged[: len(exposures)], self.past.averaged])
        return fade_of(exposures, shares, decays, past=self.past.exposures, averaged=averaged)


def _find_flash(
    sent: Picture, clip: ClipFile, handed: Handed | None, untagged_matrix: Matrix
) -> Flash:
    size = small_size(*size_of(clip, untagged_matrix))
    frames = decode_rgb(clip, count=WATCHED_FRAMES, size=size, untagged_matrix=untagged_matrix)
    lumas = [luma_of(one) for one in (read_png(sent, size=size), *frames)]
    exposures = exposures_of(lumas)
    if len(exposures) < min(FRAMES, len(frames)):
        reason = f"frame {len(exposures)} shows something else than the one before it"
        return Flash(applied=False, reason=reason)
    past = handed.past if handed is not None else None
    if past is None or past.size != size:
        past = past_of(lumas[0], handed, size, untagged_matrix)
    return _judged(255 * np.array(exposures), _Seen(lumas, averaged_frames(clip), past))


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


def _shares(luma: Floats) -> Levels:
    """How much of a picture lies at each point of a curve; sums to 1."""
    nearby = np.abs(reduced(luma, BLOCK).ravel()[:, None] / 255 - AT) * (KNOTS - 1)
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
