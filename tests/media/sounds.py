"""Sounds that tests make themselves: clicks, tones, silence, in any container PyAV can write."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

RATE = 48_000


def tone(seconds: float, *, hertz: float = 440.0, level: float = 0.3) -> np.ndarray:
    times = np.arange(round(seconds * RATE)) / RATE
    return (level * np.sin(2 * np.pi * hertz * times)).astype(np.float32)


def clicks(seconds: float, at: list[float], *, level: float = 0.9) -> np.ndarray:
    samples = np.zeros(round(seconds * RATE), np.float32)
    for begin in at:
        first = round(begin * RATE)
        samples[first : first + 48] = level
    return samples


def write_sound(into: Path, samples: np.ndarray, *, codec: str = "pcm_s16le") -> Path:
    """One channel at 48 kHz; the container follows from the name."""
    into.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(into), "w") as container:
        stream: Any = container.add_stream(codec, rate=RATE, layout="mono")
        whole = (np.clip(samples, -1, 1) * 32767).astype(np.int16)[None]
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(whole), format="s16", layout="mono")
        frame.sample_rate, frame.time_base, frame.pts = RATE, Fraction(1, RATE), 0
        resampler = av.AudioResampler(
            format=stream.codec_context.format,
            layout="mono",
            rate=RATE,
            frame_size=stream.codec_context.frame_size,
        )
        for part in [*resampler.resample(frame), *resampler.resample(None)]:
            container.mux(stream.encode(part))
        container.mux(stream.encode())
    return into


def read_sound(path: Path) -> np.ndarray:
    """The first channel, as a player would give it."""
    with av.open(str(path)) as container:
        resampler = av.AudioResampler(format="fltp", rate=RATE)
        blocks = [
            same.to_ndarray()[0]
            for frame in container.decode(audio=0)
            for same in resampler.resample(frame)
        ]
    return np.concatenate(blocks) if blocks else np.zeros(0, np.float32)
