"""What the service did to a clip, measured on its first frames: those of most clips alone.

They have come long before the rest is decoded, so that nobody waits for both in turn.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import anyio.to_thread
import numpy as np
import numpy.typing as npt

from longtake.errors import MediaError
from longtake.media import Handed, Matrix, calibrate, find_flash, fit_arrival, look_back
from longtake.media.measure.averaged import averaged_frames
from longtake.media.measure.keeping import Begun
from longtake.media.measure.kept import ClipFile, Decoded, less_of
from longtake.media.measure.pixels import Picture, read_png
from longtake.rendering.remembered_measures import MeasureTools
from longtake.rendering.takes import StoredTake
from longtake.story import Calibration, ClipPlan, Flash, PairReading, Treatment

MOST_KEPT = 1000
"""Of how many seams it is kept how light went before them: of those whose next clip may come."""


class FirstFrames(NamedTuple):
    """What a clip's first frames tell, next to the image that it was started from."""

    pair: PairReading
    calibration: Calibration
    flash: Flash | None


class _TooShort(Exception):
    """The clip has ended before all of its first frames had come."""


class _Coming:
    """A clip's first frames, each future with those that have come: ``pair`` with the ones that are
    compared with what was sent, ``light`` with all that are watched; None where they do not come.
    """

    def __init__(self) -> None:
        loop = asyncio.get_running_loop()
        self.pair: asyncio.Future[ClipFile | None] = loop.create_future()
        self.light: asyncio.Future[ClipFile | None] = loop.create_future()

    @classmethod
    def all_of(cls, clip: ClipFile) -> _Coming:
        """Those of a clip that is there."""
        coming = cls()
        coming.have(clip)
        coming.have(clip)
        return coming

    def have(self, clip: ClipFile | None) -> None:
        """More of them have come."""
        for future in (self.pair, self.light):
            if not future.done():
                future.set_result(clip)
                return

    def end(self) -> None:
        """No more will."""
        self.have(None)
        self.have(None)


class Treating:
    """Measures what is to be undone in the clips of one film."""

    def __init__(self, tools: MeasureTools, matrix: Matrix) -> None:
        self._tools = tools
        self._matrix: Matrix = matrix
        self._ahead: dict[str, asyncio.Task[FirstFrames]] = {}
        self._looks_back: dict[tuple[str, int], asyncio.Task[Handed | None]] = {}

    def look_back(self, clip: ClipPlan, before: str, handed: Handed) -> asyncio.Task[Handed | None]:
        """See how light went before ``clip``, which goes on from the take of content ``before``.

        Nobody need wait for it: where it is not done when the clip has come, it is done then.
        """
        key = before, handed.frame_index
        if (known := self._looks_back.get(key)) is not None:
            return known
        tools, sent = self._tools, self._tools.folder.image(clip, "start")

        async def look() -> Handed | None:
            with suppress(MediaError):  # when the clip has come, it is said what is wrong
                run = tools.media.helpers.stand_back
                found = await look_back(sent, handed, untagged_matrix=self._matrix, run=run)
                tools.media.decodes.forget(before, Decoded.without_past)
                return found
            return None

        task = self._looks_back[key] = asyncio.create_task(look())
        while len(self._looks_back) > MOST_KEPT:
            self._looks_back.pop(next(iter(self._looks_back))).cancel()
        return task

    def looked_back(self, before: str, handed: Handed) -> Handed:
        """``handed`` with how light went before the seam, where that is known by now."""
        task = self._looks_back.get((before, handed.frame_index))
        return (task.result() if task is not None and task.done() else None) or handed

    async def drop(self) -> None:
        """Look back no more."""
        for task in self._looks_back.values():
            task.cancel()
        await asyncio.gather(*self._looks_back.values(), return_exceptions=True)
        self._looks_back.clear()

    @contextmanager
    def ahead(
        self, take: StoredTake, handed: Handed | None, unchecked: Path
    ) -> Iterator[Begun | None]:
        """Measure the first frames of the clip at ``unchecked`` while the block decodes all of it.

        The block gets what is to be called with them, as a ``Keeper`` does, from any thread; None
        where they alone do not tell. Nothing comes of it where the block fails.
        """
        if not _tell_alone(take.clip):
            yield None
            return
        loop, coming = asyncio.get_running_loop(), _Coming()

        async def look() -> FirstFrames:
            # At once: by the time that its frames have come, the file may have its final name.
            averaged = await anyio.to_thread.run_sync(averaged_frames, unchecked)
            return await self._first_frames(take, handed, coming, averaged)

        def tell(came: Decoded) -> None:
            loop.call_soon_threadsafe(coming.have, came)

        task = self._ahead[take.sha256] = asyncio.create_task(look())
        task.add_done_callback(_nobody_need_ask)
        try:
            yield tell
        except BaseException:
            del self._ahead[take.sha256]
            task.cancel()
            raise
        loop.call_soon(coming.end)

    async def treatment(self, take: StoredTake, handed: Handed | None) -> Treatment:
        """What is to be undone in a take; ``handed``: where its start image was taken from."""
        tools, matrix = self._tools, self._matrix
        found = await self._found_ahead(take)
        if found is None:
            clip = tools.media.decodes.of(take.sha256, tools.folder.clip(take))
            there = _Coming.all_of(less_of(clip, Decoded.without_samples))
            found = await self._first_frames(take, handed, there)
        calibration, arrival = found.calibration, None
        if take.clip.pinned_end:
            end, file = tools.folder.image(take.clip, "end"), tools.folder.clip(take)
            arrival = await tools.media.read_arrival(end, file, untagged_matrix=matrix)
            if take.clip.continuity.colour != "off":
                calibration = await fit_arrival(
                    calibration, end, file, untagged_matrix=matrix, run=tools.media.helpers.run
                )
        tools.media.decodes.forget(take.sha256, Decoded.without_begin)
        return Treatment(
            pair=found.pair, calibration=calibration, flash=found.flash, arrival=arrival
        )

    async def _found_ahead(self, take: StoredTake) -> FirstFrames | None:
        if (task := self._ahead.pop(take.sha256, None)) is not None:
            with suppress(MediaError, _TooShort):  # the file has its final name: look once more
                return await task
        return None

    async def _sent(self, clip: ClipPlan) -> Picture:
        """The image that the clip was started from: read once, where it is measured twice."""
        sent = self._tools.folder.image(clip, "start")
        if clip.continuity.deflash or clip.continuity.colour != "off":
            return await anyio.to_thread.run_sync(read_png, sent)
        return sent

    async def _first_frames(
        self,
        take: StoredTake,
        handed: Handed | None,
        coming: _Coming,
        averaged: npt.NDArray[np.bool_] | None = None,
    ) -> FirstFrames:
        continuity, matrix, media = take.clip.continuity, self._matrix, self._tools.media
        run, sent = media.helpers.run, await self._sent(take.clip)
        if (came := await coming.pair) is None:
            raise _TooShort

        async def undoes(flash: Flash | None) -> Calibration:
            return await calibrate(
                sent, came, mode=continuity.colour, flash=flash, untagged_matrix=matrix, run=run
            )

        async def flashes() -> Flash | None:
            if not continuity.deflash or (watched := await coming.light) is None:
                return None
            if isinstance(watched, Decoded) and averaged is not None:
                watched = replace(watched, averaged=averaged)
            return await find_flash(sent, watched, handed=handed, untagged_matrix=matrix, run=run)

        # Most clips do not flash: their colours need not wait until that is known.
        calibration, pair, flash = await asyncio.gather(
            undoes(None), media.read_pair(sent, came, untagged_matrix=matrix), flashes()
        )
        if continuity.deflash and flash is None:
            raise _TooShort
        if flash is not None and flash.applied:
            calibration = await undoes(flash)
        return FirstFrames(pair, calibration, flash)


def _nobody_need_ask(task: asyncio.Task[FirstFrames]) -> None:
    """What went wrong is measured once more: it is no news where nobody has asked."""
    if not task.cancelled():
        task.exception()


def _tell_alone(clip: ClipPlan) -> bool:
    """Whether the first frames tell what is to be undone: not where drift inside is followed."""
    return clip.continuity.colour != "tracked"
