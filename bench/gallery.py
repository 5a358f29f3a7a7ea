"""Contact sheets of the example storyboards, as docs/gallery.md shows them.

    .venv/bin/python -m bench.gallery                    # the gallery's, into docs/images/gallery
    .venv/bin/python -m bench.gallery lighthouse --captions --out /tmp/sheets

Each clip is drawn as the emulator draws it for a render, from the last frame of the one before;
there is no server and no film, so a sheet takes some seconds.
"""

from __future__ import annotations

import argparse
import io
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import get_args

import av
import numpy as np
from PIL import Image

from longtake.documents import load_plan
from longtake.emulator import ClipNotes
from longtake.emulator.drawing import clips
from longtake.emulator.drawing.pictures import Picture, decode_picture
from longtake.emulator.validation import I2V, T2V, read_parameters
from longtake.rendering.rehearsal import clip_notes
from longtake.starter import ExampleName
from longtake.story import ClipPlan, Handover, Still

ROOT = Path(__file__).parents[1]
EXAMPLES = ROOT / "configs/storyboards"
SHEETS = ROOT / "docs/images/gallery"
COLUMNS, WIDTH, GAP = 4, 300, 4
"""Frames in a row, the width of one in pixels, and what lies between two."""
MOST_BYTES = 150_000


def drawn_clips(
    storyboard: Path, *, captions: bool = False
) -> Iterator[tuple[ClipPlan, list[Picture]]]:
    """Each clip of the storyboard with its frames, drawn in order."""
    loaded, plan = load_plan(storyboard)
    notes = {clip.id: note for clip, note in clip_notes(loaded.storyboard, plan)}
    last: dict[str, Picture] = {}
    for clip in plan.clips:
        frames = _drawn(clip, notes, last, storyboard.parent, captions)
        last[clip.id] = frames[clip.skip_frames + clip.kept_frame_count - 1]
        yield clip, frames


def _drawn(
    clip: ClipPlan,
    notes: Mapping[str, ClipNotes],
    last: Mapping[str, Picture],
    folder: Path,
    captions: bool,
) -> list[Picture]:
    seed = int(clip.parameters["seed"])
    note = notes[clip.id]
    match clip.start:
        case Handover(clip_id=before):
            image = last[before]
        case Still(uri=still):
            image = _picture(folder / still)
        case _:
            wanted = read_parameters(T2V, clip.parameters)
            return _frames(clips.text_to_video(wanted, seed, notes=note, captions=captions))
    wanted = read_parameters(I2V, {**clip.parameters, "image": "data:"})
    end = _picture(folder / clip.end.uri) if isinstance(clip.end, Still) else None
    return _frames(clips.image_to_video(wanted, seed, image, end, notes=note, captions=captions))


def _picture(file: Path) -> Picture:
    return decode_picture(file.read_bytes())


def _frames(clip: bytes) -> list[Picture]:
    with av.open(io.BytesIO(clip), "r", format="mov") as container:
        return [np.asarray(frame.to_ndarray(format="rgb24")) for frame in container.decode(video=0)]


def sheet(storyboard: Path, *, captions: bool = False) -> Image.Image:
    """A row for each clip: frames from its first to its last, evenly spread."""
    rows = []
    for clip, frames in drawn_clips(storyboard, captions=captions):
        first, last = clip.skip_frames, clip.skip_frames + clip.kept_frame_count - 1
        chosen = (frames[round(at)] for at in np.linspace(first, last, COLUMNS))
        rows.append([Image.fromarray(one) for one in chosen])
    upright = rows[0][0].height > rows[0][0].width
    width = WIDTH // 2 if upright else WIDTH
    height = round(width * rows[0][0].height / rows[0][0].width)
    across = 2 if upright else 1  # upright pictures: two clips in a row
    down = -(-len(rows) // across)
    page = Image.new(
        "RGB",
        (across * COLUMNS * (width + GAP) - GAP, down * (height + GAP) - GAP),
        "white",
    )
    for index, row in enumerate(rows):
        left = index % across * COLUMNS * (width + GAP)
        for column, one in enumerate(row):
            place = (left + column * (width + GAP), index // across * (height + GAP))
            page.paste(one.resize((width, height), Image.Resampling.LANCZOS), place)
    return page


def saved(page: Image.Image, file: Path) -> int:
    """Write the page as a JPEG of MOST_BYTES at most; returns its bytes."""
    for quality in range(82, 30, -6):
        target = io.BytesIO()
        page.save(target, "JPEG", quality=quality, optimize=True, progressive=True)
        if target.tell() <= MOST_BYTES:
            break
    file.write_bytes(target.getvalue())
    return target.tell()


def main() -> None:
    """Draw the sheets that are asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "names", nargs="*", help="storyboards by name; those of the gallery if none"
    )
    parser.add_argument("--captions", action="store_true", help="with what each was drawn by")
    parser.add_argument("--out", type=Path, default=SHEETS)
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    for name in given.names or [*get_args(ExampleName), "lighthouse"]:
        page = sheet(EXAMPLES / f"{name}.yaml", captions=given.captions)
        size = saved(page, given.out / f"{name}.jpg")
        print(f"{given.out / name}.jpg: {page.width}x{page.height}, {size} bytes", flush=True)


if __name__ == "__main__":
    main()
