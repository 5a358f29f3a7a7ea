"""Rules: what readings mean. Pure: readings in, findings, scores and forecasts out.

Every rule turns a reading into a score: 0 is faultless, 1 is at the limit, more falls short. The
limits were chosen on real uncut footage and injected faults; docs/readings.md shows the curves.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from longtake.story.headlines import headline
from longtake.story.readings import (
    Calibration,
    ClipReading,
    Finding,
    PairReading,
    Reading,
    SeamReading,
    Spell,
)

WARNING_SCORE = 0.8
"""A score from which a person is told, though the limit is not reached."""

RANKS: dict[str, int] = {"bad": 0, "warning": 1, "note": 2}
"""The severities of findings, the worst first."""


class Thresholds(Reading):
    """Where each rule's limit lies. Chosen by the curves in docs/readings.md."""

    step_ratio_low: float = 0.75
    """Step over a seam by the smallest next to it: from here down a frame is shown twice."""
    step_ratio_high: float = 1.25
    """Step over a seam by the largest next to it: from here up the picture jumps."""
    hesitation: float = 0.7
    """First steps by those around: from here down the clip begins from rest."""
    flash_levels: float = 3.0
    """Luma levels by which the first frames may flare up or sink."""
    motion_jump: float = 1.8
    """Change of the mean motion over a seam, by the mean speed next to it; 2 is about-turn."""
    retrace: float = 0.85
    """What follows by what came before, read backwards: from here down the motion turns round."""
    colour_step: float = 5.0
    """Mean ΔE of the pair's blocks as it came back, or as it is once corrected."""
    pair_ssim: float = 0.8
    """Structural similarity of the pair: below, the service did not honour the image."""
    softness: float = 0.45
    """Share of the pair's sharpness, on means of 2 x 2 pixels, that must be left."""
    freeze_seconds: float = 0.5
    """A freeze of that length is at the limit."""
    black_frames: int = 2
    """Black frames in a row that are at the limit."""
    drift_colour_step: float = 5.0
    """Colour error gathered along a chain, in ΔE."""
    drift_softness: float = 0.5
    """Share of a chain's first sharpness that must be left."""


THRESHOLDS = Thresholds()
"""The limits that hold."""


@dataclass(frozen=True)
class TakeScore:
    """How a take reads. ``score``: 0 is faultless, 1 at the limit, more falls short."""

    score: float
    findings: tuple[Finding, ...]
    """What a person should know, the worst first."""

    @property
    def falls_short(self) -> bool:
        """Whether the gate should not let the take pass."""
        return self.score > 1


@dataclass(frozen=True)
class _Measured:
    """One rule's outcome."""

    rule: str
    score: float
    says: str
    way: str = ""
    """Of a rule that can go wrong in several ways; ``headlines`` has them."""


def judge_seam(seam: SeamReading, *, calibration: Calibration | None = None) -> list[Finding]:
    """What is wrong with a continuous seam; never anything of a cut or a dissolve.

    ``calibration`` is the right clip's: colours that it brought back are judged as they are then.
    """
    return _findings(seam_name(seam.left, seam.right), _seam_rules(seam, calibration))


def judge_clip(clip_id: str, reading: ClipReading, *, fps: float = 16) -> list[Finding]:
    """What is broken inside a clip; its looks are not judged, only those of chains are."""
    return _findings(clip_id, _clip_rules(reading, fps))


def judge_arrival(clip_id: str, arrival: PairReading) -> list[Finding]:
    """What is wrong with a clip that was to end on a picture: that it does not."""
    if arrival.repeats:
        return []
    says = (
        "does not end on the picture that was sent as `last_image`: likeness "
        f"{arrival.ssim:.2f}, ΔE {arrival.colour_step:.1f} between it and the last frame"
    )
    score = round(1 + max(0.0, 1 - arrival.ssim), 3)
    return [Finding(severity="bad", place=clip_id, rule="arrival", says=says, score=score)]


def score_take(
    clip_id: str,
    *,
    reading: ClipReading | None = None,
    pair: PairReading | None = None,
    seam: SeamReading | None = None,
    calibration: Calibration | None = None,
    fps: float = 16,
) -> TakeScore:
    """Judge a take by what is known of it: the worst of all rules is its score.

    ``pair`` (or a ``seam`` that carries it) only for a clip that began from a picture; what is
    None is not judged.
    """
    measured: list[tuple[str, _Measured]] = []
    if reading is not None:
        measured += [(clip_id, one) for one in _clip_rules(reading, fps)]
    if seam is not None:
        pair = pair if seam.pair is None else None
        name = seam_name(seam.left, seam.right)
        measured += [(name, one) for one in _seam_rules(seam, calibration)]
    if pair is not None:
        measured += [(clip_id, one) for one in _pair_rules(pair, calibration)]
    findings = (finding for place, one in measured for finding in _findings(place, [one]))
    return TakeScore(
        score=max((one.score for _, one in measured), default=0.0),
        findings=tuple(worst_first(findings)),
    )


def worst_first(findings: Iterable[Finding]) -> list[Finding]:
    """In the order in which a person should look: bad ones, then by how bad, then as given."""
    return sorted(findings, key=lambda each: (RANKS[each.severity], -each.score))


def seam_name(left: str, right: str) -> str:
    """What findings call a seam: ``dusk/1.1 → dusk/1.2``."""
    return f"{left} → {right}"


def _seam_rules(seam: SeamReading, calibration: Calibration | None) -> Iterator[_Measured]:
    if seam.kind != "continuous":
        return
    if seam.step_ratio is not None:
        yield _step_rule(seam.step_ratio)
    if seam.hesitation is not None:
        score = math.log(max(min(seam.hesitation, 1), 1e-3)) / math.log(THRESHOLDS.hesitation)
        says = f"the clip begins from rest: it moves by {seam.hesitation:.2f} of the steps around"
        yield _Measured("motion", score, f"{says}; {THRESHOLDS.hesitation:g} is the limit", "rests")
    if seam.flash is not None:
        word = "flare up" if seam.flash > 0 else "sink"
        levels = abs(seam.flash)
        yield _Measured(
            "flash",
            levels / THRESHOLDS.flash_levels,
            f"the first frames {word} by {levels:.1f} luma levels; "
            f"{THRESHOLDS.flash_levels:g} are the limit",
            "up" if seam.flash > 0 else "down",
        )
    if seam.motion_jump is not None:
        yield _motion_rule(seam.motion_jump, seam.motion_cosine)
    if seam.retrace is not None:
        score = math.log(min(max(seam.retrace, 1e-3), 1)) / math.log(THRESHOLDS.retrace)
        says = f"the motion turns round: what follows is {seam.retrace:.2f} of the way from what "
        limit = f"came before, read backwards; {THRESHOLDS.retrace:g} is the limit"
        yield _Measured("motion", score, says + limit, "turns")
    if seam.pair is not None:
        yield from _pair_rules(seam.pair, calibration)


def _step_rule(ratio: float) -> _Measured:
    if ratio >= 1:
        score = math.log(ratio) / math.log(THRESHOLDS.step_ratio_high)
        says = f"the picture jumps: the step is {ratio:.1f} times the steps next to it"
        return _Measured("step", score, f"{says}; {THRESHOLDS.step_ratio_high:g} is the limit")
    score = math.log(max(ratio, 1e-3)) / math.log(THRESHOLDS.step_ratio_low)
    says = f"a frame is shown twice: the step is only {ratio:.2f} of the steps next to it"
    return _Measured("step", score, f"{says}; {THRESHOLDS.step_ratio_low:g} is the limit", "twice")


def _motion_rule(jump: float, cosine: float | None) -> _Measured:
    how = "changes" if cosine is None or cosine > 0.5 else "turns"
    return _Measured(
        "motion",
        jump / THRESHOLDS.motion_jump,
        f"the camera's motion {how} by {jump:.1f} times its speed; "
        f"{THRESHOLDS.motion_jump:g} is the limit",
        "turns" if how == "turns" else "",
    )


def _pair_rules(pair: PairReading, calibration: Calibration | None) -> Iterator[_Measured]:
    unlike = (1 - pair.ssim) / (1 - THRESHOLDS.pair_ssim)
    says = f"SSIM {pair.ssim:.2f}; {THRESHOLDS.pair_ssim:g} is the limit"
    if not pair.repeats:
        text = f"the first frame is not the one that was handed over: {says}"
        yield _Measured("pair", max(unlike, 1.5), text, "other")
        return
    # Noise, softness and colour lower SSIM too, and have limits of their own: not beyond the limit.
    yield _Measured("pair", min(unlike, 1.0), f"the first frame came back altered: {says}")
    yield _colour_rule(pair, calibration)
    sharpness = pair.softness if pair.detail is None else pair.detail
    lost = math.log(max(min(sharpness, 1.0), 1e-3)) / math.log(THRESHOLDS.softness)
    kept = f"{sharpness:.2f} of its sharpness is left; {THRESHOLDS.softness:g} is the limit"
    yield _Measured("soft", lost, f"the picture came back softer: {kept}")


def _colour_rule(pair: PairReading, calibration: Calibration | None) -> _Measured:
    apart = pair.colour_step if pair.block_step is None else pair.block_step
    word = "came back"
    if (
        calibration is not None
        and calibration.applied
        and calibration.colour_step_after is not None
    ):
        apart, word = calibration.colour_step_after, "are, once corrected,"
    return _Measured(
        "colour",
        apart / THRESHOLDS.colour_step,
        f"the colours {word} ΔE {apart:.1f} apart; {THRESHOLDS.colour_step:g} is the limit",
    )


def _clip_rules(reading: ClipReading, fps: float) -> Iterator[_Measured]:
    for frame_index in reading.cuts:
        yield _Measured("cut", 2.0, f"another view begins at frame {frame_index}, unasked")
    for spell in reading.freezes:
        seconds = spell.frame_count / fps
        score = seconds / THRESHOLDS.freeze_seconds
        yield _Measured(
            "freeze", score, f"the picture stands still for {seconds:.1f} s{_at(spell)}"
        )
    for spell in reading.blacks:
        score = spell.frame_count / THRESHOLDS.black_frames
        yield _Measured("black", score, f"{spell.frame_count} black frames{_at(spell)}")


def _at(spell: Spell) -> str:
    last = spell.first_frame_index + spell.frame_count - 1
    return f", frames {spell.first_frame_index} to {last}"


def _findings(place: str, measured: Iterable[_Measured]) -> list[Finding]:
    return [
        Finding(
            severity="bad" if one.score > 1 else "warning",
            place=place,
            rule=one.rule,
            says=one.says,
            score=round(one.score, 3),
            headline=headline(one.rule, one.way),
        )
        for one in measured
        if one.score >= WARNING_SCORE
    ]
