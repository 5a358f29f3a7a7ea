"""Sound files as they are found on disk: how long they are, and whether they can be used.

A file is decoded whole, in this process, by PyAV: it is the author's own. Nothing of it is kept but
a few numbers, and these for as long as the file does not change.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import log10
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from av.audio.stream import AudioStream

SILENT_DB = -60.0
"""A file whose loudest sample is below that counts as silent."""

CLIPPED_SHARE = 1e-3
"""A file of whose samples more than this share lies in flat tops counts as clipped."""

_FULL_SCALE = 0.999
_FLAT_SAMPLES = 4
"""So many samples at full scale in a row are a flat top; fewer are how a loud sound may be."""

_DEMUXERS = {".m4a": "mov", ".opus": "ogg", ".aif": "aiff"}
_EXACT = frozenset({"wav", "flac", "mov", "aiff"})
"""Whose header says exactly how long the sound is."""

_MISSING_SECONDS = 0.1


@dataclass(frozen=True)
class SoundContent:
    """What a sound file holds."""

    seconds: float
    peak_db: float
    """The loudest sample, in decibels below full scale."""
    clipped_share: float
    """Of all samples."""
    trouble: str | None = None
    """Why the file must not be used, in words; None for a sound one."""


def demuxer_of(path: Path) -> str:
    """The one demuxer that a sound file is read with, by its name: content can name no other."""
    suffix = path.suffix.lower()
    return _DEMUXERS.get(suffix, suffix.lstrip("."))


def listen(path: Path) -> SoundContent:
    """Decode a sound file; what is wrong with it is returned, not raised."""
    try:
        facts = path.stat()
    except OSError as error:
        return SoundContent(0.0, -120.0, 0.0, f"cannot be read: {error.strerror}")
    return _listen(path, facts.st_mtime_ns, facts.st_size)


@lru_cache(maxsize=512)
def _listen(path: Path, _mtime_ns: int, size_bytes: int) -> SoundContent:
    import av

    if size_bytes == 0:
        return SoundContent(0.0, -120.0, 0.0, "is empty")
    samples = _Samples()
    try:
        with path.open("rb") as file, av.open(file, "r", format=demuxer_of(path)) as container:
            if not container.streams.audio:
                return SoundContent(0.0, -120.0, 0.0, "has no sound in it")
            stream = container.streams.audio[0]
            exact = demuxer_of(path) in _EXACT
            claimed = _claimed_seconds(path, stream) if exact else 0.0
            resampler = av.AudioResampler(format="fltp")
            for frame in container.decode(stream):
                for same in resampler.resample(frame):
                    samples.add(same.to_ndarray(), same.sample_rate)
    except (av.error.FFmpegError, OSError, ValueError) as error:
        return samples.heard(f"is damaged after {samples.seconds:.2f} seconds: {_said(error)}")
    if samples.seconds == 0:
        return samples.heard("has no sound in it")
    if claimed - samples.seconds > _MISSING_SECONDS:
        return samples.heard(f"is damaged: it holds {samples.seconds:.2f} of {claimed:.2f} seconds")
    return samples.heard()


def _claimed_seconds(path: Path, stream: AudioStream) -> float:
    """How long the header says that the sound is."""
    if path.suffix.lower() == ".wav" and stream.time_base is not None:
        # libav believes the file's size; what the header says of the data is lost on it.
        with path.open("rb") as file:
            head = file.read(4096)
        at = head.find(b"data", 12)
        bits = stream.codec_context.bit_rate or 0
        size = int.from_bytes(head[at + 4 : at + 8], "little") if at > 0 else 0
        if bits and 0 < size < 0xFFFFFFFF - 1024:  # a stream of unknown length claims the most
            return size * 8 / bits
    if stream.duration is None or stream.time_base is None:
        return 0.0
    return float(stream.duration * stream.time_base)


class _Samples:
    """Counts what goes by."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._peak = 0.0
        self._flat = 0
        self._count = 0

    def add(self, block: np.ndarray, rate: int) -> None:
        """A row of samples for each channel."""
        import numpy as np

        loud = np.abs(block)
        if not np.isfinite(loud).all():
            raise ValueError("it has samples that are no numbers")
        self.seconds += block.shape[1] / rate
        self._count += block.size
        if block.size:
            self._peak = max(self._peak, float(loud.max()))
        if self._peak >= _FULL_SCALE:
            self._flat += _flat_samples(loud >= _FULL_SCALE)

    def heard(self, trouble: str | None = None) -> SoundContent:
        """What was counted, with what is wrong."""
        peak_db = 20 * log10(self._peak) if self._peak > 1e-6 else -120.0
        share = self._flat / self._count if self._count else 0.0
        return SoundContent(round(self.seconds, 6), peak_db, share, trouble)


def _flat_samples(full: np.ndarray) -> int:
    """Samples in runs of at least ``_FLAT_SAMPLES`` at full scale, over all channels."""
    import numpy as np

    count = 0
    for channel in full:
        edges = np.flatnonzero(np.diff(np.concatenate([[0], channel.astype(np.int8), [0]])))
        runs = edges[1::2] - edges[::2]
        count += int(runs[runs >= _FLAT_SAMPLES].sum())
    return count


def _said(error: Exception) -> str:
    return (getattr(error, "strerror", None) or str(error)).rstrip(".")
