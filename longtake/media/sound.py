"""The film's sound: mixed, brought to a loudness by measuring it first, and encoded once as AAC.

The picture is not touched: the sound is a file of its own that the join copies into the film.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import anyio.to_thread
import av
import ffmpeg as graph
import numpy as np

from longtake.errors import MediaError
from longtake.files import whole_file
from longtake.media import commands, mixing
from longtake.media.binary import Ffmpeg
from longtake.media.mixing import CHANNELS, SAMPLE_RATE, PlacedSound
from longtake.media.run import Limits, run

BIT_RATE = "192k"

MOST_GAIN_DB = 30.0
"""Beyond that a mix is left softer than was asked for: it would be noise."""

MOST_MADE_UP_DB = 6.0
"""By how much more a mix is made louder for what the limiter takes away: more would be heard."""

_NEAR_LU = 0.1
_LEAST_ANSWER = 0.3  # a mix that a dB makes louder by less than that is all at its limit

_SILENT_LUFS = -69.0  # what cannot be measured is -70, or not a number
_HEADROOM_DB = 0.5  # AAC may overshoot what it codes


@dataclass(frozen=True)
class Loudness:
    """What the film's sound is brought to."""

    lufs: float = -14.0
    """Integrated loudness (EBU R 128)."""
    peak_db: float = -1.0
    """True peaks stay below that."""


@dataclass(frozen=True)
class SoundFacts:
    """The sound as it was made."""

    path: Path
    samples: int
    found_lufs: float
    """Of the mix, before it was brought to its loudness."""
    gain_db: float
    """By which it was made louder."""
    limited: bool
    """Whether peaks had to be kept low for it."""


async def make_sound(
    heard: Sequence[PlacedSound],
    into: Path,
    *,
    ffmpeg: Ffmpeg,
    frame_count: int,
    fps: int,
    duck_db: float = 0.0,
    loudness: Loudness | None = None,
) -> SoundFacts:
    """Mix everything that is heard in a film of so many frames into an MP4 of AAC at ``into``.

    Without ``loudness`` the mix stays as loud as it is. Raises MediaError where a file cannot be
    read.
    """
    if not heard:
        raise ValueError("a sound needs something that is heard")
    samples = mixing.film_samples(frame_count, fps)
    limits = _limits(samples)
    with whole_file(into) as part, TemporaryDirectory(dir=into.parent, prefix=".mix-") as folder:
        mixed = Path(folder, "mix.f32")
        lay = partial(mixing.mix, heard, mixed, samples=samples, duck_db=duck_db)
        await anyio.to_thread.run_sync(lay)
        found = await measure(mixed, ffmpeg=ffmpeg, limits=limits)
        gain_db, limited = _gain(found, loudness)
        limit_db = loudness.peak_db - _HEADROOM_DB if loudness and limited else None
        if loudness and limit_db is not None:
            gain_db += await _made_up(
                mixed, loudness.lufs, gain_db, limit_db, ffmpeg=ffmpeg, limits=limits
            )
        await run(
            _encode(ffmpeg.path, mixed, part, samples=samples, gain_db=gain_db, limit_db=limit_db),
            subject=f"encoding {into}",
            limits=limits,
        )
        made = await anyio.to_thread.run_sync(count_samples, part)
        if made > samples:
            raise MediaError(f"{into} would have {made} samples instead of {samples}")
    return SoundFacts(into, made, found[0], gain_db, limited)


async def measure(
    path: Path, *, ffmpeg: Ffmpeg, limits: Limits | None = None
) -> tuple[float, float]:
    """A mix's integrated loudness in LUFS and its true peak in dB; -inf for silence."""
    said = await _heard(_mixed(path), path, ffmpeg=ffmpeg, limits=limits, peak="true")
    return said["I"], said["Peak"]


def count_samples(path: Path) -> int:
    """Samples that a decoder gives of a sound file; blocking."""
    with path.open("rb") as file, av.open(file, mode="r") as container:
        return sum(frame.samples for frame in container.decode(audio=0))


def waveform(path: Path, columns: int) -> list[float]:
    """The loudest sample (0 to 1) in each of so many equal parts of a file's sound; blocking.

    Empty where the file has none; MediaError where it cannot be decoded.
    """
    try:
        with path.open("rb") as file, av.open(file, mode="r") as container:
            if not container.streams.audio:
                return []
            resampler = av.AudioResampler(format="flt", layout="mono", rate=8000)
            blocks = [
                same.to_ndarray()[0]
                for frame in container.decode(container.streams.audio[0])
                for same in resampler.resample(frame)
            ]
    except av.error.FFmpegError as error:
        raise MediaError(f"{path} cannot be heard: {error}") from error
    if not blocks:
        return []
    parts = np.array_split(np.abs(np.concatenate(blocks)), columns)
    return [round(float(part.max()), 3) if part.size else 0.0 for part in parts]


def _gain(found: tuple[float, float], loudness: Loudness | None) -> tuple[float, bool]:
    """By how many dB to change the mix, and whether its peaks must then be limited."""
    if loudness is None:
        return 0.0, False
    lufs, peak_db = found
    if not lufs > _SILENT_LUFS:
        return 0.0, False
    gain_db = min(MOST_GAIN_DB, loudness.lufs - lufs)
    return gain_db, peak_db + gain_db > loudness.peak_db - _HEADROOM_DB


async def _made_up(
    mixed: Path, lufs: float, gain_db: float, limit_db: float, *, ffmpeg: Ffmpeg, limits: Limits
) -> float:
    """How many dB more a mix needs to be that loud behind the limiter.

    Louder by what is missing, and once more by what is missing then, as far as the first step went.
    """
    most_db = min(MOST_MADE_UP_DB, MOST_GAIN_DB - gain_db)
    more_db, before = 0.0, float("nan")
    for _ in range(2):
        stream = _levelled(mixed, gain_db + more_db, limit_db)
        heard = (await _heard(stream, mixed, ffmpeg=ffmpeg, limits=limits))["I"]
        if lufs - heard < _NEAR_LU:
            break
        answered = max((heard - before) / more_db, _LEAST_ANSWER) if more_db else 1.0
        more_db, before = min(more_db + (lufs - heard) / answered, most_db), heard
    return more_db


async def _heard(
    stream: Any, path: Path, *, ffmpeg: Ffmpeg, limits: Limits | None, **more: str
) -> dict[str, float]:
    """What ffmpeg says of a stream's loudness when it is through, by its own names."""
    stream = stream.filter("ebur128", framelog="verbose", **more)
    words = commands.command_line(ffmpeg.path, stream.output("-", format="null"))
    words[words.index("error")] = "info"  # a filter's report is information
    command = [*words[:1], "-nostats", *words[1:]]
    finished = await run(command, subject=f"measuring {path}", limits=limits)
    summary = finished.stderr.rpartition("Summary:")[2]
    found = dict(re.findall(r"\b(I|Peak):\s+(-?[\d.]+|-?inf|nan) (?:LUFS|dBFS)", summary))
    if "I" not in found or ("peak" in more and "Peak" not in found):
        raise MediaError(f"ffmpeg did not say how loud {path} is; it said:\n{finished.stderr}")
    return {name: float(value) for name, value in found.items()}


def _encode(
    program: str, mixed: Path, into: Path, *, samples: int, gain_db: float, limit_db: float | None
) -> list[str]:
    """Encode a mix as AAC in an MP4, louder by ``gain_db``; peaks are kept below ``limit_db``."""
    stream = _levelled(mixed, gain_db, limit_db)
    stream = stream.filter("apad", whole_len=samples).filter("atrim", end_sample=samples)
    output = stream.output(
        commands.address(into),
        format="mp4",
        acodec="aac",
        audio_bitrate=BIT_RATE,
        ar=SAMPLE_RATE,
        ac=CHANNELS,
        map_metadata=-1,
        fflags="+bitexact",
        **{"flags:a": "+bitexact"},
    )
    return commands.command_line(program, output)


def _levelled(mixed: Path, gain_db: float, limit_db: float | None) -> Any:
    """The mix, louder by ``gain_db``, with its peaks below ``limit_db``."""
    stream = _mixed(mixed).filter("volume", f"{gain_db:.3f}dB")
    return stream if limit_db is None else _limited(stream, limit_db)


def _limited(stream: Any, limit_db: float) -> Any:
    """Peaks below the limit, between samples too. The limiter delays by its attack: undone."""
    attack_ms, rate = 5, 2 * SAMPLE_RATE
    late = attack_ms * rate // 1000 - 1
    stream = stream.filter("aresample", rate).filter(
        "alimiter", limit=f"{10 ** (limit_db / 20):.6f}", attack=attack_ms, release=50, level=0
    )
    stream = stream.filter("apad", pad_len=late).filter("atrim", start_sample=late)
    return stream.filter("asetpts", "N/SR/TB").filter("aresample", SAMPLE_RATE)


def _mixed(path: Path) -> Any:
    return graph.input(
        commands.address(path),
        format="f32le",
        ar=SAMPLE_RATE,
        ac=CHANNELS,
        protocol_whitelist="file,pipe",
    )["a:0"]


def _limits(samples: int) -> Limits:
    seconds = samples / SAMPLE_RATE
    return Limits(
        wall_seconds=120 + seconds,
        cpu_seconds=int(120 + seconds),
        file_bytes=samples * 4 + (64 << 20),
    )
