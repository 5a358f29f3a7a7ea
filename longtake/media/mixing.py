"""The film's sound before it is encoded: every cue added at its place, to the sample, at 48 kHz.

An ffmpeg graph with an input for each of hundreds of voices takes minutes and gigabytes. Here each
file is decoded once, by PyAV, and added to a file of samples; the time goes with what is heard.
The demuxer follows from the file's name, so that no content can name another file.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np

from longtake.errors import MediaError
from longtake.sound_files import demuxer_of
from longtake.story import SoundCue

SAMPLE_RATE = 48_000
CHANNELS = 2
AAC_FRAME = 1024
"""Samples that AAC codes together."""

DUCK_RAMP_SECONDS = 0.3
"""How long the music takes to give way, and to come back."""
DUCK_GAP_SECONDS = 0.8
"""Between voices that are nearer to each other the music stays low."""

_BLOCK = 1 << 20


@dataclass(frozen=True)
class PlacedSound:
    """A cue and the file that it is heard from."""

    cue: SoundCue
    path: Path


def film_samples(frame_count: int, fps: int) -> int:
    """How long the sound of a film is, in samples.

    It is a whole number of AAC frames and not longer than the picture, so that no decoder gives
    more of it than there is film: up to 21 ms are silent at the end.
    """
    whole = frame_count * SAMPLE_RATE // fps // AAC_FRAME * AAC_FRAME
    return max(AAC_FRAME, whole)


def mix(heard: Sequence[PlacedSound], into: Path, *, samples: int, duck_db: float) -> None:
    """Add every cue into a file of 32-bit floats, two channels of so many samples; blocking.

    Nothing can clip in it. Raises MediaError for a file that cannot be decoded.
    """
    into.touch()
    bed = np.memmap(into, np.float32, "w+", shape=(samples, CHANNELS))
    voices = [one.cue for one in heard if one.cue.kind == "voice"]
    for one in heard:
        if one.cue.kind == "music":
            _lay_music(bed, one, low_spans(voices) if duck_db else [], 10 ** (-duck_db / 20))
    for one in heard:
        if one.cue.kind != "music":
            _add(bed, one)
    bed.flush()


def low_spans(voices: Sequence[SoundCue]) -> list[tuple[float, float]]:
    """When the music is low: while voices are heard, and between those that are near."""
    spans: list[tuple[float, float]] = []
    for voice in sorted(voices, key=lambda cue: cue.begin_seconds):
        begin, end = voice.begin_seconds, voice.begin_seconds + voice.seconds
        if spans and begin - spans[-1][1] < DUCK_GAP_SECONDS:
            spans[-1] = (spans[-1][0], max(end, spans[-1][1]))
        else:
            spans.append((begin, end))
    return spans


def decoded(path: Path, *, from_sample: int = 0) -> Iterator[np.ndarray]:
    """A file's sound in blocks of (samples, channels), at our rate; MediaError if it is damaged."""
    skip = from_sample
    try:
        with path.open("rb") as file, av.open(file, "r", format=demuxer_of(path)) as container:
            resampler = av.AudioResampler(format="flt", layout="stereo", rate=SAMPLE_RATE)
            for frame in _with_end(container):
                for same in resampler.resample(frame):
                    block = same.to_ndarray().reshape(-1, CHANNELS)
                    if skip < len(block):
                        yield block[skip:]
                    skip = max(0, skip - len(block))
    except (av.error.FFmpegError, OSError, ValueError, IndexError) as error:
        raise MediaError(f"{path} cannot be heard: {error}; `longtake check` says more") from error


def _with_end(container: av.container.InputContainer) -> Iterator[av.AudioFrame | None]:
    """Every frame, and None, at which a resampler gives what it still holds."""
    yield from container.decode(container.streams.audio[0])
    yield None


def _lay_music(
    bed: np.ndarray, heard: PlacedSound, low: Sequence[tuple[float, float]], level: float
) -> None:
    """Music in an empty bed: repeated as it is there, then faded and made to give way."""
    cue, path = heard.cue, heard.path
    length = min(len(bed), _samples(cue.seconds))
    once = length if cue.loop_seconds is None else min(length, _samples(cue.loop_seconds))
    at = 0
    for block in decoded(path, from_sample=_samples(cue.from_seconds)):
        part = block[: once - at]
        bed[at : at + len(part)] = part
        at += len(part)
        if at >= once:
            break
    for begin in range(once, length, once):
        size = min(once, length - begin)
        bed[begin : begin + size] = bed[:size]
    for begin in range(0, length, _BLOCK):
        part = bed[begin : min(begin + _BLOCK, length)]
        part *= _envelope(cue, begin, len(part), length)[:, None]
        if low:
            part *= _giving_way(low, level, begin, len(part))[:, None]


def _add(bed: np.ndarray, heard: PlacedSound) -> None:
    cue = heard.cue
    first = _samples(cue.begin_seconds)
    length = min(len(bed) - first, _samples(cue.seconds))
    at = 0
    for block in decoded(heard.path, from_sample=_samples(cue.from_seconds)):
        part = block[: max(0, length - at)]
        envelope = _envelope(cue, at, len(part), length)
        bed[first + at : first + at + len(part)] += part * envelope[:, None]
        at += len(part)
        if at >= length:
            return


def _envelope(cue: SoundCue, begin: int, size: int, length: int) -> np.ndarray:
    """How loud each of so many samples of a cue is, with its gain and its fades."""
    index = np.arange(begin, begin + size, dtype=np.float32)
    loud = np.full(size, 10 ** (cue.gain_db / 20), np.float32)
    for seconds, distance in ((cue.fade_in_seconds, index), (cue.fade_out_seconds, length - index)):
        if fade := min(length, _samples(seconds)):
            loud *= np.clip(distance / fade, 0, 1)
    return loud


def _giving_way(
    low: Sequence[tuple[float, float]], level: float, begin: int, size: int
) -> np.ndarray:
    """1, and ``level`` where voices are, with slopes between; the spans do not touch."""
    ramp = DUCK_RAMP_SECONDS
    times = [at for one, two in low for at in (one - ramp, one, two, two + ramp)]
    levels = [1.0, level, level, 1.0] * len(low)
    index = np.arange(begin, begin + size) / SAMPLE_RATE
    return np.interp(index, times, levels).astype(np.float32)


def _samples(seconds: float) -> int:
    return round(seconds * SAMPLE_RATE)
