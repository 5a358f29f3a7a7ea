"""Opening a studio: all that can be wrong before money is spent is found here, cheapest first."""

from __future__ import annotations

import asyncio
import os
import secrets
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from longtake.documents import LoadedStoryboard, load_plan, plan_of
from longtake.emulator import EmulatorConfig, RunningEmulator, serve_emulator
from longtake.errors import LongtakeError, OperatorError
from longtake.media import Ffmpeg, find_ffmpeg
from longtake.record import RunRecord, read_run
from longtake.segmind import SegmindClient, Timeouts
from longtake.settings import Settings, load_settings
from longtake.story import Rates, Storyboard
from tasks.studio import Studio


class Preflight(NamedTuple):
    """What a render has before anything is sent or started."""

    loaded: LoadedStoryboard
    settings: Settings
    key: str
    ffmpeg: Ffmpeg
    folder: Path


def preflight(
    storyboard: Path, out: Path | None = None, *, profile: str | None = None, emulated: bool = False
) -> Preflight:
    """Find everything that can be wrong before money is spent, or raise what is."""
    settings = load_settings(profile)
    loaded, _ = load_plan(storyboard.resolve(), rates=settings.rates)
    key = "emulated" if emulated else settings.key().get_secret_value()
    ffmpeg = find_ffmpeg(str(settings.ffmpeg) if settings.ffmpeg else None)
    folder = (out or Path("renders") / storyboard.stem).resolve()
    _prepare(folder)
    return Preflight(loaded, settings, key, ffmpeg, folder)


@asynccontextmanager
async def open_studio(
    storyboard: Path,
    out: Path | None = None,
    *,
    profile: str | None = None,
    emulated: bool = False,
    pace: float = 60,
    **run: str,
) -> AsyncIterator[Studio]:
    """Open all that rendering a storyboard needs, and close it again with ``run.json`` written.

    ``run`` are facts for the record: ``run_name`` and ``run_id``.
    """
    ready = await asyncio.to_thread(preflight, storyboard, out, profile=profile, emulated=emulated)
    opened = emulating(ready.settings, pace) if emulated else nullcontext((ready.settings, None))
    with opened as (settings, emulator):
        base_seed = choose_seed(ready.loaded.storyboard, ready.folder)
        plan = plan_of(ready.loaded, base_seed=base_seed, rates=settings.rates)
        record = RunRecord.of(
            plan, storyboard=str(storyboard), folder=str(ready.folder), emulated=emulated, **run
        )
        async with connect(settings, ready.key) as client:
            studio = Studio(
                plan=plan,
                settings=settings,
                folder=ready.folder,
                storyboard_folder=ready.loaded.path.parent,
                record=record,
                client=client,
                ffmpeg=ready.ffmpeg,
                slots=asyncio.Semaphore(settings.concurrency),
                benches=asyncio.Semaphore(settings.ffmpeg_processes),
            )
            with recorded(studio, emulator):
                yield studio


@contextmanager
def recorded(studio: Studio, emulator: RunningEmulator | None) -> Iterator[None]:
    """Keep ``run.json`` true from the start of the render to whatever ends it."""
    studio.record.note()
    studio.write_record()
    state = "failed"
    try:
        yield
        state = "completed"
    except LongtakeError:
        state = "incomplete"
        raise
    except (asyncio.CancelledError, KeyboardInterrupt):
        state = "interrupted"
        raise
    finally:
        accepted = len(emulator.emulator.requests) if emulator else None
        studio.record.note(
            state=state, ended_at=datetime.now(UTC), emulator_accepted_requests=accepted
        )
        studio.write_record()


def choose_seed(storyboard: Storyboard, folder: Path) -> int:
    """The base seed: the author's, else the one drawn before for this folder, else a fresh one."""
    if storyboard.seed is not None:
        return storyboard.seed
    before = read_run(folder / "run.json")
    if before is not None and before.title == storyboard.title:
        return before.seed
    return secrets.randbelow(2**31)


def _prepare(folder: Path) -> None:
    """Make the render's folder; an OperatorError where nothing can be written there."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OperatorError(
            f"cannot make {folder}: {error.strerror}; choose another --out"
        ) from None
    if not os.access(folder, os.W_OK):
        raise OperatorError(f"cannot write to {folder}; choose another --out")


def connect(settings: Settings, key: str) -> SegmindClient:
    """A client as the settings describe it."""
    waiting = settings.waiting
    return SegmindClient(
        api_key=key,
        api_url=settings.api_url,
        upload_url=settings.upload_url,
        history_url=settings.history_url,
        requests_per_minute=settings.requests_per_minute,
        timeouts=Timeouts(
            connect=waiting.connect_seconds,
            read=waiting.read_seconds,
            generate_read=waiting.generate_seconds,
        ),
    )


@contextmanager
def emulating(settings: Settings, pace: float) -> Iterator[tuple[Settings, RunningEmulator | None]]:
    """An emulator for one render, and the settings pointed at it and brought to its pace."""
    with serve_emulator(EmulatorConfig(pace=pace)) as emulator:
        changes = {
            **dict.fromkeys(("api_url", "upload_url", "history_url"), emulator.base_url),
            "rates": at_pace(settings.rates, pace),
            "requests_per_minute": int(settings.requests_per_minute * max(pace, 1)),
        }
        yield settings.model_copy(update=changes), emulator


def at_pace(rates: Rates, pace: float) -> Rates:
    """The rates of a service that works ``pace`` times as fast."""
    seconds = {model: usual / pace for model, usual in rates.expected_seconds.items()}
    return rates.model_copy(update={"expected_seconds": seconds})
