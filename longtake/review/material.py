"""What the page shows next to the record: pictures and moments that others cut out of the film."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

BeforeOrAfter = Literal["before", "after"]
"""A seam before its correction, or as it is in the film."""


@dataclass(frozen=True)
class SeamFrames:
    """The two frames that meet at a seam, as JPEG; None where the clip is not there."""

    left: bytes | None = None
    right: bytes | None = None


@dataclass(frozen=True)
class Moment:
    """A part of the seam reel."""

    seam: str
    """The seam's name, as ``seam_name`` gives it."""
    treatment: BeforeOrAfter
    first_seconds: float
    """Where the moment begins in the reel."""
    seconds: float
    seam_seconds: float
    """Where in the reel the seam is: the first frame of the clip after it."""


@dataclass(frozen=True)
class Material:
    """Everything that the page shows and that is not in the record."""

    frames: Mapping[str, SeamFrames] = field(default_factory=dict)
    """By the seam's name."""
    reel: str | None = None
    """The reel's file, relative to the page."""
    moments: tuple[Moment, ...] = ()
    absent: frozenset[str] = frozenset()
    """Files that the record names and that are not there any more, as it names them."""
    waveform: tuple[float, ...] = ()
    """The film's sound: the loudest sample (0 to 1) of each of its equal parts; () if silent."""
    remarks: tuple[str, ...] = ()
    """What could not be made for the page, and why."""

    def moment(self, seam: str, treatment: BeforeOrAfter) -> Moment | None:
        """The reel's part for a seam; None where it has none."""
        for moment in self.moments:
            if (moment.seam, moment.treatment) == (seam, treatment):
                return moment
        return None
