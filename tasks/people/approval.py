"""A person looks before more is paid for: the run waits with a form that shows the takes.

The decisions are the ledger's, by the takes that were shown, so that a render which is started
again does not ask twice, and what was made again meanwhile is asked again.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from typing import Literal

from longtake.errors import RenderStopped, StaleDecision
from longtake.ledger import ShownTake, Verdict
from longtake.record import Question
from longtake.rendering.chain_barrier import ChainBarrier
from longtake.rendering.render import Render
from longtake.story import ChainPlan, ClipPlan, GuidePlan
from tasks.people.anchors import anchors_approved
from tasks.people.asking import Adjourned, Questions, as_asked
from tasks.people.form import Approval, description, form_for

Each = Literal["each-shot", "each-scene", "anchors"]


class Approvals:
    """Where a person is asked in one render: after ``each`` shot or scene, or never (None).

    Of a tree they are asked about its anchors as well; with `anchors` about those alone.
    """

    def __init__(self, render: Render, each: Each | None = None) -> None:
        self._render = render
        self._each = each
        self._barriers: dict[str, ChainBarrier] = {}
        self._guides: set[str] = set()
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
        return await self._barrier(unit).arrive(chain.number, lambda: self._asked(unit))

    async def planted(self, guide: GuidePlan) -> bool:
        """Whether clips may be made between the guide's anchors; False: look at them again."""
        if self._each is None:
            return True
        self._guides.add(guide.clip.id)
        try:
            return await anchors_approved(self._render, self.questions, guide)
        finally:
            self._guides.discard(guide.clip.id)

    async def given_up(self, chain: ChainPlan, clip: ClipPlan) -> None:
        """Tell those who wait for this chain that it ends at ``clip``, which could not be made."""
        if self._each in (None, "anchors"):
            return
        rest = chain.clips[chain.clips.index(clip) :]
        for unit in dict.fromkeys(self._unit(each) for each in rest):
            arriving = self._barrier(unit).arrive(chain.number, _nobody, broken=True)
            waiting = asyncio.create_task(arriving)
            self._waiting.add(waiting)
            waiting.add_done_callback(self._forget)

    def _forget(self, task: asyncio.Task[bool]) -> None:
        self._waiting.discard(task)
        if not task.cancelled():
            task.exception()  # the one who asked tells it

    def _unit(self, clip: ClipPlan) -> str:
        """What is approved as one: the clip's shot (`arrival/2`) or its scene (`arrival`)."""
        shot = clip.id.rpartition(".")[0]
        return shot if self._each == "each-shot" else shot.rpartition("/")[0]

    def _ends_unit(self, chain: ChainPlan, clip: ClipPlan) -> bool:
        if self._each in (None, "anchors"):
            return False
        position = chain.clips.index(clip) + 1
        follower = chain.clips[position] if position < len(chain.clips) else None
        return follower is None or self._unit(follower) != self._unit(clip)

    def _barrier(self, unit: str) -> ChainBarrier:
        if unit not in self._barriers:
            chains = self._render.plan.chains
            meeting = [c for c in chains if any(self._unit(clip) == unit for clip in c.clips)]
            self._barriers[unit] = ChainBarrier(len(meeting))
        return self._barriers[unit]

    def _idle(self) -> bool:
        """Whether every chain has come to its end, or stands before a barrier or its guide."""
        standing = {number for barrier in self._barriers.values() for number in barrier.waiting}
        clips = self._render.report.record.clips
        return all(
            chain.number in standing
            or chain.guide in self._guides
            or all(clips[clip.id].stage.ended for clip in chain.clips)
            for chain in self._render.plan.chains
        )

    def _close(self, adjourned: Adjourned) -> None:
        for barrier in self._barriers.values():
            barrier.close(adjourned)

    async def _asked(self, unit: str) -> bool:
        """Ask, unless it was decided before; the answer is written down before it takes effect."""
        render = self._render
        clips = [clip for clip in render.plan.clips if self._unit(clip) == unit]
        clips = [clip for clip in clips if clip.own_file is None]  # nobody need approve their own
        takes = [render.film.takes[clip.id] for clip in clips]
        shown = [ShownTake(take.clip.id, take.fingerprint, take.sha256) for take in takes]
        verdicts = await render.ledger.verdicts([take.fingerprint for take in shown])
        known = [verdicts.get(take.fingerprint) for take in shown]
        if all(verdict in (Verdict.APPROVED, Verdict.CHOSEN) for verdict in known):
            return True
        form = form_for([take.clip_id for take in shown]).with_initial_data(
            description=await description(render, unit, clips)
        )
        about = _about(unit, shown)
        question = Question(about=about, unit=unit, takes=as_asked(shown))
        answer = await self.questions.ask(
            form,
            about,
            f"{unit} is there, and is to be approved.",
            question=question,
            elsewhere=lambda: self._answered(shown),
        )
        note = answer.note.strip()
        if answer.decision == "stop":
            await self.questions.settled(about)
            raise RenderStopped(f"{unit}: a person stopped the render{f': {note}' if note else ''}")
        locked = await self._locked(shown)
        decisions = {
            clip_id: verdict
            for clip_id, verdict in _decisions(answer, shown).items()
            if verdict is not Verdict.APPROVED or clip_id not in locked
        }
        decided = await self._write_down(shown, decisions, note)
        await self.questions.settled(about)
        return decided and answer.decision == "approve"

    async def _locked(self, shown: Sequence[ShownTake]) -> set[str]:
        """The clips whose take a person has chosen: to approve it takes nothing of that back."""
        known = await self._render.ledger.verdicts([take.fingerprint for take in shown])
        return {take.clip_id for take in shown if known.get(take.fingerprint) is Verdict.CHOSEN}

    async def _answered(self, shown: Sequence[ShownTake]) -> Approval | None:
        """What was decided about these takes by another way than the form: the ledger has it."""
        names = {take.fingerprint: take.clip_id for take in shown}
        decided = await self._render.ledger.decisions(list(names))
        note = next((each.note for each in decided.values() if each.note), "")
        found = {name: each.verdict for name, each in decided.items()}
        rejected = [names[name] for name in names if found.get(name) is Verdict.REJECTED]
        if rejected:
            return Approval(decision="retake", note=note, retake=rejected)
        passed = (Verdict.APPROVED, Verdict.CHOSEN)
        if all(found.get(name) in passed for name in names):
            return Approval(decision="approve", note=note)
        return None

    async def _write_down(
        self, shown: Sequence[ShownTake], decisions: Mapping[str, Verdict], note: str
    ) -> bool:
        """Whether the answer holds; where other takes are there by now, they are asked about."""
        try:
            await self._render.ledger.decide_shown(shown, decisions, note)
        except StaleDecision as stale:
            for clip_id, why in stale.changed.items():
                clip = self._render.plan.clip(clip_id)
                self._render.report.remark(clip, f"asked again: {why}")
            return False
        return True


async def _nobody() -> bool:
    return True


def _decisions(answer: Approval, shown: Sequence[ShownTake]) -> dict[str, Verdict]:
    """All approved; or rejected: the clips that are named, or all of them."""
    names = [take.clip_id for take in shown]
    if answer.decision != "retake":
        return dict.fromkeys(names, Verdict.APPROVED)
    return dict.fromkeys(answer.retake or names, Verdict.REJECTED)


def _about(unit: str, shown: Sequence[ShownTake]) -> str:
    """The question's name: the very takes that are shown, and their files."""
    takes = sorted(f"{take.clip_id} {take.fingerprint} {take.sha256}" for take in shown)
    return hashlib.sha256("\n".join([unit, *takes]).encode()).hexdigest()[:24]
