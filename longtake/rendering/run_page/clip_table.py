"""The storyboard as a table: a row for each clip."""

from __future__ import annotations

import json
from pathlib import PurePosixPath

from longtake.figures import clock
from longtake.record import ClipRecord, Stage
from longtake.rendering.run_page.snapshot import Snapshot
from longtake.rendering.run_page.words import link, plain

MAX_ROWS = 400
"""Beyond it only clips that something is to be said of have a row."""


def table(snapshot: Snapshot) -> str:
    """The table artifact's data: JSON, a list of rows."""
    clips = list(snapshot.run.clips.values())
    if len(clips) > MAX_ROWS:
        clips = [clip for clip in clips if clip.stage.in_flight or clip.stage.ended_badly]
    return json.dumps([row(snapshot, clip) for clip in clips[:MAX_ROWS]], ensure_ascii=False)


def row(snapshot: Snapshot, clip: ClipRecord) -> dict[str, str | int]:
    """What a person wants to know of one clip."""
    place = snapshot.place_of(clip)
    return {
        "clip": clip.id,
        "state": clip.stage.value,
        "elapsed": clock(snapshot.elapsed_seconds(clip)),
        "expected": "" if clip.stage is Stage.REUSED else clock(clip.expected_seconds),
        "take": clip.take,
        "seed": clip.seed,
        "USD": "" if clip.usd is None else f"{clip.usd:.2f}",
        "note": plain(clip.error or clip.remark),
        "file": link(PurePosixPath(place).name, place) if place else "",
    }
