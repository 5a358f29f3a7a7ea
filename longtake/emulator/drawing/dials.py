"""Dials that make the emulator's clips as imperfect as the real models' are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Share = Annotated[float, Field(ge=-1, le=1)]
Levels = Annotated[float, Field(ge=-255, le=255)]
Frames = Annotated[int, Field(ge=0)]
EvenPixels = Annotated[int, Field(ge=-32, le=32, multiple_of=2)]


class ColourDrift(BaseModel):
    """What one i2v hop does to the colours; all zero means nothing."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    gain: Share = 0.0
    """Share of luma added: 0.02 is two per cent brighter."""
    saturation: Share = 0.0
    """Share of colour added."""
    tint_blue: Levels = 0.0
    """Levels (of 255) added to the chroma plane of blue."""
    tint_red: Levels = 0.0
    """Levels (of 255) added to the chroma plane of red."""
    red_gain: Share = 0.0
    """Share of red added, next to the other two channels."""
    green_gain: Share = 0.0
    """The same for green."""
    blue_gain: Share = 0.0
    """The same for blue."""
    from_frame_index: Frames = 0
    """0 shifts the whole clip, its first frame too (as a decoder does); 1 leaves the first frame as
    the image that was sent."""
    over_frames: Frames = 0
    """0: at once; else the shift grows from nothing to its whole over this many frames."""

    @property
    def is_still(self) -> bool:
        """Whether the dial is at zero."""
        return not (
            self.gain or self.saturation or self.tint_blue or self.tint_red or self.has_channels
        )

    @property
    def has_channels(self) -> bool:
        """Whether red, green and blue change by themselves."""
        return bool(self.red_gain or self.green_gain or self.blue_gain)

    def share_at(self, frame_index: int) -> float:
        """How much of the shift a frame (0-based) has, 0 to 1."""
        since = frame_index - self.from_frame_index
        if since < 0:
            return 0.0
        return min(since / self.over_frames, 1.0) if self.over_frames else 1.0


NO_DRIFT = ColourDrift()


class Dials(BaseModel):
    """How a clip falls short; the defaults are a faultless clip.

    What concerns the start image (``colour_drift``, ``noise``, the shift, ``softness``, ``flash``,
    ``duplicate_frames``, ``standstill_frames``, ``wrong_start``) acts on i2v clips alone;
    ``cut_frame_index``, ``freeze_frame_index`` and what concerns the file on t2v clips, too.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    colour_drift: ColourDrift = NO_DRIFT
    noise: Annotated[float, Field(ge=0, le=64)] = 0.0
    """Standard deviation, in levels, of grain on every frame."""
    shift_x: EvenPixels = 0
    """Pixels by which the whole clip lies further right than the image that was sent."""
    shift_y: EvenPixels = 0
    """The same, down."""
    softness: Annotated[float, Field(ge=0, le=8)] = 0.0
    """Standard deviation, in pixels, of a blur over every frame."""
    flash: Levels = 0.0
    """Levels by which the first frame is too bright (below 0: too dark); it fades over
    ``flash_frames``."""
    flash_frames: Annotated[int, Field(ge=1)] = 8
    """After how many frames nothing of the flash is left."""
    lift_shadows: Levels = 0.0
    """Levels by which dark parts of the first frame are raised: contrast that is lost. At black it
    is a third of that, from a quarter of the range on it falls in a line."""
    lift_highlights: Levels = 0.0
    """The same for white; below 0 it is lowered."""
    lift_kept: Annotated[float, Field(ge=0, le=1)] = 0.0
    """Share of the lift that stays; the rest is halved with every ``lift_half_life`` frames."""
    lift_half_life: Annotated[float, Field(gt=0)] = 2.0
    """Frames in which half of what fades of the lift is gone."""
    texture_loss: Annotated[float, Field(ge=0, le=64)] = 0.0
    """Levels of fine detail below which it is redrawn from frame 0 on, as a decoder of latents
    does: texture goes, edges stay, and what is gone once is not lost again."""
    hold_frames: Annotated[int, Field(ge=1)] = 1
    """How many frames in a row show the same moment: 2 is a drawing on twos."""
    beat: Annotated[float, Field(ge=0, le=1)] = 0.0
    """How unequal four steps in a row are, as frames made from latents of four are; 0 is even."""
    duplicate_frames: Frames = 0
    """How often the first frame is repeated before anything moves."""
    standstill_frames: Frames = 0
    """Over how many frames the motion gathers speed again; 0: it goes on as it came."""
    freeze_frame_index: Frames | None = None
    """The frame at which the picture stands still for ``freeze_frames``, then goes on."""
    freeze_frames: Annotated[int, Field(ge=1)] = 12
    """How many frames in a row show the same then."""
    cut_frame_index: Annotated[int, Field(ge=1)] | None = None
    """The frame from which on the clip shows another place."""
    wrong_start: bool = False
    """Whether the clip starts at another picture than the one that was sent."""
    ignores_last_image: bool = False
    """Whether ``last_image`` is overlooked."""
    ignores_seed: bool = False
    """Whether the same seed gives another clip each time."""
    more_frames: Annotated[int, Field(ge=-76, le=80)] = 0
    """How many frames more there are than were asked for, in steps of four."""
    more_fps: Annotated[int, Field(ge=-4, le=36)] = 0
    """How many frames a second more the file has than were asked for; the frames stay."""
    lower_by: Annotated[int, Field(ge=0, le=128, multiple_of=2)] = 0
    """Pixels by which the picture is lower than was asked for."""
    colour_tags: Literal["none", "bt709"] = "none"
    """What the file says of its colours; they stay as they are."""

    def times(self, frame_count: int) -> list[float]:
        """Which moment of an even motion (in frames) each frame shows."""
        times, now = [], 0.0
        for frame_index in range(frame_count):
            times.append(now)
            now += self._speed(frame_index) * (1 + self.beat * _BEAT[frame_index % 4])
        return [times[at // self.hold_frames * self.hold_frames] for at in range(frame_count)]

    def _speed(self, frame_index: int) -> float:
        """What of its usual step the motion does after a frame."""
        frozen = self.freeze_frame_index
        if frozen is not None and frozen <= frame_index < frozen + self.freeze_frames - 1:
            return 0.0
        since = frame_index - self.duplicate_frames
        return min(max(since + 1, 0) / (self.standstill_frames + 1), 1.0) if since >= 0 else 0.0

    def flare_at(self, frame_index: int) -> float:
        """Levels by which a frame is too bright."""
        return self.flash * max(1 - frame_index / self.flash_frames, 0.0)

    @property
    def lifts(self) -> bool:
        """Whether contrast is lost."""
        return bool(self.lift_shadows or self.lift_highlights)

    def lift_share(self, frame_index: int) -> float:
        """How much of the lift a frame has, 0 to 1."""
        fading: float = 0.5 ** (frame_index / self.lift_half_life)
        return self.lift_kept + (1 - self.lift_kept) * fading


# What four steps of a model with latents of four frames were measured as: 1.25, 1.00, 0.98, 0.80.
_BEAT = (0.25, -0.01, -0.03, -0.21)

FAULTLESS = Dials()

PRESETS: Mapping[str, Dials] = {
    "faultless": FAULTLESS,
    "wan-fast": Dials(
        colour_drift=ColourDrift(red_gain=-0.01, green_gain=0.01, blue_gain=0.03),
        noise=0.8,
        softness=0.35,
        lift_shadows=14,
        lift_highlights=-7,
        lift_kept=0.5,
        lift_half_life=2.0,
        texture_loss=2.0,
        beat=1.0,
    ),
}
"""Dials by name. ``wan-fast``: the sizes that were measured on clips of four steps of Wan 2.2."""
