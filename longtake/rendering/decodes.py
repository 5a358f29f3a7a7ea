"""What is kept of clips that were decoded when they came, for as long as it may be asked for.

A new clip is decoded by the check that it is whole; what its treatment, mostly its reading, and the
clip after it will ask for is kept from that. Nobody depends on it: a clip of an earlier render, or
one of which nothing is kept any more, is decoded again, with the same result.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from longtake.media.measure.keeping import ToKeep
from longtake.media.measure.kept import ClipFile, Decoded
from longtake.rendering.measure_cache import is_looked_at
from longtake.story import ClipPlan

MOST_BYTES = 48 << 20
"""Of all that is kept: about four clips that nobody has looked at yet, or sixty that have a next
clip to come."""


class Decodes:
    """What is kept of clips, by their content; beyond ``most_bytes`` the oldest is forgotten."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._kept: dict[str, Decoded] = {}

    def keep(self, sha256: str, decoded: Decoded) -> None:
        """Keep what is kept of the clip."""
        self._kept.pop(sha256, None)
        if decoded.size_bytes:
            self._kept[sha256] = decoded
        while sum(each.size_bytes for each in self._kept.values()) > self._most_bytes:
            self._kept.pop(next(iter(self._kept)))

    def of(self, sha256: str, path: Path) -> ClipFile:
        """The clip whose file lies there, with what is kept of it."""
        return self._kept.get(sha256, path)

    def forget(self, sha256: str, less: Callable[[Decoded], Decoded]) -> None:
        """Nobody will ask for a part of it any more."""
        if (decoded := self._kept.get(sha256)) is None:
            return
        self._kept[sha256] = less(decoded)
        if not self._kept[sha256].size_bytes:
            del self._kept[sha256]


def parts_to_keep(clip: ClipPlan, *, is_read: bool) -> ToKeep:
    """What is asked of a clip once it is there; ``is_read``: whether it gets a reading."""
    handles = clip.handle_frame_count > 0
    return ToKeep(
        begin=is_looked_at(clip),
        last_frame_index=None if handles else clip.last_kept_frame_index,
        samples=is_read or handles,
    )
