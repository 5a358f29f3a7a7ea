"""What clips' treatments take in threads, and in processes of their own.

    python bench/helpers.py [CLIP]

Has a clip (by default a drawn one) measured against its own first frame, as a render does it, one
to four times at once, in threads and in helpers in turn, and prints a Markdown table of seconds:
medians. Both find the same.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.matrix import drawn
from longtake.media import calibrate, find_flash, inspect_clip, read_pair
from longtake.media.binary import find_ffmpeg
from longtake.media.helpers import Helpers
from longtake.media.measure.keeping import Keeper, ToKeep
from longtake.media.measure.kept import Decoded
from longtake.media.measure.pixels import decode_rgb
from longtake.media.measure.runner import Runner, in_thread

AT_ONCE = (1, 2, 4)
RUNS = 7


async def treated(clip: Decoded, run: Runner) -> tuple[object, ...]:
    """What a render measures of a clip before the next one is sent."""
    (sent,) = decode_rgb(clip, count=1)
    return await asyncio.gather(
        find_flash(sent, clip, run=run),
        calibrate(sent, clip, run=run),
        read_pair(sent, clip, run=run),
    )


async def kept(path: Path) -> Decoded:
    """The clip's frames as a render keeps them."""
    keeper = Keeper(ToKeep(begin=True, last_frame_index=None, samples=False), "bt601")
    await inspect_clip(path, ffmpeg=find_ffmpeg(None), each=keeper.add)
    return keeper.kept(path)


async def table(path: Path) -> str:
    """The Markdown table."""
    clip, helpers = await kept(path), Helpers(2)
    helpers.begin()
    ways: dict[str, Runner] = {"threads": in_thread, "helpers": helpers.run}
    found = {name: await treated(clip, run) for name, run in ways.items()}
    assert found["threads"] == found["helpers"]
    spent: dict[tuple[int, str], list[float]] = {}
    for _ in range(RUNS):
        for count in AT_ONCE:
            for name, run in ways.items():
                began = time.perf_counter()
                await asyncio.gather(*(treated(clip, run) for _ in range(count)))
                spent.setdefault((count, name), []).append(time.perf_counter() - began)
    await helpers.close()
    lines = ["| treatments at once | threads, s | helpers, s |", "|---|---|---|"]
    for count in AT_ONCE:
        seconds = " | ".join(f"{median(spent[count, name]):.2f}" for name in ways)
        lines.append(f"| {count} | {seconds} |")
    return "\n".join(lines)


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("clip", type=Path, nargs="?")
    clip = parser.parse_args().clip
    with tempfile.TemporaryDirectory() as folder:
        print(asyncio.run(table(clip or drawn(Path(folder)))))


if __name__ == "__main__":
    main()
