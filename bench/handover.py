"""Taking the last frame: longtake next to OpenCV, MoviePy and the usual ffmpeg one-liners.

    python bench/handover.py [--runs 5] [--markdown]

Exactness over the corpus of tests/media/corpus, whose frames carry their index. A method is wrong
on a good file if it gives another frame or an error, and on a damaged one if it gives any frame at
all. Time and memory are those of a process that does nothing else, on a clip of 81 frames at 480p.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

TIMEOUT_SECONDS = 60


class Outcome(NamedTuple):
    """What a method did over the corpus, and what it took."""

    name: str
    wrong_good: list[str]
    accepted: list[str]
    """Damaged files of which it gave a frame without an error."""
    milliseconds: float
    """By the wall clock."""
    cpu_milliseconds: float
    peak_mb: float
    """Of the largest process."""


# --- methods: each runs in a process of its own, clip → PNG ------------------------------------


def longtake(clip: Path, into: Path) -> None:
    """Inspect, then extract the frame whose index was counted."""
    import anyio

    from longtake.media import inspect_clip
    from longtake.media.frames import extract_frame

    async def take() -> None:
        ffmpeg = _ffmpeg()
        facts = await inspect_clip(clip, ffmpeg=ffmpeg)
        await extract_frame(clip, facts.frame_count - 1, into, ffmpeg=ffmpeg)

    anyio.run(take)


@cache
def _ffmpeg() -> Any:
    """Looked for once, as a render does."""
    from longtake.media import find_ffmpeg

    return find_ffmpeg()


def opencv_seek(clip: Path, into: Path) -> None:
    """Seek to the frame count that the header claims, less one."""
    import cv2

    video = cv2.VideoCapture(str(clip))
    video.set(cv2.CAP_PROP_POS_FRAMES, video.get(cv2.CAP_PROP_FRAME_COUNT) - 1)
    read, picture = video.read()
    if not read:
        raise SystemExit("no frame")
    cv2.imwrite(str(into), picture)


def opencv_walk(clip: Path, into: Path) -> None:
    """Read until nothing comes, keep the last."""
    import cv2

    video, last = cv2.VideoCapture(str(clip)), None
    while True:
        read, picture = video.read()
        if not read:
            break
        last = picture
    if last is None:
        raise SystemExit("no frame")
    cv2.imwrite(str(into), last)


def moviepy_duration(clip: Path, into: Path) -> None:
    """The frame at the clip's duration."""
    _moviepy(clip, into, lambda video: video.duration)


def moviepy_before(clip: Path, into: Path) -> None:
    """The frame at the duration less one frame."""
    _moviepy(clip, into, lambda video: video.duration - 1 / video.fps)


def _moviepy(clip: Path, into: Path, when: Callable[..., float]) -> None:
    import av
    from moviepy import VideoFileClip

    with VideoFileClip(str(clip), audio=False) as video:
        picture = video.get_frame(when(video))
    with av.open(str(into), "w", format="image2") as container:
        stream = container.add_stream("png", rate=1)
        stream.height, stream.width, stream.pix_fmt = *picture.shape[:2], "rgb24"
        container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode())


def _one_liner(before: str, after: str) -> Callable[[Path, Path], None]:
    def run(clip: Path, into: Path) -> None:
        command = ["ffmpeg", "-nostdin", "-v", "error", "-y", *before.split(), "-i", str(clip)]
        subprocess.run([*command, *after.split(), str(into)], check=True, timeout=TIMEOUT_SECONDS)

    return run


METHODS: dict[str, Callable[[Path, Path], None]] = {
    "longtake": longtake,
    "OpenCV, seek to the count - 1": opencv_seek,
    "OpenCV, read to the end": opencv_walk,
    "MoviePy, get_frame(duration)": moviepy_duration,
    "MoviePy, get_frame(duration - 1/fps)": moviepy_before,
    "ffmpeg -sseof -0.1 -frames:v 1": _one_liner("-sseof -0.1", "-frames:v 1 -q:v 2"),
    "ffmpeg -sseof -1 -update 1 -frames:v 1": _one_liner("-sseof -1", "-update 1 -frames:v 1"),
    "ffmpeg -sseof -1 -update 1": _one_liner("-sseof -1", "-update 1"),
    "ffmpeg -sseof -3 -update 1": _one_liner("-sseof -3", "-update 1"),
    "ffmpeg -update 1 (decodes all)": _one_liner("", "-update 1"),
    "ffmpeg -vf reverse -frames:v 1": _one_liner("", "-vf reverse -frames:v 1"),
}


# --- measuring ---------------------------------------------------------------------------------


def main() -> None:
    """Measure every method, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=5, help="timed runs of each method")
    parser.add_argument("--markdown", action="store_true", help="as a table for docs")
    parser.add_argument("--method", nargs="+", metavar="NAME CLIP INTO", help="run one of them")
    chosen = parser.parse_args()
    if chosen.method:
        name, *paths = chosen.method
        _run_here(name, [Path(path) for path in paths])
        return
    with tempfile.TemporaryDirectory(prefix="longtake-handover-") as folder:
        outcomes = _measure(Path(folder), chosen.runs)
    _show(outcomes, chosen.markdown)


def _run_here(name: str, paths: list[Path]) -> None:
    """Over all pairs of clip and picture; a method that fails leaves no picture.

    Where it is timed, once more with everything imported: the milliseconds of that are printed.
    """
    for clip, into in zip(paths[::2], paths[1::2], strict=True):
        try:
            METHODS[name](clip, into)
        except (Exception, SystemExit):
            into.unlink(missing_ok=True)  # what was written before the error does not count
    if "TIMED" in os.environ:
        began, used = time.monotonic(), sum(os.times()[:4])
        METHODS[name](paths[0], paths[1])
        seconds, cpu_seconds = time.monotonic() - began, sum(os.times()[:4]) - used
        print(1000 * seconds, 1000 * cpu_seconds, _peak_mb())


def _peak_mb() -> float:
    """Of this process (as it is since its exec) or of its largest child."""
    lines = Path("/proc/self/status").read_text().splitlines()
    own_kb = next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))
    return max(own_kb, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss) / 1024


def _measure(folder: Path, runs: int) -> list[Outcome]:
    from longtake.media.binary import find_every_ffmpeg
    from tests.media.corpus.build import DAMAGED, GOOD, Builder
    from tests.media.corpus.pictures import write

    program = find_every_ffmpeg()[0].path
    samples = Builder(folder, program).build((*GOOD, *DAMAGED))
    print(f"{len(GOOD)} good files, {len(DAMAGED)} damaged; {program}", file=sys.stderr)
    clip = write(folder / "480p.mp4", range(81), width=832, height=480)
    outcomes = []
    for name in METHODS:
        print(name, file=sys.stderr)
        wrong, accepted = [], []
        taken = _taken(name, [sample.path for sample in samples])
        for sample, index in zip(samples, taken, strict=True):
            if sample.damaged and index is not None:
                accepted.append(f"{sample.name}: {index}")
            elif not sample.damaged and index != sample.shown[-1]:
                what = "none" if index is None else index
                wrong.append(f"{sample.name}: {what} for {sample.shown[-1]}")
        times = [_timed(name, clip, folder / "out.png") for _ in range(runs)]
        outcomes.append(
            Outcome(name, wrong, accepted, *map(statistics.median, zip(*times, strict=True)))
        )
    return outcomes


def _taken(name: str, clips: list[Path]) -> list[int | None]:
    """The index on each picture that a method gives; None for an error or no picture."""
    from longtake.media.measure.pixels import read_png
    from tests.media.corpus.pictures import read_index

    pictures = [clip.with_suffix(".png") for clip in clips]
    for picture in pictures:
        picture.unlink(missing_ok=True)
    words = [str(path) for both in zip(clips, pictures, strict=True) for path in both]
    limit = TIMEOUT_SECONDS * len(clips)
    subprocess.run(_command(name, *words), capture_output=True, timeout=limit, check=False)
    return [read_index(read_png(picture)) if picture.exists() else None for picture in pictures]


def _timed(name: str, clip: Path, into: Path) -> tuple[float, float, float]:
    """Milliseconds by the wall clock and of CPU of one call, and the peak of memory in MB."""
    ended = subprocess.run(
        _command(name, str(clip), str(into)),
        capture_output=True,
        check=True,
        env=os.environ | {"TIMED": "1"},
    )
    milliseconds, cpu_milliseconds, peak_mb = map(float, ended.stdout.split())
    return milliseconds, cpu_milliseconds, peak_mb


def _command(name: str, *paths: str) -> list[str]:
    return [sys.executable, str(Path(__file__)), "--method", name, *paths]


def _show(outcomes: list[Outcome], markdown: bool) -> None:
    titles = ["method", "wrong on good files", "damaged files accepted", "ms", "CPU ms", "peak MB"]
    rows = [
        [
            each.name,
            str(len(each.wrong_good)),
            str(len(each.accepted)),
            f"{each.milliseconds:.0f}",
            f"{each.cpu_milliseconds:.0f}",
            f"{each.peak_mb:.0f}",
        ]
        for each in outcomes
    ]
    if markdown:
        print("| " + " | ".join(titles) + " |\n|" + "---|" * len(titles))
        for row in rows:
            print("| " + " | ".join(row) + " |")
        return
    widths = [max(len(line[at]) for line in [titles, *rows]) for at in range(len(titles))]
    for line in [titles, *rows]:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)))
    for each in outcomes:
        for what, files in (("wrong", each.wrong_good), ("accepted", each.accepted)):
            if files:
                print(f"\n{each.name}, {what}: " + "; ".join(files))


if __name__ == "__main__":
    main()
