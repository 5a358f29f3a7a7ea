"""The storyboard as a table: a row for each clip."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from longtake.figures import clock
from longtake.record import ClipRecord, Stage
from longtake.rendering.run_page.snapshot import Snapshot
from longtake.rendering.run_page.words import link, plain

MAX_ROWS = 400
"""Beyond it only clips that something is to be said of have a row."""

COLUMNS = ("clip", "state", "time", "take", "seed", "USD", "note", "file")
"""As wide as both of Prefect's UIs show a table; the time is the elapsed and the expected one."""


def table(snapshot: Snapshot) -> Iterator[str]:
    """The table's lines."""
    clips = list(snapshot.run.clips.values())
    if len(clips) > MAX_ROWS:
        clips = [clip for clip in clips if clip.stage.in_flight or clip.stage.ended_badly]
    yield "## Clips"
    yield ""
    yield f"| {' | '.join(COLUMNS)} |"
    yield "|---" * len(COLUMNS) + "|"
    for clip in clips[:MAX_ROWS]:
        yield f"| {' | '.join(_row(snapshot, clip))} |"


def _row(snapshot: Snapshot, clip: ClipRecord) -> tuple[str, ...]:
    """What a person wants to know of one clip."""
    place = snapshot.place_of(clip)
    return (
        plain(clip.id),
        clip.stage.value,
        "" if clip.stage is Stage.REUSED else _times(snapshot, clip),
        str(clip.take),
        str(clip.seed),
        "" if clip.usd is None else f"{clip.usd:.2f}",
        plain(clip.error or clip.remark),
        link(PurePosixPath(place).name, place) if place else "",
    )


def _times(snapshot: Snapshot, clip: ClipRecord) -> str:
    elapsed = clock(snapshot.elapsed_seconds(clip))
    return f"{elapsed or '0:00'} / {clock(clip.expected_seconds)}"
