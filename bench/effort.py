"""How hard x264 may try for a segment: processor time, bytes, and what is left of the picture.

    python bench/effort.py [CLIP ...]

Encodes every clip (by default a drawn one; real ones are better) with the quality of a segment and
each effort in turn, and prints a Markdown table: medians of the processor's seconds, and PSNR of
the segment to the clip, as ffmpeg's filter tells it. Both ffmpegs are measured, if there are two,
and what it takes to start them and no more.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import fmean, median
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.matrix import drawn, spent_by
from longtake.media import Ffmpeg
from longtake.media.binary import find_every_ffmpeg
from longtake.media.shape import CRF, PRESET, PRESET_PARAMS

EFFORTS = (
    ("veryfast", ""),
    ("superfast", ""),
    (PRESET, PRESET_PARAMS[PRESET]),
    ("veryfast", "subme=1:me=dia"),
)
RUNS = 3


class Figures(NamedTuple):
    """One effort, over all clips."""

    effort: str
    ffmpeg: str
    cpu_seconds: float
    megabytes: float
    psnr_db: float


def measured(clips: list[Path], ffmpeg: Ffmpeg) -> Iterator[Figures]:
    """Every effort, in turns, so that a busy minute hurts all alike."""
    spent: dict[tuple[str, str], list[float]] = {effort: [] for effort in EFFORTS}
    with tempfile.TemporaryDirectory() as folder:
        into = Path(folder, "segment.mp4")
        for _ in range(RUNS):
            for effort, seconds in spent.items():
                seconds.append(sum(encoded(clip, into, ffmpeg, *effort) for clip in clips))
        for (preset, params), seconds in spent.items():
            sizes, likeness = [], []
            for clip in clips:
                encoded(clip, into, ffmpeg, preset, params)
                sizes.append(into.stat().st_size / 1e6)
                likeness.append(psnr(clip, into, ffmpeg))
            effort = f"{preset} {params}".strip()
            cpu = median(seconds) / len(clips)
            yield Figures(effort, ffmpeg.version, cpu, fmean(sizes), fmean(likeness))


def encoded(clip: Path, into: Path, ffmpeg: Ffmpeg, preset: str, params: str) -> float:
    """Encode the clip; processor seconds."""
    command = [ffmpeg.path, "-nostdin", "-v", "error", "-y", "-threads", "1", "-i", str(clip)]
    command += ["-an", "-pix_fmt", "yuv420p", "-c:v", "libx264", "-preset", preset]
    command += ["-x264-params", params] if params else []
    return spent_by([*command, "-crf", str(CRF), "-bf", "0", "-threads", "2", str(into)])


def psnr(clip: Path, segment: Path, ffmpeg: Ffmpeg) -> float:
    """Of all frames and planes, in dB."""
    command = [ffmpeg.path, "-nostdin", "-i", str(segment), "-i", str(clip), "-f", "null"]
    command += ["-lavfi", "[1:v]format=yuv420p[clip];[0:v][clip]psnr", "-"]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stderr
    return float(re.findall(r"average:([\d.]+)", said)[-1])


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("clips", nargs="*", type=Path)
    asked = parser.parse_args()
    print("| effort | ffmpeg | CPU seconds a clip | MB a clip | PSNR, dB |\n|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        clips = asked.clips or [drawn(Path(folder))]
        for ffmpeg in find_every_ffmpeg():
            for name, version, cpu, size, likeness in measured(clips, ffmpeg):
                print(f"| `{name}` | {version[:6]} | {cpu:.2f} | {size:.2f} | {likeness:.2f} |")
            start = median(spent_by([ffmpeg.path, "-v", "quiet", "-version"]) for _ in range(9))
            print(f"| (start) | {ffmpeg.version[:6]} | {start:.3f} | | |")


if __name__ == "__main__":
    main()
