"""Ways to bring clips of BT.601 into a film of BT.709: what each costs, and how exact it is.

    python bench/matrix.py [CLIP ...] [--markdown]

Each way encodes every clip (by default a drawn one; real ones are better) as a segment is encoded,
for its processor time, and once more without loss, for its error: mean and 99th percentile of ΔE
(CIE76) of every eighth frame between the clip and the segment, both turned to RGB by the most
accurate way. Both ffmpegs are measured, if there are two.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from longtake.emulator.drawing.clips import text_to_video
from longtake.emulator.drawing.dials import FAULTLESS
from longtake.emulator.validation import Parameters
from longtake.media import Ffmpeg
from longtake.media.binary import find_every_ffmpeg
from longtake.media.measure.pixels import decode_rgb, delta_e

ACCURATE = "flags=accurate_rnd+full_chroma_int+full_chroma_inp+bicubic"
SAID = "setparams=range=tv:color_primaries=bt709:color_trc=bt709:colorspace=bt709"
WAYS = {
    "decoding and encoding alone, tagged BT.601": (
        "setparams=range=tv:color_primaries=smpte170m:color_trc=smpte170m:colorspace=smpte170m"
    ),
    "scale, accurate": (
        f"scale=in_color_matrix=bt601:in_range=tv:out_color_matrix=bt709:out_range=tv:{ACCURATE},"
        f"format=yuv420p,{SAID}"
    ),
    "scale, as it is": (
        "scale=in_color_matrix=bt601:in_range=tv:out_color_matrix=bt709:out_range=tv,"
        f"format=yuv420p,{SAID}"
    ),
    "colorspace": (
        "setparams=range=tv:color_primaries=bt709:color_trc=bt709:colorspace=smpte170m,"
        f"colorspace=space=bt709:primaries=bt709:trc=bt709:range=tv:format=yuv420p:fast=1,{SAID}"
    ),
    "colormatrix": f"colormatrix=bt601:bt709,{SAID}",
}
RUNS = 3
EVERY = 8


class Figures(NamedTuple):
    """One way, over all clips."""

    way: str
    ffmpeg: str
    cpu_seconds: float
    delta_e: float
    worst: float


def measured(clips: list[Path], ffmpeg: Ffmpeg) -> Iterator[Figures]:
    """Every way, in turns, so that a busy minute hurts all alike."""
    spent: dict[str, list[float]] = {way: [] for way in WAYS}
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(RUNS):
            for way, filters in WAYS.items():
                spent[way].append(
                    sum(encoded(one, Path(folder, "s.mp4"), ffmpeg, filters, 17) for one in clips)
                )
        for way, filters in WAYS.items():
            errors = [error_of(one, Path(folder, "s.mp4"), ffmpeg, filters) for one in clips]
            mean, worst = np.mean([each[0] for each in errors]), max(each[1] for each in errors)
            cpu = sorted(spent[way])[RUNS // 2] / len(clips)
            yield Figures(way, ffmpeg.version, cpu, float(mean), float(worst))


def encoded(clip: Path, into: Path, ffmpeg: Ffmpeg, filters: str, crf: int) -> float:
    """Encode the clip; processor seconds."""
    command = [ffmpeg.path, "-nostdin", "-v", "error", "-y", "-threads", "1", "-i", str(clip)]
    command += ["-an", "-vf", filters, "-c:v", "libx264", "-preset", "veryfast", "-crf", str(crf)]
    return spent_by([*command, "-bf", "0", "-threads", "2", str(into)])


def spent_by(command: list[str]) -> float:
    """Run it; processor seconds."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def error_of(clip: Path, into: Path, ffmpeg: Ffmpeg, filters: str) -> tuple[float, float]:
    """Mean and 99th percentile of ΔE that the conversion alone makes."""
    encoded(clip, into, ffmpeg, filters, 0)
    apart = [
        delta_e(before, after)
        for before, after in zip(
            decode_rgb(clip, untagged_matrix="bt601")[::EVERY], decode_rgb(into)[::EVERY],
            strict=True,
        )
    ]  # fmt: skip
    pixels = np.concatenate([each.ravel() for each in apart])
    return float(pixels.mean()), float(np.quantile(pixels, 0.99))


def drawn(folder: Path) -> Path:
    """A clip as the emulator draws it: untagged BT.601, as real ones are."""
    path = folder / "drawn.mp4"
    path.write_bytes(
        text_to_video(Parameters(prompt="A sailing boat at dusk"), seed=5, dials=FAULTLESS)
    )
    return path


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("clips", nargs="*", type=Path)
    parser.add_argument("--markdown", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        clips = asked.clips or [drawn(Path(folder))]
        rows = [row for ffmpeg in find_every_ffmpeg() for row in measured(clips, ffmpeg)]
    edge = "| " if asked.markdown else ""
    print(f"{edge}way | ffmpeg | CPU seconds a clip | ΔE mean | ΔE 99 % of pixels below")
    if asked.markdown:
        print("|---|---|---|---|---|")
    for row in rows:
        name, version, cpu, mean, worst = row
        print(f"{edge}{name} | {version[:6]} | {cpu:.2f} | {mean:.3f} | {worst:.2f}")


if __name__ == "__main__":
    main()
