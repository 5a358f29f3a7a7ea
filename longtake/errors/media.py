"""A file that is not what it must be."""

from __future__ import annotations

from longtake.errors.root import LongtakeError


class MediaError(LongtakeError):
    """A media file could not be read or made."""

    exit_code = 4


class DamagedClip(MediaError):
    """A clip is truncated, corrupt, or not what it claims to be; it must not be used."""


class UnfitClip(DamagedClip):
    """A clip is whole, and no film can be made of it: fetching it again brings the same."""


class FfmpegFailed(MediaError):
    """ffmpeg ended with an error, ran out of time, or was killed; carries its last words."""
