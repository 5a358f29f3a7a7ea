"""Building blocks for flows of one's own: clips asked for one by one, without a storyboard.

Each is a task, safe to repeat and safe to kill: what is paid for is in the ledger and the store
before the next step, and asked for again it is taken from there. They are called inside of
``open_film``; those that wait for each other are awaited, those that do not may be gathered.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from contextvars import ContextVar
from pathlib import Path
from typing import Any
from uuid import uuid4

from prefect import runtime, task

from longtake.errors import OperatorError
from longtake.rendering.own_film import Clip, Frame, OwnFilm
from longtake.rendering.own_opening import open_own_film
from longtake.rendering.render import Render
from longtake.rendering.requests import OwnFilmRequest
from longtake.settings import Settings
from tasks.host import PrefectHost
from tasks.retries import UNCACHED
from tasks.steps import prefect_steps

_film: ContextVar[OwnFilm] = ContextVar("own film")


class OwnFlowHost(PrefectHost):
    """Prefect as the host of a film of own clips: the run's page is the flow's own."""

    def around(self, render: Render) -> AbstractAsyncContextManager[object]:
        """Nothing is entered: the run's page is the flow's own."""
        return nullcontext()


@asynccontextmanager
async def open_film(
    title: str,
    *,
    out: str | Path | None = None,
    profile: str | None = None,
    budget_usd: float | None = None,
    retake_lost: bool = False,
    emulated: bool = False,
    pace: float = 60,
) -> AsyncIterator[None]:
    """Open settings, ledger, store and client for the blocks that are called inside.

    Args:
        title: The film's name; run again under the same one, it continues.
        out: Folder for the clips and the film; by default in renders/, by the title.
        profile: Name of a profile in configs/profiles, or a path to one.
        budget_usd: Stop submitting before this flow run would cost more.
        retake_lost: Pay once more for clips whose files cannot be had any more.
        emulated: Render on the built-in emulator: no key, no cost.
        pace: How many times faster than the real service the emulator is.

    Raises SettingsError, MissingKey and other OperatorErrors before anything is sent.
    """
    request = OwnFilmRequest(
        title,
        Path(out) if out else None,
        profile=profile,
        budget_usd=budget_usd,
        retake_lost=retake_lost,
        emulated=emulated,
        pace=pace,
        run_name=runtime.flow_run.name or "",
        run_id=str(runtime.flow_run.id or ""),
    )

    def steps(settings: Settings) -> Any:
        return prefect_steps(settings.waiting)

    async with open_own_film(request, steps, OwnFlowHost()) as film:
        token = _film.set(film)
        try:
            yield
        finally:
            _film.reset(token)


@task(name="text-to-video", **UNCACHED)
async def text_to_video(prompt: str, **parameters: Any) -> Clip:
    """A clip from text alone.

    ``parameters`` are those of a storyboard's `look` (docs/storyboard.md): ``num_frames``,
    ``resolution``, ``seed``, ``style`` and the others. THIS COSTS MONEY, once. Raises
    StoryboardError for what cannot be asked for, and the error of what became of the clip.
    """
    return await _open().clip(_call(prompt, parameters), prompt, parameters)


@task(name="last-frame", **UNCACHED)
async def last_frame(clip: Clip) -> Frame:
    """The last frame of a clip, its colours corrected as the film's are; costs nothing."""
    return await _open().last_frame(clip)


@task(name="image-to-video", **UNCACHED)
async def image_to_video(
    prompt: str,
    image: Frame | str | Path,
    *,
    end_image: str | Path | None = None,
    **parameters: Any,
) -> Clip:
    """A clip that starts from ``image``: a clip's frame, or a picture by its path or address.

    From a clip's frame it has that clip's shape and frame rate, unless told. ``end_image`` is what
    it moves towards. THIS COSTS MONEY, once. Raises as ``text_to_video`` does.
    """
    call = _call(prompt, parameters, image, end_image)
    return await _open().clip(call, prompt, parameters, image, end_image)


@task(name="join", **UNCACHED)
async def join(clips: Sequence[Clip], into: str | Path = "film.mp4") -> Path:
    """Join clips into a film, in this order, and return its path; costs nothing.

    A clip that was started from the last frame of the one before it continues it: the frame that
    both have is in the film once. ``into`` counts from the film's folder.
    """
    return await _open().join(clips, into)


def _open() -> OwnFilm:
    film = _film.get(None)
    if film is None:
        raise OperatorError('no film is open: call it inside of `async with open_film("title"):`')
    return film


def _call(*asked: object) -> str:
    """One name for what a task run asks for, however often Prefect repeats it."""
    return f"{runtime.task_run.id or uuid4()} {asked!r}"
