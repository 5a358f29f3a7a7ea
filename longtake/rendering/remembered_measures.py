"""Measuring once: a measure is recalled from the ledger, else taken now with ``MeasureTools``."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import NamedTuple

from pydantic import BaseModel

from longtake.ledger import Ledger
from longtake.media.measure.runner import Runner
from longtake.rendering.folder import RenderFolder
from longtake.rendering.measure_cache import Measured, measured, recalled
from longtake.rendering.media_work import MediaWork
from longtake.rendering.urgency import Urgency, WorkSlots


class MeasureTools(NamedTuple):
    """What it takes to look at files: where they lie, who looks, and in which turn."""

    folder: RenderFolder
    media: MediaWork
    ffmpeg_slots: WorkSlots

    def runner(self, urgency: Urgency) -> Runner:
        """Where measuring of that urgency runs."""
        helpers = self.media.helpers
        return helpers.stand_back if self.ffmpeg_slots.stands_back(urgency) else helpers.run


class RememberedMeasures:
    """Measures that the ledger remembers, else taken now with ``tools``, if there are any."""

    def __init__(self, ledger: Ledger, tools: MeasureTools | None) -> None:
        self.tools = tools
        self._ledger = ledger

    async def recalled_or(
        self,
        subject: str,
        model: type[Measured],
        look: Callable[[MeasureTools], Awaitable[Measured]],
        of: str,
    ) -> Measured | None:
        """The measure as it was taken before, else as it is taken now; None without tools.

        The next clip waits for it, so it goes first.
        """
        if self.tools is None:
            return await recalled(self._ledger, subject, model, of)

        async def look_at_once(tools: MeasureTools) -> Measured:
            async with tools.ffmpeg_slots.handover():
                return await look(tools)

        return await self.taken(subject, model, look_at_once, of)

    async def taken(
        self,
        subject: str,
        model: type[Measured],
        look: Callable[[MeasureTools], Awaitable[Measured]],
        of: str,
    ) -> Measured:
        """The measure as it was taken before, else as ``look`` takes it in its own turn."""
        return await measured(self._ledger, subject, model, lambda: look(self.tools_for(model)), of)

    def tools_for(self, model: type[BaseModel]) -> MeasureTools:
        """The tools that a measure needs; ValueError where there are none."""
        if self.tools is None:
            raise ValueError(f"a {model.__name__} that only a render can take")
        return self.tools
