"""What a changed gain or caption costs on a film that is there, against encoding it whole again.

    python -m bench.resound [--minutes 5] [--folder DIR]

Makes a film of 5-second pieces (moving noise at 832x480) with a soundtrack, then changes the gain,
then a burnt-in caption of one piece; prints processor seconds (own and of processes started) and
how many pieces were encoded. Also times `verify` against a strict decode of the same film.
"""

from __future__ import annotations

import argparse
import asyncio
import resource
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import numpy as np

from longtake.media import Ffmpeg, FilmShape, Segment, Side, assemble, find_ffmpeg, normalise
from longtake.media.cutting import cut_out
from longtake.media.fonts import find_font
from longtake.media.lettering import Lettering
from longtake.media.mixing import PlacedSound
from longtake.media.packets import read_packets
from longtake.media.probe import count_frames
from longtake.media.run import Limits
from longtake.media.sound import Loudness, make_sound
from longtake.story import ShownWords, SoundCue

FPS, COUNT, WIDTH, HEIGHT = 16, 80, 832, 480


def cpu_seconds() -> float:
    """Processor seconds of this process and of those that it started and that have ended."""
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in used)


def draw_clip(into: Path) -> Path:
    """A clip whose every frame differs from the one before, as a camera's would."""
    chance = np.random.default_rng(1)
    ground = chance.integers(0, 256, (HEIGHT // 8, WIDTH // 8, 3), np.uint8)
    ground = ground.repeat(8, 0).repeat(8, 1)
    with av.open(str(into), "w", format="mp4") as container:
        stream: Any = container.add_stream("libx264", rate=FPS, options={"crf": "18"})
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for number in range(COUNT):
            picture = np.ascontiguousarray(np.roll(ground, 3 * number, 1))
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode())
    return into


async def encode(clip: Path, into: Path, ffmpeg: Ffmpeg, words: Lettering | None) -> Segment:
    """One piece, encoded."""
    size = FilmShape(WIDTH, HEIGHT, FPS)
    await normalise(
        Side(clip, 0), into, ffmpeg=ffmpeg, frame_count=COUNT, lettering=words, shape=size
    )
    return Segment(into, COUNT, read_packets(into))


async def sound(folder: Path, pieces: int, gain_db: float, ffmpeg: Ffmpeg) -> Path:
    """The film's sound at that gain."""
    cue = SoundCue(
        kind="music", file="m.wav", begin_seconds=0, seconds=pieces * COUNT / FPS, gain_db=gain_db
    )
    into = folder / f"sound{gain_db:g}.m4a"
    await make_sound(
        [PlacedSound(cue, folder / "m.wav")],
        into,
        ffmpeg=ffmpeg,
        frame_count=pieces * COUNT,
        fps=FPS,
        loudness=Loudness(),
    )
    return into


def write_music(into: Path, seconds: float) -> None:
    """Two tones and some noise."""
    import wave

    times = np.arange(round(seconds * 48_000)) / 48_000
    tones = 0.2 * np.sin(2 * np.pi * 220 * times) + 0.1 * np.sin(2 * np.pi * 331 * times)
    with wave.open(str(into), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(48_000)
        file.writeframes((tones * 32767).astype(np.int16).tobytes())


async def measure(folder: Path, pieces: int, tell: Callable[[str], None]) -> None:
    """Make the film, change it twice, verify it once."""
    ffmpeg = find_ffmpeg()
    clip, film = draw_clip(folder / "clip.mp4"), folder / "film.mp4"
    write_music(folder / "m.wav", pieces * COUNT / FPS)

    began = cpu_seconds()
    made = [await encode(clip, folder / f"{number}.mp4", ffmpeg, None) for number in range(pieces)]
    heard = await sound(folder, pieces, 0, ffmpeg)
    await assemble(made, film, ffmpeg=ffmpeg, fps=FPS, sound=heard)
    whole = cpu_seconds() - began
    tell(f"made whole: {whole:.1f} s, {pieces} pieces encoded")

    def kept(number: int) -> Segment:
        packets = made[number].packets
        return cut_out(
            film,
            folder / f"kept{number}.mp4",
            first_frame_index=number * COUNT,
            digests=packets.digests if packets else (),
            fps=FPS,
        )

    began = cpu_seconds()
    again = [await asyncio.to_thread(kept, number) for number in range(pieces)]
    heard = await sound(folder, pieces, -6, ffmpeg)
    await assemble(again, folder / "gain.mp4", ffmpeg=ffmpeg, fps=FPS, sound=heard)
    gain = cpu_seconds() - began
    tell(f"another gain: {gain:.1f} s ({gain / whole:.1%}), 0 pieces encoded, the sound again")

    began = cpu_seconds()
    line = ShownWords(begin_seconds=1, end_seconds=3, text="A caption")
    words = Lettering((line,), WIDTH, HEIGHT, find_font())
    first = await encode(clip, folder / "burnt.mp4", ffmpeg, words)
    rest = [await asyncio.to_thread(kept, number) for number in range(1, pieces)]
    await assemble([first, *rest], folder / "burnt-film.mp4", ffmpeg=ffmpeg, fps=FPS, sound=heard)
    burnt = cpu_seconds() - began
    tell(f"a burnt-in caption: {burnt:.1f} s ({burnt / whole:.1%}), 1 piece encoded")

    began = cpu_seconds()
    frames = len((await asyncio.to_thread(read_packets, film)).digests)
    digests = cpu_seconds() - began
    began = cpu_seconds()
    limits = Limits(wall_seconds=3600, cpu_seconds=3600)
    assert await count_frames(film, ffmpeg=ffmpeg, max_frames=frames + 1, limits=limits) == frames
    decode = cpu_seconds() - began
    tell(f"verify: {digests:.2f} s of {decode:.1f} s for a decode ({digests / decode:.2%})")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--folder", type=Path)
    asked = parser.parse_args()
    pieces = max(1, round(asked.minutes * 60 * FPS / COUNT))
    with tempfile.TemporaryDirectory(dir=asked.folder) as folder:
        asyncio.run(measure(Path(folder), pieces, print))


if __name__ == "__main__":
    main()
