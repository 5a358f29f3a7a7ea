"""The pictures of the contact sheet, made as the clips come."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path

import anyio
import anyio.to_thread

from longtake.errors import LongtakeError
from longtake.media.thumbnails import thumbnail
from longtake.record import ClipRecord, RunRecord
from longtake.rendering.run_page.contact_sheet import picture_width, shown

SHOWN_FRAME = 16
"""Of the kept ones: a second after the clip begins. All before it are decoded for it."""


class Thumbnails:
    """One of each clip that has come; ``made`` has them by the clips' ids."""

    def __init__(self, run: RunRecord) -> None:
        self.made: dict[str, bytes] = {}
        self._run = run
        self._seen: set[str] = set()
        self._passed: set[str] = set()

    async def make(self, most: int) -> None:
        """A few more, one after another: a core is left to the render.

        Of clips that were there the last time as well, while others are still to come: once one
        has come, the next clip of its chain waits to be sent, which is more urgent.
        """
        came = self._came()
        last = all(clip.stage.ended for clip in self._run.clips.values())
        await self._make([clip for clip in came if last or clip.id in self._seen][:most])
        self._seen = {clip.id for clip in came}

    @property
    def missing(self) -> int:
        """How many clips have come whose picture is not made yet."""
        return len(self._came())

    async def finish(self) -> None:
        """All that are not made yet, side by side: the render needs no core any more."""
        at_once = anyio.CapacityLimiter(os.cpu_count() or 1)
        await asyncio.gather(*(self._make([clip], at_once) for clip in self._came()))

    def _came(self) -> list[ClipRecord]:
        clips = shown(list(self._run.clips.values()))
        came = [clip for clip in clips if clip.file and clip.stage.ended_well]
        return [clip for clip in came if clip.id not in self._passed]

    async def _make(
        self, clips: Sequence[ClipRecord], at_once: anyio.CapacityLimiter | None = None
    ) -> None:
        width = picture_width(len(shown(list(self._run.clips.values()))))
        for clip in clips:
            self._passed.add(clip.id)
            path = Path(self._run.folder) / str(clip.file)
            frame_index = clip.skip_frames + min(clip.kept_frame_count // 2, SHOWN_FRAME)
            with suppress(LongtakeError):  # it has been checked; without a picture it is as good
                self.made[clip.id] = await anyio.to_thread.run_sync(
                    partial(thumbnail, path, frame_index, width=width), limiter=at_once
                )
