"""What was measured of clips and seams: plain values, to be judged by rules and shown to people.

Colours are compared in CIE Lab as ΔE (CIE76); luma is in levels of 0 to 255; motion is in pixels a
frame. A value that could not be measured, or has no meaning for its kind of seam, is None.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class Reading(BaseModel):
    """Base of all readings: frozen, and the same after a round trip through JSON.

    What pydantic needs for it is built when it is first used: a command needs few models at once.
    """

    model_config = ConfigDict(
        extra="forbid", frozen=True, ser_json_inf_nan="null", defer_build=True
    )


class PairReading(Reading):
    """The frame that was handed over against the frame that came back as the clip's first."""

    psnr_db: float = Field(description="Peak signal-to-noise ratio of the two, over RGB.")
    ssim: float = Field(description="Structural similarity of their luma, 0 to 1.")
    colour_step: float = Field(description="Mean ΔE between them, pixel by pixel.")
    softness: float = Field(
        description="Variance of the Laplacian, came back over sent; below 1 is softer."
    )
    repeats: bool = Field(description="Whether the first frame is the one handed over.")
    block_step: float | None = Field(
        None, description="Mean ΔE between means over blocks, in which texture is averaged away."
    )
    bias: tuple[float, float, float] | None = Field(
        None, description="Levels by which red, green and blue came back too bright, with sign."
    )
    contrast: float | None = Field(
        None, description="Spread of luma over blocks, came back over sent."
    )
    detail: float | None = Field(
        None, description="As `softness`, on means of 2 x 2 pixels; no model keeps what is finer."
    )


class Calibration(Reading):
    """What the paired colour calibration found and did."""

    applied: bool
    reason: str = Field(description="Why it was applied, or why not, in words for a person.")
    shift_x: float = Field(0, description="Registration of the pair, pixels to the right.")
    shift_y: float = Field(0, description="Registration of the pair, pixels down.")
    colour_step_before: float | None = Field(
        None, description="Mean ΔE of the pair's blocks as it came."
    )
    colour_step_after: float | None = Field(
        None, description="Mean ΔE of the pair's blocks, corrected."
    )
    transform: tuple[tuple[float, float, float, float], ...] | None = Field(
        None, description="Three rows of [r, g, b, 1] → R, G, B, on values of 0 to 1."
    )
    bias_after: tuple[float, float, float] | None = Field(
        None, description="Levels that red, green and blue are too bright by, corrected, with sign."
    )
    contrast_after: float | None = Field(
        None, description="Spread of luma over blocks, corrected over sent."
    )
    model: str = Field("", description="Which model of the error was taken, in words.")
    curve: tuple[float, ...] = Field(
        (),
        description=(
            "What is added to red, green and blue before the transform, at evenly spaced luma "
            "from 0 to 1, on values of 0 to 1. Empty: nothing."
        ),
    )
    sharpening: float = Field(
        0, description="How much the frame that is handed on is sharpened; 0 is not at all."
    )
    ramp: tuple[tuple[int, tuple[tuple[float, float, float, float], ...]], ...] = Field(
        (),
        description=(
            "Where the colours move on inside the clip and were followed: transforms at some "
            "frames, the first one's and the last one's among them; in between by their share."
        ),
    )

    @property
    def changes_handover(self) -> bool:
        """Whether the frame that is handed on is another than the clip's own."""
        return self.applied or self.sharpening > 0


class Flash(Reading):
    """What flares up in a clip's first frames, and what is taken off them."""

    applied: bool
    reason: str = Field(description="Why it was taken off, or why not, in words for a person.")
    peak: float = Field(0, description="Luma levels by which the first frames flare up at most.")
    offsets: tuple[float, ...] = Field(
        (), description="Luma levels that frame 0, 1, 2 … are too bright by; empty if not applied."
    )
    curves: tuple[tuple[float, ...], ...] = Field(
        (),
        description=(
            "The same by how bright a pixel is: for each frame the levels at evenly spaced luma "
            "from 0 to 1 of the range. Empty: as many everywhere."
        ),
    )


class Treatment(Reading):
    """What was found, and is undone, of a clip that was started from an image."""

    pair: PairReading
    calibration: Calibration
    flash: Flash | None = None
    arrival: PairReading | None = Field(
        None, description="The image sent as the clip's end against its last frame, if one was."
    )


class SeamReading(Reading):
    """One seam of the film, as it is in the film."""

    left: str
    right: str
    kind: Literal["continuous", "cut", "dissolve"]
    frame_index: int = Field(description="The film's frame that is the first of `right`.")
    pair: PairReading | None = None
    step_ratio: float | None = Field(
        None, description="Step over the seam by the median step next to it: 1 unseen, 0 a repeat."
    )
    hesitation: float | None = Field(
        None, description="First steps by the calmer of those around: 1 steady, 0 begins from rest."
    )
    flash: float | None = Field(None, description="Luma levels by which the first frames flare up.")
    motion_jump: float | None = Field(
        None, description="Change of the mean motion over the seam by the mean speed next to it."
    )
    motion_cosine: float | None = Field(
        None, description="Cosine between the directions of motion before and after, -1 to 1."
    )
    retrace: float | None = Field(
        None, description="How unlike what comes is to what came before, read backwards: 0 turns."
    )
    speed_ratio: float | None = Field(
        None, description="Speed of motion after the seam by the speed before: below 1 slower."
    )


class Spell(Reading):
    """Some frames in a row."""

    first_frame_index: int
    frame_count: int


class ClipReading(Reading):
    """One clip's own file: how it looks at its two ends, and what is broken inside.

    The values of each end are means over the first and the last 15 per cent of its frames.
    """

    luma: tuple[float, float]
    contrast: tuple[float, float] = Field(description="Standard deviation of luma.")
    saturation: tuple[float, float] = Field(description="Mean chroma in Lab.")
    sharpness: tuple[float, float] = Field(description="Variance of luma's Laplacian.")
    motion: tuple[float, float] = Field(description="Mean speed.")
    cuts: tuple[int, ...] = Field((), description="Frames that begin an unprompted cut.")
    freezes: tuple[Spell, ...] = ()
    blacks: tuple[Spell, ...] = ()


class Drift(Reading):
    """How far a chain has drifted from its first clip, clip by clip, and where it leads."""

    chain: int
    clip_ids: tuple[str, ...]
    colour_step: tuple[float, ...] = Field(
        description="Per clip: colour error gathered so far, of signed remainders, in ΔE."
    )
    luma: tuple[float, ...]
    contrast: tuple[float, ...]
    saturation: tuple[float, ...]
    sharpness: tuple[float, ...]
    motion: tuple[float, ...]
    vde: dict[str, float] = Field(
        default_factory=dict,
        description="Video drifting error of each measure, linear weights (BlockVid, 2511.22973).",
    )
    start_end: dict[str, float] = Field(
        default_factory=dict,
        description="Each measure's first 15 per cent against its last (FramePack, 2504.12626).",
    )
    breaks_at_hop: int | None = Field(
        None, description="The hop (1-based) at which the limit is forecast to break."
    )


class Finding(Reading):
    """One thing a person should look at."""

    severity: Literal["bad", "warning", "note"]
    place: str = Field(description="A clip's id, or `left → right` of a seam.")
    rule: str = Field(description="Short name of the rule: `flash`, `freeze`, `step`, …")
    says: str = Field(description="What was measured, against which limit, in words.")
    score: float = Field(description="How bad, for the order: 1 is at the limit.")
    headline: str = Field("", description="What a person sees there; empty in older records.")
