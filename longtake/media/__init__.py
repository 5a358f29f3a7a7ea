"""Media: probing, frames, segments, assembly. The only room that starts processes (``run.py``)."""

from __future__ import annotations

from longtake.media.binary import Ffmpeg, find_every_ffmpeg, find_ffmpeg
from longtake.media.colour import calibrate, correct_frame
from longtake.media.commands import Matrix
from longtake.media.deflash import find_flash
from longtake.media.film import Chapter, FilmFacts, Segment, assemble
from longtake.media.frames import extract_frame, fit_still
from longtake.media.probe import ClipFacts, inspect_clip
from longtake.media.run import Limits
from longtake.media.segments import normalise

__all__ = [
    "Chapter",
    "ClipFacts",
    "Ffmpeg",
    "FilmFacts",
    "Limits",
    "Matrix",
    "Segment",
    "assemble",
    "calibrate",
    "correct_frame",
    "extract_frame",
    "find_every_ffmpeg",
    "find_ffmpeg",
    "find_flash",
    "fit_still",
    "inspect_clip",
    "normalise",
]
