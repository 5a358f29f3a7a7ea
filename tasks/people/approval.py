"""A person looks before more is paid for: the run waits with a form that shows the takes.

The decisions are the ledger's, by the takes that were shown, so that a render which is started
again does not ask twice, and what was made anew meanwhile is asked again.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping
from typing import Literal

from longtake.errors import RenderStopped
from longtake.ledger import Verdict
from longtake.rendering.render import Render
from longtake.story import ChainPlan, ClipPlan
from tasks.people.asking import Adjourned, Questions
from tasks.people.form import Approval, description, form_for
from tasks.people.gate import Gate

Each = Literal["each-shot", "each-scene"]


class Approvals:
    """Where a person is asked in one render: after ``each`` shot or scene, or never (None)."""

    def __init__(self, render: Render, each: Each | None = None) -> None:
        self._render = render
        self._each = each
        self._gates: dict[str, Gate] = {}
        self._waiting: set[asyncio.Task[bool]] = set()
        self.questions = Questions(render, self._idle, self._close)

    @property
    def wanted(self) -> bool:
        """Whether anybody is asked at all."""
        return self._each is not None

    async def approved(self, chain: ChainPlan, clip: ClipPlan) -> bool:
        """Whether the chain may go on from ``clip``, which has just come in.

        True at once where nobody is to be asked: in the middle of a shot (of a scene). False after
        a person rejected a take: begin the chain again. Raises RenderStopped for the answer stop,
        Adjourned where the run ends until there is an answer.
        """
        if not self._ends_unit(chain, clip):
            return True
        unit = self._unit(clip)
        return await self._gate(unit).arrive(chain.number, lambda: self._asked(unit))

    async def given_up(self, chain: ChainPlan, clip: ClipPlan) -> None:
        """Tell those who wait for this chain that it ends at ``clip``, which could not be made."""
        if self._each is None:
            return
        rest = chain.clips[chain.clips.index(clip) :]
        for unit in dict.fromkeys(self._unit(each) for each in rest):
            arriving = self._gate(unit).arrive(chain.number, _nobody, broken=True)
            waiting = asyncio.create_task(arriving)
            self._waiting.add(waiting)
            waiting.add_done_callback(self._forget)

    def _forget(self, task: asyncio.Task[bool]) -> None:
        self._waiting.discard(task)
        if not task.cancelled():
            task.exception()  # whoever asked tells it

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

    def _idle(self) -> bool:
        """Whether every chain has come to its end or stands before a gate."""
        standing = {number for gate in self._gates.values() for number in gate.waiting}
        clips = self._render.report.record.clips
        return all(
            chain.number in standing
            or all(
                clips[clip.id].stage.ended_well or clips[clip.id].stage.ended_badly
                for clip in chain.clips
            )
            for chain in self._render.plan.chains
        )

    def _close(self, adjourned: Adjourned) -> None:
        for gate in self._gates.values():
            gate.close(adjourned)

    async def _asked(self, unit: str) -> bool:
        """Ask, unless it was decided before; the answer is written down before it takes effect."""
        render = self._render
        clips = [clip for clip in render.plan.clips if self._unit(clip) == unit]
        names = {clip.id: render.film.takes[clip.id].fingerprint for clip in clips}
        verdicts = await render.ledger.verdicts(list(names.values()))
        if all(verdicts.get(name) in (Verdict.APPROVED, Verdict.CHOSEN) for name in names.values()):
            return True
        form = form_for(list(names)).with_initial_data(
            description=await description(render, unit, clips)
        )
        about = _about(unit, names)
        answer = await self.questions.ask(form, about, f"{unit} is there, and is to be approved.")
        rejected = _rejected(answer, names)
        if answer.decision != "stop":
            await self._write_down(names, rejected, answer.note.strip())
        await self.questions.settled(about)
        if answer.decision == "stop":
            said = f": {answer.note.strip()}" if answer.note.strip() else ""
            raise RenderStopped(f"{unit}: a person stopped the render{said}")
        return not rejected

    async def _write_down(self, names: Mapping[str, str], rejected: set[str], note: str) -> None:
        for clip_id, name in names.items():
            if clip_id in rejected:
                await self._render.ledger.decide(name, Verdict.REJECTED, note)
            elif not rejected:
                await self._render.ledger.decide(name, Verdict.APPROVED, note)


async def _nobody() -> bool:
    return True


def _rejected(answer: Approval, names: Mapping[str, str]) -> set[str]:
    """The clips that are to be taken again: those that are named, or all of them."""
    if answer.decision != "retake":
        return set()
    return set(answer.retake) or set(names)


def _about(unit: str, names: Mapping[str, str]) -> str:
    """The question's name: the very takes that are shown."""
    shown = "\n".join([unit, *(f"{clip_id} {name}" for clip_id, name in sorted(names.items()))])
    return hashlib.sha256(shown.encode()).hexdigest()[:24]
