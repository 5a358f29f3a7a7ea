"""Renders whose clips are a few bytes: no picture is drawn and no ffmpeg runs."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from longtake.clock import SystemClock
from longtake.emulator import Fault, InstantMaker, RunningEmulator
from longtake.media import Ffmpeg
from longtake.rendering.host import Host
from longtake.rendering.media_work import MediaWork
from tests.rendering.plain import Workshop
from tests.simulation.media import TinyMedia, made_clip


class HastyClock(SystemClock):
    """Pauses between looks at jobs that are done at once need not be long."""

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds / 50)


class TinyHost(Host):
    """Plain Python, with clips that only say what they are."""

    def __init__(self) -> None:
        super().__init__(HastyClock())

    def media(self, ffmpeg: Ffmpeg, processes: int) -> MediaWork:
        return TinyMedia()


@contextmanager
def tiny_emulator(workshop: Workshop, *faults: Fault, **config: Any) -> Iterator[RunningEmulator]:
    """An emulator that makes such clips."""
    with workshop.emulator(*faults, maker=InstantMaker(made_clip), **config) as running:
        yield running
