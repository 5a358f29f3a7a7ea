"""Seams as the page shows them: the frames, the readings and what is wrong with them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from operator import attrgetter

from longtake.record import RunRecord
from longtake.review.material import Material, Moment
from longtake.review.seams import seams_of
from longtake.review.wording import jpeg, number, timecode
from longtake.story import Finding, SeamReading, family_of, shipped, worst_first
from longtake.story.assessing import was_read
from longtake.story.headlines import headline
from longtake.story.judging import RANKS, THRESHOLDS, seam_name

NOT_ASSESSABLE = "not assessable"
"""Neither right nor wrong: there was nothing to measure it by, as where a view stands still."""


@dataclass(frozen=True)
class Value:
    """One measured value: its name, the number, and how to read it."""

    name: str
    text: str
    hint: str
    flagged: str = ""
    """The severity of a finding about it, or empty."""


@dataclass(frozen=True)
class SeamView:
    """One seam; ``number`` counts from 1 in film order."""

    number: int
    left: str
    right: str
    kind: str
    seconds: float
    """Where it is in the film."""
    findings: tuple[Finding, ...]
    """The worst first."""
    values: tuple[Value, ...]
    correction: str
    """What the colour calibration of the clip after it did, in words."""
    left_jpeg: str | None
    right_jpeg: str | None
    after: Moment | None
    before: Moment | None

    @property
    def name(self) -> str:
        """What findings call it."""
        return seam_name(self.left, self.right)

    @property
    def time(self) -> str:
        """Where it is in the film, as people read it."""
        return timecode(self.seconds)

    @property
    def severity(self) -> str:
        """``bad``, ``warning``, ``note``, or empty where nothing was found."""
        return self.findings[0].severity if self.findings else ""

    @property
    def score(self) -> float:
        """The highest of its findings'."""
        return max((finding.score for finding in self.findings), default=0.0)

    @property
    def summary(self) -> str:
        """The list's second line: why it is flagged, or how it reads."""
        if self.findings:
            headlines = (each.headline or headline(each.rule) for each in self.findings)
            return ", ".join(dict.fromkeys(headlines))
        if self.kind == "continuous":
            if not self.values:
                return "not measured"
            return f"not assessable: {self.unassessed}" if self.unassessed else "nothing found"
        return "meant to be seen"

    @property
    def unassessed(self) -> str:
        """What could not be judged of it, as where a view stands still."""
        return ", ".join(each.name.lower() for each in self.values if each.text == NOT_ASSESSABLE)

    @property
    def is_cut(self) -> bool:
        """Whether there is nothing to judge: a cut that nothing was found about."""
        return self.kind == "cut" and not self.findings


@dataclass(frozen=True)
class _Measure:
    """Where a value stands in a reading, and what to tell about it."""

    where: str
    name: str
    digits: int
    hint: str
    rules: tuple[str, ...]


_OK = THRESHOLDS
_MEASURES = (
    _Measure(
        "step_ratio",
        "Step",
        2,
        f"1 is unseen; {_OK.step_ratio_low:g} to {_OK.step_ratio_high:g} may pass",
        ("step",),
    ),
    _Measure(
        "motion_jump",
        "Motion jump",
        2,
        f"of the speed next to it; up to {_OK.motion_jump:g} may pass",
        ("motion",),
    ),
    _Measure(
        "retrace",
        "Way on",
        2,
        f"0 is the way back that the view came; from {_OK.retrace:g} up may pass",
        ("motion",),
    ),
    _Measure("speed_ratio", "Speed", 2, "1 goes on as fast as before, below it slower", ()),
    _Measure("motion_cosine", "Direction", 2, "1 is straight on, \u22121 the way back", ()),
    _Measure("flash", "Flash", 1, f"luma levels; up to {_OK.flash_levels:g} may pass", ("flash",)),
    _Measure(
        "pair.colour_step",
        "Colour, as it came",
        2,
        f"mean ΔE; up to {_OK.colour_step:g} may pass",
        ("colour",),
    ),
    _Measure("pair.ssim", "Likeness", 3, f"SSIM; from {_OK.pair_ssim:g} up may pass", ("pair",)),
    _Measure("pair.psnr_db", "Likeness, dB", 1, "PSNR of the pair", ()),
    _Measure("pair.softness", "Sharpness left", 2, f"from {_OK.softness:g} up may pass", ("soft",)),
)
"""What is shown of a reading, with the limits that hold unless others are given."""


def seam_views(record: RunRecord, material: Material, fps: float) -> list[SeamView]:
    """Every seam in film order."""
    return [
        _view(number, seam, record, material, fps)
        for number, seam in enumerate(seams_of(record), start=1)
    ]


def asked_fps(record: RunRecord) -> float:
    """The film's frames a second; where there is no film, what the clips were asked for at."""
    if record.film:
        return record.film.fps
    asked = (
        family.value_of("fps", clip.parameters, family.default_fps)
        for clip in record.clips.values()
        for family in [family_of(clip.model)]
    )
    usual = float(shipped().default_fps)
    return next((float(fps) for fps in asked if isinstance(fps, int | float) and fps > 0), usual)


def in_review_order(seams: Sequence[SeamView]) -> list[SeamView]:
    """The worst first, then what nothing was found about in film order, then cuts."""
    return sorted(
        seams,
        key=lambda seam: (
            seam.is_cut,
            RANKS.get(seam.severity, len(RANKS)),
            -seam.score,
            seam.number,
        ),
    )


def _view(
    number: int, seam: SeamReading, record: RunRecord, material: Material, fps: float
) -> SeamView:
    name = seam_name(seam.left, seam.right)
    found = worst_first(finding for finding in record.findings if finding.place == name)
    frames = material.frames.get(name)
    calibration = record.clips[seam.right].calibration
    return SeamView(
        number=number,
        left=seam.left,
        right=seam.right,
        kind=seam.kind,
        seconds=seam.frame_index / fps,
        findings=tuple(found),
        values=tuple(_values(seam, found)),
        correction=calibration.reason if calibration else "",
        left_jpeg=jpeg(frames.left) if frames and frames.left else None,
        right_jpeg=jpeg(frames.right) if frames and frames.right else None,
        after=material.moment(name, "after"),
        before=material.moment(name, "before"),
    )


def _values(seam: SeamReading, found: Sequence[Finding]) -> Iterator[Value]:
    severities = {finding.rule: finding.severity for finding in reversed(found)}
    for measure in _MEASURES:
        if measure.where.startswith("pair.") and seam.pair is None:
            continue
        value = attrgetter(measure.where)(seam)
        rated = (severities[rule] for rule in measure.rules if rule in severities)
        if value is not None:
            text = number(value, measure.digits)
            yield Value(measure.name, text, measure.hint, next(rated, ""))
        elif measure.rules and seam.kind == "continuous" and was_read(seam):
            yield Value(measure.name, NOT_ASSESSABLE, measure.hint)
