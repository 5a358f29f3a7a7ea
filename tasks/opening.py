"""Opening a studio: all that can be wrong before money is spent is found here, cheapest first."""

from __future__ import annotations

import asyncio
import os
import secrets
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, nullcontext, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from longtake.documents import LoadedStoryboard, load_plan, plan_of
from longtake.emulator import EmulatorConfig, RunningEmulator, serve_emulator
from longtake.errors import LedgerError, LongtakeError, OperatorError
from longtake.ledger import Budget, Ledger, Scope
from longtake.media import Ffmpeg, find_ffmpeg
from longtake.record import RunRecord
from longtake.segmind import SegmindClient, Timeouts
from longtake.settings import Settings, load_settings
from longtake.store import Store
from longtake.story import Rates
from tasks.owner import owner_name
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
    budget_usd: float | None = None,
    retake_lost: bool = False,
    emulated: bool = False,
    pace: float = 60,
    **run: str,
) -> AsyncIterator[Studio]:
    """Open all that rendering a storyboard needs, and close it again with ``run.json`` written.

    ``run`` are facts for the record: ``run_name`` and ``run_id``.
    """
    ready = await asyncio.to_thread(preflight, storyboard, out, profile=profile, emulated=emulated)
    opened = (
        emulating(ready.settings, pace, ready.folder)
        if emulated
        else nullcontext((ready.settings, None))
    )
    with opened as (settings, emulator):
        keeping = settings.keeping
        store = Store(keeping.store)
        async with (
            Ledger.open(keeping.ledger) as ledger,
            connect(settings, ready.key) as client,
        ):
            plan = plan_of(
                ready.loaded,
                base_seed=await ledger.base_seed(ready.loaded.storyboard.title, draw_seed),
                rates=settings.rates,
            )
            record = RunRecord.of(
                plan, storyboard=str(storyboard), folder=str(ready.folder), emulated=emulated, **run
            )
            studio = Studio(
                plan=plan,
                settings=settings,
                folder=ready.folder,
                storyboard_folder=ready.loaded.path.parent,
                record=record,
                client=client,
                ffmpeg=ready.ffmpeg,
                ledger=ledger,
                store=store,
                owner=owner_name(),
                slots=asyncio.Semaphore(settings.concurrency),
                benches=asyncio.Semaphore(settings.ffmpeg_processes),
                budgets=tuple(budgets(budget_usd, keeping.daily_budget_usd)),
                retake_lost=retake_lost or emulated,
            )
            with recorded(studio, emulator):
                async with heartbeat(studio):
                    yield studio


def draw_seed() -> int:
    """A base seed by chance: drawn once for a storyboard, then the ledger keeps it."""
    return secrets.randbelow(2**31)


def budgets(render_usd: float | None, day_usd: float | None) -> Iterator[Budget]:
    """The limits that every submit is checked against."""
    if render_usd is not None:
        yield Budget("this render's budget", render_usd, Scope.RUN)
    if day_usd is not None:
        yield Budget("the daily budget", day_usd, Scope.DAY)


@asynccontextmanager
async def heartbeat(studio: Studio) -> AsyncIterator[None]:
    """Keep what the render holds for as long as it lives, and give it back at the end."""
    seconds = studio.settings.keeping.lease_seconds

    async def beat() -> None:
        while True:
            await asyncio.sleep(seconds / 4)
            with suppress(LedgerError):  # the next beat may get through
                await studio.ledger.heartbeat(studio.owner, seconds)

    beating = asyncio.create_task(beat())
    try:
        yield
    finally:
        beating.cancel()
        with suppress(asyncio.CancelledError):
            await beating
        with suppress(LedgerError):  # leases run out by themselves; what went wrong is told instead
            await studio.ledger.release(studio.owner)


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
def emulating(
    settings: Settings, pace: float, folder: Path
) -> Iterator[tuple[Settings, RunningEmulator | None]]:
    """An emulator for one render, and the settings pointed at it and brought to its pace.

    Its ledger and store lie in ``folder``, apart from everything that real money was paid for.
    """
    with serve_emulator(EmulatorConfig(pace=pace)) as emulator:
        changes = {
            **dict.fromkeys(("api_url", "upload_url", "history_url"), emulator.base_url),
            "rates": at_pace(settings.rates, pace),
            "keeping": settings.keeping.model_copy(
                update={
                    "ledger": str(folder / "emulated/ledger.sqlite"),
                    "store": str(folder / "emulated/store"),
                    "ambiguous_seconds": settings.keeping.ambiguous_seconds / max(pace, 1),
                }
            ),
            "requests_per_minute": int(settings.requests_per_minute * max(pace, 1)),
        }
        yield settings.model_copy(update=changes), emulator


def at_pace(rates: Rates, pace: float) -> Rates:
    """The rates of a service that works ``pace`` times as fast."""
    seconds = {model: usual / pace for model, usual in rates.expected_seconds.items()}
    return rates.model_copy(update={"expected_seconds": seconds})
