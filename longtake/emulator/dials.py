"""Dials that make the emulator's clips as imperfect as the real models' are."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ColourDrift:
    """What one i2v hop does to the colours; all zero means nothing.

    ``gain``: share of luma added (0.02 is two per cent brighter); ``saturation``: share of colour
    added; ``tint_blue``, ``tint_red``: levels (of 255) added to the two chroma planes.
    ``from_frame_index``: 0 shifts the whole clip, its first frame too (as a decoder does); 1 leaves
    the first frame as the image that was sent.
    """

    gain: float = 0.0
    saturation: float = 0.0
    tint_blue: float = 0.0
    tint_red: float = 0.0
    from_frame_index: int = 0

    @property
    def is_still(self) -> bool:
        """Whether the dial is at zero."""
        return not (self.gain or self.saturation or self.tint_blue or self.tint_red)


NO_DRIFT = ColourDrift()
