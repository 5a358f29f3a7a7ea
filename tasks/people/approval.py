"""A person looks before more is paid for: the run pauses with a form that shows the takes.

The decisions are the ledger's, so that a render which is started again does not ask twice.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Literal

from prefect.exceptions import FlowPauseTimeout
from prefect.flow_runs import apause_flow_run
from prefect.input import RunInput
from pydantic import Field, create_model

from longtake.errors import DamagedClip, RenderStopped
from longtake.ledger import Verdict
from longtake.media.thumbnails import thumbnail
from longtake.record import ClipRecord
from longtake.rendering.render import Render
from longtake.segmind import data_uri
from longtake.story import ChainPlan, ClipPlan
from tasks.people.credits import LOOK_SECONDS

PICTURE_WIDTH = 200
"""Pixels; three of them fit beside each other in Prefect's form."""

PICTURES_BYTES = 300_000
"""Of one form, which lies in Prefect's database: some twelve clips; the others have words only."""


class _Answer(RunInput):
    """The form's fields that are the same for every shot."""

    decision: Literal["approve", "retake", "stop"] = Field(
        "approve", description="Go on, take clips again with other seeds, or stop."
    )
    note: str = Field("", description="Kept in the ledger next to the decision.")


Each = Literal["each-shot", "each-scene"]


class Gate:
    """Where the chains of one shot or scene meet, and one of them asks for all."""

    def __init__(self, chains: int) -> None:
        self._away = chains
        self._chains = chains
        self._broken = False
        self._answer: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

    async def arrive(self, ask: Callable[[], Awaitable[bool]], *, broken: bool = False) -> bool:
        """Wait for the other chains; whether to go on from here, as the last of them was told.

        ``broken``: this chain has lost a clip, so there is nothing to decide any more.
        """
        answer = self._answer
        self._away -= 1
        self._broken = self._broken or broken
        if self._away == 0:
            await self._settle(ask)
        return await answer

    async def _settle(self, ask: Callable[[], Awaitable[bool]]) -> None:
        answer, broken = self._answer, self._broken
        try:
            result = broken or await ask()
        except BaseException as error:
            answer.set_exception(error)
            return
        if not result:  # all of them will come by again
            self._away, self._broken = self._chains, False
            self._answer = asyncio.get_running_loop().create_future()
        answer.set_result(result)


class Approvals:
    """Where a person is asked in one render: after ``each`` shot or scene, or never (None)."""

    def __init__(self, render: Render, each: Each | None) -> None:
        self._render = render
        self._each = each
        self._gates: dict[str, Gate] = {}
        self._asking = asyncio.Lock()
        self._waiting: set[asyncio.Task[bool]] = set()

    async def approved(self, chain: ChainPlan, clip: ClipPlan) -> bool:
        """Whether the chain may go on from ``clip``, which has just come in.

        True at once where nobody is to be asked: in the middle of a shot (of a scene). False after
        a person rejected a take: begin the chain again. Raises RenderStopped for the answer stop.
        """
        if not self._ends_unit(chain, clip):
            return True
        unit = self._unit(clip)
        return await self._gate(unit).arrive(lambda: self._asked(unit))

    async def given_up(self, chain: ChainPlan, clip: ClipPlan) -> None:
        """Tell those who wait for this chain that it ends at ``clip``, which could not be made."""
        if self._each is None:
            return
        rest = chain.clips[chain.clips.index(clip) :]
        for unit in dict.fromkeys(self._unit(each) for each in rest):
            waiting = asyncio.create_task(self._gate(unit).arrive(_nobody, broken=True))
            self._waiting.add(waiting)
            waiting.add_done_callback(self._waiting.discard)

    def _unit(self, clip: ClipPlan) -> str:
        """What is approved as one: the clip's shot (`arrival/2`) or its scene (`arrival`)."""
        shot = clip.id.rpartition(".")[0]
        return shot if self._each == "each-shot" else shot.rpartition("/")[0]

    def _ends_unit(self, chain: ChainPlan, clip: ClipPlan) -> bool:
        if self._each is None:
            return False
        position = chain.clips.index(clip) + 1
        follower = chain.clips[position] if position < len(chain.clips) else None
        return follower is None or self._unit(follower) != self._unit(clip)

    def _gate(self, unit: str) -> Gate:
        if unit not in self._gates:
            chains = self._render.plan.chains
            meeting = [c for c in chains if any(self._unit(clip) == unit for clip in c.clips)]
            self._gates[unit] = Gate(len(meeting))
        return self._gates[unit]

    async def _asked(self, unit: str) -> bool:
        """Ask, unless it was decided before; the answer is written down before it takes effect."""
        render = self._render
        clips = [clip for clip in render.plan.clips if self._unit(clip) == unit]
        names = {clip.id: render.film.takes[clip.id].fingerprint for clip in clips}
        verdicts = await render.ledger.verdicts(list(names.values()))
        if all(verdicts.get(name) in (Verdict.APPROVED, Verdict.CHOSEN) for name in names.values()):
            return True
        async with self._asking:  # one form at a time
            answer = await _answer(render, unit, clips)
        note = answer.note.strip()
        if answer.decision == "stop":
            said = f": {note}" if note else ""
            raise RenderStopped(f"{unit}: a person stopped the render{said}")
        rejected = set(answer.retake) if answer.decision == "retake" else set()
        if answer.decision == "retake" and not rejected:
            rejected = set(names)
        for clip_id, name in names.items():
            if clip_id in rejected:
                await render.ledger.decide(name, Verdict.REJECTED, note)
            elif not rejected:
                await render.ledger.decide(name, Verdict.APPROVED, note)
        return not rejected


async def _nobody() -> bool:
    return True


async def _answer(render: Render, unit: str, clips: list[ClipPlan]) -> Any:
    form = form_for([clip.id for clip in clips]).with_initial_data(
        description=await _description(render, unit, clips)
    )
    try:
        return await apause_flow_run(
            wait_for_input=form,
            timeout=int(render.settings.fleet.answer_seconds),
            poll_interval=LOOK_SECONDS,
        )
    except FlowPauseTimeout:
        raise RenderStopped(
            f"{unit}: nobody approved it in time; render again to be asked again"
        ) from None


def form_for(clip_ids: list[str]) -> type[RunInput]:
    """The form: what to do, which clips to take again, and a note for the ledger."""
    clip = Literal[tuple(clip_ids)]  # type: ignore[valid-type]  # made for this very form
    retake: Any = (
        list[clip],  # type: ignore[valid-type]
        Field([], description="With retake: these clips; all of them if none is named."),
    )
    return create_model("Approval", __base__=_Answer, retake=retake)


async def _description(render: Render, unit: str, clips: list[ClipPlan]) -> str:
    """Markdown: each clip in words, and in three of its frames as far as there is room."""
    usd = render.report.record.totals.usd
    parts = [f"**{render.plan.title}: {unit}** is there. {usd:.2f} USD so far."]
    room = PICTURES_BYTES
    for clip in clips:
        record = render.report.record.clips[clip.id]
        parts.append(
            f"**{clip.id}**, take {record.take}, seed {record.seed}, "
            f"{record.usd or record.expected_usd:.2f} USD: {clip.prompt}"
        )
        strip = await asyncio.to_thread(
            _strip, render.folder.clip(render.film.takes[clip.id]), record
        )
        if len(strip) <= room:
            room -= len(strip)
            parts.append(strip)
    return "\n\n".join(part for part in parts if part)


def _strip(path: Path, record: ClipRecord) -> str:
    """A clip's first, middle and last kept frame beside each other; empty where none can be had."""
    first, count = record.skip_frames, record.kept_frame_count
    try:
        pictures = [
            thumbnail(path, frame_index, width=PICTURE_WIDTH)
            for frame_index in (first, first + count // 2, first + count - 1)
        ]
    except DamagedClip:
        return ""
    cells = [f'<img alt="" src="{data_uri(picture, "image/jpeg")}">' for picture in pictures]
    return "\n".join(
        ("| first frame | middle | last frame |", "|---|---|---|", f"|{'|'.join(cells)}|")
    )
