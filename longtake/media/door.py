"""What other rooms take from media; all of it is loaded at the first use of any."""

from __future__ import annotations

from longtake.media.binary import Ffmpeg, find_ffmpeg
from longtake.media.dissolving import dissolve
from longtake.media.film import Chapter, FilmFacts, Segment, assemble
from longtake.media.frames import fit_still, take_frame
from longtake.media.measure.anchors import choose_anchors
from longtake.media.measure.arrival import fit_arrival, read_arrival
from longtake.media.measure.colour import calibrate
from longtake.media.measure.deflash import find_flash
from longtake.media.measure.exposures import Handed, look_back
from longtake.media.measure.readings import ReadStretch, read_clip, read_ends, read_pair, read_seam
from longtake.media.measure.tail import best_handover, best_splice
from longtake.media.own import fit_own
from longtake.media.probe import ClipFacts, inspect_clip
from longtake.media.segments import Side, normalise
from longtake.media.shape import FilmShape, Matrix

__all__ = [
    "Chapter",
    "ClipFacts",
    "Ffmpeg",
    "FilmFacts",
    "FilmShape",
    "Handed",
    "Matrix",
    "ReadStretch",
    "Segment",
    "Side",
    "assemble",
    "best_handover",
    "best_splice",
    "calibrate",
    "choose_anchors",
    "dissolve",
    "find_ffmpeg",
    "find_flash",
    "fit_arrival",
    "fit_own",
    "fit_still",
    "inspect_clip",
    "look_back",
    "normalise",
    "read_arrival",
    "read_clip",
    "read_ends",
    "read_pair",
    "read_seam",
    "take_frame",
]
