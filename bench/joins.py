"""From clips that are there to one film: what each way costs. Used by ``bench/all.py``."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from bench.whole import ROOT
from longtake.emulator.drawing.clips import text_to_video
from longtake.emulator.validation import Parameters
from longtake.media import Ffmpeg, FilmShape, Segment, Side, assemble, find_ffmpeg, normalise
from longtake.media.packets import read_packets
from longtake.media.shape import CRF, PRESET, PRESET_PARAMS

FRAMES, FPS = 81, 16
SHAPE = FilmShape(832, 480, FPS)

MOVIEPY = """
import sys
sys.path.insert(0, "bench")
from pathlib import Path
from sdk_script import join
join([Path(each) for each in sys.argv[2:]], Path(sys.argv[1]))
"""


class Cost(NamedTuple):
    """Of one way with so many clips."""

    way: str
    seconds: float
    cpu_a_clip: float


def costs(count: int) -> list[Cost]:
    """Every way, once, with ``count`` copies of a drawn clip."""
    ffmpeg = find_ffmpeg()
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        clips = drawn(folder, count)
        segments: list[Segment] = []
        ways: dict[str, Callable[[], None]] = {
            "raw copy of the clips (`concat`, nothing encoded)": lambda: copied(ffmpeg, clips),
            "strict decode of every clip": lambda: decoded(ffmpeg, clips),
            "one decode and one encode a clip": lambda: encoded(ffmpeg, clips),
            "longtake: segments, as clips come": lambda: segments.extend(normalised(ffmpeg, clips)),
            "longtake: the join, and its proof": lambda: joined(ffmpeg, segments, folder),
            "plain ffmpeg, one graph (`concat` filter)": lambda: filtered(ffmpeg, clips),
            "MoviePy": lambda: moviepy(clips, folder),
        }
        return [measured(way, work, count) for way, work in ways.items()]


def many(count: int) -> tuple[float, float]:
    """Seconds of a raw copy of so many short segments, and of their join with its proof."""
    ffmpeg = find_ffmpeg()
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        (clip,) = drawn(folder, 1)
        (one,) = normalised(ffmpeg, [clip], frames=FPS)
        segments = [
            Segment(Path(shutil.copy(one.path, folder / f"{number}.mp4")), FPS, one.packets)
            for number in range(count)
        ]
        copy = measured("copy", lambda: copied(ffmpeg, [each.path for each in segments]), count)
        join = measured("join", lambda: joined(ffmpeg, segments, folder), count)
        return copy.seconds, join.seconds


def measured(way: str, work: Callable[[], None], count: int) -> Cost:
    """Seconds, and processor seconds of this process and its children, of the work."""
    before, began = os.times(), time.monotonic()
    work()
    took, after = time.monotonic() - began, os.times()
    cpu = sum(later - earlier for earlier, later in zip(before[:4], after[:4], strict=True))
    return Cost(way, took, cpu / count)


def drawn(folder: Path, count: int) -> list[Path]:
    """Copies of a clip as the emulator draws it, 81 frames at 480p."""
    content = text_to_video(Parameters(prompt="A sailing boat at dusk"), seed=5)
    clips = [folder / f"{number}.mp4" for number in range(count)]
    for clip in clips:
        clip.write_bytes(content)
    return clips


def normalised(ffmpeg: Ffmpeg, clips: list[Path], frames: int = FRAMES) -> list[Segment]:
    """The clips in the film's shape, one by one."""

    async def work() -> list[Segment]:
        made = []
        for clip in clips:
            into = clip.with_suffix(".segment.mp4")
            await normalise(Side(clip, 0), into, ffmpeg=ffmpeg, frame_count=frames, shape=SHAPE)
            made.append(Segment(into, frames, read_packets(into)))
        return made

    return asyncio.run(work())


def joined(ffmpeg: Ffmpeg, segments: list[Segment], folder: Path) -> None:
    """The film of the segments, checked packet by packet."""
    asyncio.run(assemble(segments, folder / "film.mp4", ffmpeg=ffmpeg, fps=FPS))


def copied(ffmpeg: Ffmpeg, clips: list[Path]) -> None:
    """What no joined film can be cheaper than."""
    listing = clips[0].with_name("list.txt")
    listing.write_text("".join(f"file '{clip}'\n" for clip in clips))
    into = str(clips[0].with_name("copied.mp4"))
    _ffmpeg(ffmpeg, "-f", "concat", "-safe", "0", "-i", str(listing), "-c", "copy", into)


def decoded(ffmpeg: Ffmpeg, clips: list[Path]) -> None:
    """Every frame of every clip, and nothing else."""
    for clip in clips:
        _ffmpeg(ffmpeg, "-xerror", "-err_detect", "explode", "-i", str(clip), "-f", "null", "-")


def encoded(ffmpeg: Ffmpeg, clips: list[Path]) -> None:
    """What no corrected film can be cheaper than, with the encoder's settings of a segment."""
    options = ["-c:v", "libx264", "-preset", PRESET, "-x264-params", PRESET_PARAMS[PRESET]]
    options += ["-crf", str(CRF), "-bf", "0", "-threads", "2"]
    for clip in clips:
        _ffmpeg(ffmpeg, "-threads", "1", "-i", str(clip), *options, str(clip.with_suffix(".e.mp4")))


def filtered(ffmpeg: Ffmpeg, clips: list[Path]) -> None:
    """One process that decodes, joins and encodes them all."""
    inputs = [word for clip in clips for word in ("-i", str(clip))]
    chain = "".join(
        f"[{at}:v]trim=start_frame={int(at > 0)},setpts=PTS-STARTPTS[v{at}];"
        for at in range(len(clips))
    )
    chain += "".join(f"[v{at}]" for at in range(len(clips))) + f"concat=n={len(clips)}[v]"
    options = ["-map", "[v]", "-c:v", "libx264", "-preset", "veryfast", "-crf", "17"]
    into = str(clips[0].with_name("filtered.mp4"))
    _ffmpeg(ffmpeg, *inputs, "-filter_complex", chain, *options, into)


def moviepy(clips: list[Path], folder: Path) -> None:
    """MoviePy's own concatenation."""
    command = [sys.executable, "-c", MOVIEPY, str(folder / "moviepy.mp4"), *map(str, clips)]
    subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.DEVNULL)


def _ffmpeg(ffmpeg: Ffmpeg, *words: str) -> None:
    command = [ffmpeg.path, "-nostdin", "-v", "error", "-y", *words]
    subprocess.run(command, check=True)
