"""The plain script that longtake is measured against: the official SDK, and MoviePy.

    python bench/sdk_script.py URL FOLDER CHAINS SHOTS THREADS

Each chain's first clip comes from words, each other one from the last frame of the one before; it
looks every two seconds, as the SDK does by default. MoviePy takes the frames and joins the clips.
"""

from __future__ import annotations

import sys
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import moviepy
from segmind import SegmindClient

T2V, I2V = "wan-2.2-t2v-fast", "wan-2.2-i2v-fast"
LOOK_SECONDS = 2.0


def chain(url: str, folder: Path, number: int, shots: int) -> list[Path]:
    """The chain's clips, one after another."""
    client = SegmindClient(api_key="a-key-for-the-bench", base_url=f"{url}/v1")
    clips: list[Path] = []
    for shot in range(shots):
        asked = {"prompt": f"a sailing boat, view {number}", "seed": 100 * number + shot}
        if clips:
            still = folder / f"{number}-{shot}.png"
            with moviepy.VideoFileClip(str(clips[-1])) as before:
                before.save_frame(str(still), t=before.duration - 1 / before.fps)
            asked["image"] = client.files.upload(still)["file_urls"][0]
        job = client.submit_async(I2V if clips else T2V, **asked)
        result = job.wait(timeout=600, interval=LOOK_SECONDS)
        clip = folder / f"{number}-{shot}.mp4"
        urllib.request.urlretrieve(result["output"], clip)  # noqa: S310  the address is the bench's emulator's
        clips.append(clip)
    return clips


def join(clips: list[Path], film: Path) -> None:
    """One film, each repeated frame left out."""
    parts = [moviepy.VideoFileClip(str(clip)) for clip in clips]
    whole = moviepy.concatenate_videoclips([parts[0], *(one[1 / 16 :] for one in parts[1:])])
    whole.write_videofile(str(film), logger=None, audio=False)
    for part in parts:
        part.close()


def main() -> None:
    """Make the film, and say how long the join took."""
    url, folder = sys.argv[1], Path(sys.argv[2])
    chains, shots, threads = map(int, sys.argv[3:])
    sys.modules["segmind.files"].Files.STORAGE_BASE_URL = url
    with ThreadPoolExecutor(chains if threads else 1) as pool:
        each = pool.map(lambda number: chain(url, folder, number, shots), range(1, chains + 1))
        clips = [clip for made in each for clip in made]
    began = time.monotonic()
    join(clips, folder / "film.mp4")
    print(f"join {time.monotonic() - began:.1f} s")


if __name__ == "__main__":
    main()
