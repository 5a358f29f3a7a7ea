"""The contact sheet: one picture of each clip, in film order, as Markdown.

Both of Prefect's UIs show ``data:`` images in Markdown, and neither shows files of this machine.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Iterator, Sequence

from longtake.record import ClipRecord
from longtake.rendering.run_page.snapshot import Snapshot
from longtake.rendering.run_page.words import plain

MAX_BYTES = 300_000
"""All of it: it travels with each update of the page, and lies in Prefect's database."""

MAX_PICTURES = 120
COLUMNS = 3

SHOWN_WIDTH = 190
"""Pixels on the page: three of them fit next to each other in the newer UI."""


def shown(clips: Sequence[ClipRecord]) -> list[ClipRecord]:
    """The clips that get a picture: all of them, or evenly chosen ones of a long film."""
    step = max(1, math.ceil(len(clips) / MAX_PICTURES))
    return list(clips[::step])


def picture_width(clip_count: int) -> int:
    """How wide thumbnails are, in pixels, so that all of them fit."""
    for most, width in ((24, 240), (60, 160)):
        if clip_count <= most:
            return width
    return 96


def sheet(snapshot: Snapshot) -> Iterator[str]:
    """The contact sheet's lines; none while there is no picture."""
    clips = shown(list(snapshot.run.clips.values()))
    if not snapshot.pictures:
        return
    left = MAX_BYTES - 200 * len(clips) - 1000
    cells = []
    for clip in clips:
        uri = _uri(snapshot.pictures.get(clip.id))
        if len(uri) > left:
            uri = ""
        left -= len(uri)
        cells.append((_image(clip, uri), _caption(clip)))
    yield "## Contact sheet"
    yield ""
    yield from _grid(cells)


def _uri(jpeg: bytes | None) -> str:
    return f"data:image/jpeg;base64,{base64.b64encode(jpeg).decode()}" if jpeg else ""


def _image(clip: ClipRecord, uri: str) -> str:
    return f'<img alt="{clip.id}" width="{SHOWN_WIDTH}" src="{uri}">' if uri else "·"


def _caption(clip: ClipRecord) -> str:
    """Its name; a state only where it stays: the sheet is too large to follow every step."""
    return f"{plain(clip.id)} · {clip.stage}" if clip.stage.ended_badly else plain(clip.id)


def _grid(cells: Sequence[tuple[str, str]]) -> Iterator[str]:
    yield "| " * COLUMNS + "|"
    yield "|---" * COLUMNS + "|"
    for first in range(0, len(cells), COLUMNS):
        row = [*cells[first : first + COLUMNS]]
        row += [("", "")] * (COLUMNS - len(row))
        yield "|" + "|".join(image for image, _ in row) + "|"
        yield "|" + "|".join(caption for _, caption in row) + "|"
