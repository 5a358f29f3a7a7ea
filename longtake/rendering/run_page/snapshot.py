"""What the page is made from: the record at one moment, and what else a person wants to know."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from longtake.ledger import Budget
from longtake.record import ClipRecord, RunRecord, Stage, seconds_left
from longtake.store.objects import ObjectKind, key_of
from longtake.story.schedule import CONCURRENCY

AT_SERVICE = frozenset({Stage.SUBMITTING, Stage.RECONCILING, Stage.QUEUED, Stage.GENERATING})
"""Stages in which the service has the job, or may have it."""

_STEP_SECONDS = 20
"""Elapsed times of jobs in flight move in such steps: each step is a request to the server."""


@dataclass(frozen=True)
class Snapshot:
    """A render as it stands at ``now`` (UTC).

    ``pictures`` are thumbnails by clip, JPEG. ``store`` is the store's name: a folder or a URL.
    ``ui_url`` is where Prefect's UI is; empty where that is unknown. ``concurrency``: jobs in
    flight at most.
    """

    run: RunRecord
    now: datetime
    pictures: Mapping[str, bytes] = field(default_factory=dict)
    budgets: Sequence[Budget] = ()
    store: str = ""
    ui_url: str = ""
    concurrency: int = CONCURRENCY

    def elapsed_seconds(self, clip: ClipRecord) -> float | None:
        """From the submit to the clip's end; for a job in flight up to the last full step."""
        if clip.submitted_at is None or clip.stage in {Stage.REUSED, Stage.WAITING}:
            return None
        until = clip.ended_at or self.now
        seconds = (until - clip.submitted_at).total_seconds()
        if clip.ended_at is None:
            seconds -= self.now.timestamp() % _STEP_SECONDS
        return max(0.0, seconds)

    @property
    def seconds_left(self) -> float | None:
        """About how long the clips still take. None where none is due.

        In steps of half a minute, as each step is a request to the server.
        """
        left = seconds_left(self.run, self.now, self.concurrency)
        return math.ceil(left / 30) * 30.0 if left else None

    def place_of(self, clip: ClipRecord) -> str | None:
        """Where the clip's file is: its address in the store, else from the render's folder on."""
        if clip.sha256 is None or clip.file is None:
            return None
        if "://" in self.store and "@" not in urlsplit(self.store).netloc:
            return f"{self.store.rstrip('/')}/{key_of(clip.sha256, ObjectKind.CLIP)}"
        return clip.file

    def path(self, file: str) -> str:
        """The path of a file of the render's folder, on the machine that renders."""
        return str(Path(self.run.folder) / file)

    @property
    def remote(self) -> list[ClipRecord]:
        """The clips whose jobs the service has, or may have."""
        return [clip for clip in self.run.clips.values() if clip.stage in AT_SERVICE]
