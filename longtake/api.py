"""The Python API: what the commands do, as functions with typed results.

Errors are those of ``longtake.errors``. Storyboards are files' paths, YAML or JSON; ``render`` and
``arender`` take a storyboard's text as well.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypedDict, Unpack

from longtake.blocking import wait_for
from longtake.errors import Problem

if TYPE_CHECKING:
    from longtake.record import ClipRecord, RunRecord
    from longtake.rendering.healing import Healed
    from longtake.story import Finding, Plan
    from longtake.story.decisions import ClipDecision

Progress = Callable[["RunRecord", "ClipRecord | None"], None]
"""Called after each report of a render: the record so far, and the clip that changed (None: the
render itself). It is called between the steps, so that it should return soon."""


@dataclass(frozen=True)
class PlannedFilm:
    """What a render would make, and what it would still have to pay for.

    ``plan`` has every clip with its model, parameters, frames and seams; ``usd`` is paid at least
    and ``usd_at_most`` where takes are made one by one. ``outlook`` says of each clip, by its id,
    what the ledger knows of it ("new" where it knows nothing); ``notices`` what is allowed but may
    be a mistake; ``decisions`` what a render does with each clip, and why.
    """

    plan: Plan
    usd: float
    usd_at_most: float
    outlook: dict[str, str]
    notices: tuple[Problem, ...]
    decisions: dict[str, ClipDecision]


@dataclass(frozen=True)
class RenderedFilm:
    """A film that was rendered: its file, and the whole record, as it stands in ``run.json``."""

    path: Path
    record: RunRecord

    @property
    def findings(self) -> Sequence[Finding]:
        """What a person should look at, worst first."""
        return self.record.findings

    @property
    def usd(self) -> float:
        """What this render paid, as far as the service has said."""
        return self.record.totals.usd


class RenderOptions(TypedDict, total=False):
    """The options of ``longtake render``, under their names there.

    ``out``: folder for all that the render leaves. ``profile``: a profile's name or path.
    ``budget_usd``: submit nothing that would make this render cost more. ``retake_lost``: pay once
    more for clips whose files cannot be had any more. ``emulated``: on the built-in emulator, at
    ``pace`` times the service's speed, with ``captions`` in the picture. ``only`` these shots.
    ``plan``: a plan that was kept in a file, to be held to. ``max_usd``: what it may cost at most.
    """

    out: str | Path | None
    profile: str | None
    budget_usd: float | None
    retake_lost: bool
    approve: Literal["each-shot", "each-scene", "anchors"] | None
    out_of_credits: Literal["stop", "pause"]
    emulated: bool
    pace: float
    captions: bool
    only: list[str] | None
    plan: str | None
    max_usd: float | None


class HealOptions(TypedDict, total=False):
    """The options of ``longtake heal``, under their names there.

    ``profile``: a profile's name or path. ``budget_usd``: submit nothing that would cost more.
    ``cascade``: where the service did not move to the next clip's first frame, go on from the clip
    all the same. ``pace``: how fast the emulator of an emulated render works.
    """

    profile: str | None
    budget_usd: float | None
    cascade: bool
    pace: float


def check(storyboard: str | Path, *, lint: bool = False) -> tuple[Problem, ...]:
    """Find every problem of a storyboard; raises StoryboardError with all of them.

    Returns what is allowed but may be a mistake; with ``lint``, also advice on what chains of
    clips tend to get wrong. Nothing is sent.
    """
    from longtake.documents import load_plan
    from longtake.rendering.planning import advice_on, examine, notices_of
    from longtake.story import Rates

    loaded, planned = load_plan(storyboard, examine=examine)
    advice = advice_on(loaded, planned) if lint else []
    return (*notices_of(loaded, planned, Rates()), *advice)


def plan(
    storyboard: str | Path,
    *,
    profile: str | None = None,
    fresh: bool = False,
    emulated: bool = False,
    only: Sequence[str] = (),
) -> PlannedFilm:
    """Work out what a render would make, how long it would take and what it would cost.

    Clips that the ledger knows are not paid for again, unless ``fresh`` does not look into it;
    ``emulated`` looks into that of emulated renders. ``only`` these shots and what they need.
    Nothing is sent. Raises StoryboardError or SettingsError. May be called where a loop runs.
    """
    from longtake.rendering.planning import Wanted, planned

    found = planned(
        storyboard, Wanted(profile=profile, fresh=fresh, emulated=emulated, only=tuple(only))
    )
    known = found.foreseen.clips if found.foreseen else {}
    outlook = {clip.id: str(known.get(clip.id, "new")) for clip in found.plan.clips}
    decisions = dict(found.decisions)
    return PlannedFilm(found.plan, *found.to_pay, outlook, tuple(found.notices), decisions)


def render(
    storyboard: str | Path, *, progress: Progress | None = None, **options: Unpack[RenderOptions]
) -> RenderedFilm:
    """Render a storyboard into a film, as ``longtake render`` does, and wait for it.

    ``progress`` is called after each report. To go on after a crash, an error or an edit, call it
    again: what is paid for is not paid for twice. Raises a LongtakeError where the film is not
    whole; what there is by then is kept. Where a loop runs already (a notebook), it works in a
    thread of its own.
    """
    return wait_for(arender(storyboard, progress=progress, **options))


async def arender(
    storyboard: str | Path, *, progress: Progress | None = None, **options: Unpack[RenderOptions]
) -> RenderedFilm:
    """``render`` for asynchronous code: cancelling it interrupts the render, which can go on."""
    from longtake.record import watching
    from longtake.rendering.preflight import preflight
    from longtake.surroundings import settle
    from tasks.prefect_server import prepare_environment, reached_server

    source, out = str(storyboard), options.pop("out", None)
    await asyncio.to_thread(
        preflight,
        source,
        Path(out) if out else None,
        profile=options.get("profile"),
        emulated=options.get("emulated", False),
    )
    settle()
    prepare_environment()
    seen: list[RunRecord] = []

    def watch(run: RunRecord, clip: ClipRecord | None) -> None:
        seen[:] = [run]
        if progress is not None:
            progress(run, clip)

    async with reached_server():
        from flows.render import render_storyboard

        with watching(watch):
            film = await render_storyboard.awaited(source, str(out) if out else None, **options)
    return RenderedFilm(Path(film), seen[0])


def heal(run: str | Path, clip: str, **options: Unpack[HealOptions]) -> Healed:
    """Make one clip in the middle of a render's chain again, as ``longtake heal`` does.

    ``run`` is the render's folder. One clip is paid for at most; what follows it stays. The result
    says whether the service ``honoured`` the frame that it was to end on, and what a ``cascade``
    would cost where it did not. Raises a LongtakeError where the clip cannot be had.
    """
    return wait_for(aheal(run, clip, **options))


async def aheal(run: str | Path, clip: str, **options: Unpack[HealOptions]) -> Healed:
    """``heal`` for asynchronous code."""
    from tasks.prefect_server import prepare_environment, reached_server

    prepare_environment()
    async with reached_server():
        from flows.heal import heal_clip

        healed: Healed = await heal_clip.awaited(str(run), clip, **options)
        return healed
