"""The pictures of the contact sheet, made as the clips come."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from pathlib import Path

import anyio.to_thread

from longtake.errors import LongtakeError
from longtake.media.thumbnails import thumbnail
from longtake.record import RunRecord
from longtake.rendering.run_page.contact_sheet import picture_width, shown


class Thumbnails:
    """One of each clip that has come; ``made`` has them by the clips' ids."""

    def __init__(self, run: RunRecord) -> None:
        self.made: dict[str, bytes] = {}
        self._run = run
        self._passed: set[str] = set()

    async def make(self, most: int) -> None:
        """A few more, one after another: a core is left to the render."""
        clips = shown(list(self._run.clips.values()))
        width = picture_width(len(clips))
        coming = [clip for clip in clips if clip.file and clip.id not in self._passed]
        for clip in [clip for clip in coming if clip.stage.ended_well][:most]:
            self._passed.add(clip.id)
            path = Path(self._run.folder) / str(clip.file)
            frame_index = clip.skip_frames + clip.kept_frame_count // 2
            with suppress(LongtakeError):  # it has been checked; without a picture it is as good
                self.made[clip.id] = await anyio.to_thread.run_sync(
                    partial(thumbnail, path, frame_index, width=width)
                )
