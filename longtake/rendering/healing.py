"""Healing: one clip in the middle of a chain made again, its neighbours left as they are.

It starts from the frame that the clip before hands over, and moves towards the picture from which
the clip after was started. That is one payment; whether the service moved there is measured.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from longtake.errors import SettingsError
from longtake.ledger import TakeState
from longtake.rendering.heals import Heal, made_before, recalled_heal, remember_heal, stored_takes
from longtake.rendering.images import recalled_images
from longtake.rendering.known_takes import takes_ahead
from longtake.rendering.making import Maker
from longtake.rendering.outlook import Foreseen, Outlook, foresee
from longtake.rendering.render import Render
from longtake.rendering.steps import Steps
from longtake.rendering.takes import Images, StoredTake
from longtake.rendering.walk import walk
from longtake.story import (
    ChainPlan,
    ClipPlan,
    Cut,
    Finding,
    PairReading,
    Pin,
    follower_of,
    judge_arrival,
    worst_first,
)
from longtake.story.explain import did_you_mean


@dataclass(frozen=True)
class Healed:
    """What became of a heal.

    ``arrival``: the picture that the clip was to end on against its last frame. ``usd``: what was
    paid. ``findings``: of the seams before and after the clip, worst first. ``ahead``: what the
    next render would do as things stand. ``cascade``: what it would do if the film went on from
    the clip instead; None where the picture was reached.
    """

    clip_id: str
    follower_id: str
    arrival: PairReading
    usd: float
    findings: tuple[Finding, ...]
    ahead: Foreseen
    cascade: Foreseen | None

    @property
    def honoured(self) -> bool:
        """Whether the service moved to the picture."""
        return self.arrival.repeats

    @property
    def whole(self) -> bool:
        """Whether every clip of the film is there: it can be joined again, for nothing."""
        return all(each is Outlook.THERE for each in self.ahead.clips.values())


async def heal(
    render: Render,
    steps: Steps,
    clip_id: str,
    *,
    made: Mapping[str, str] = MappingProxyType({}),
    cascade: bool = False,
) -> Healed:
    """Make the clip again between its neighbours; the film is not joined here.

    ``made`` names, by clip, the takes that a film has: of the clip after, that one is to stay; by
    default the latest.
    Where the picture was not reached, the film is as it was before; with ``cascade`` it goes on
    from the clip, and the next render makes again what follows. Asked once more for the same, it
    pays nothing. Raises SettingsError for a clip that cannot be healed, and whatever became of it.
    """
    chain = _chain_of(render, clip_id)
    healer = Healer(render, steps, chain, clip_id, made)
    await walk(chain, healer)
    render.raise_missing()
    take = render.film.takes[clip_id]
    arrival = await healer.arrival(take)
    findings = await _findings(render, chain, take, arrival)
    further = None
    if not arrival.repeats:
        await healer.decide(ignored=True, cascades=True)
        further = await foreseen(render)
        await healer.decide(ignored=True, cascades=cascade)
    ahead = await foreseen(render)
    usd = render.report.record.totals.usd
    return Healed(clip_id, healer.follower.id, arrival, usd, findings, ahead, further)


async def foreseen(render: Render) -> Foreseen:
    """What a render of the whole would still make, and what it would cost."""
    past = await render.ledger.past_clips()
    folder = render.folder.pictures
    return await foresee(render.ledger, render.film.plan, folder, render.settings, past)


class Healer(Maker):
    """Walks along a chain and makes one clip of it; of all others it takes what is there.

    Clips right before it that were edited, too, are made as well: their ends stay free.
    """

    def __init__(
        self, render: Render, steps: Steps, chain: ChainPlan, clip_id: str, made: Mapping[str, str]
    ) -> None:
        super().__init__(render, steps)
        clip, follower = render.plan.clip(clip_id), follower_of(chain, clip_id)
        if follower is None:
            raise SettingsError(
                f"{clip_id} cannot be healed: no clip continues it; edit its shot and render again"
            )
        if not clip.may_arrive:
            why = "it begins from text, which" if isinstance(clip.start, Cut) else clip.model
            raise SettingsError(
                f"{clip_id} cannot be healed: {why} takes no end image; `longtake plan` says what "
                "it costs to make it and what follows again, and `longtake render` does that"
            )
        self.follower = follower
        self._chain = chain
        self._clip_id = clip_id
        self._follower_take = made.get(follower.id)
        self._asked: tuple[ClipPlan, Images, str] | None = None

    async def take(self, clip: ClipPlan, before: StoredTake | None) -> StoredTake | None:
        """The clip that is healed, made; any other if it is there."""
        if clip.id == self._clip_id:
            return await super().take(await self._pinned(clip, before), before)
        if await self._is_there(clip, before) or await self._leads_on(clip):
            return await super().take(clip, before)
        return None

    async def missing(self, chain: ChainPlan, clip: ClipPlan) -> bool:
        """The walk ends; a clip before the one that is healed must be there."""
        if self._asked is None:
            raise SettingsError(
                f"{self._clip_id} cannot be healed: {clip.id}, from which it goes on, is not "
                "there; render first"
            )
        return True

    async def arrival(self, take: StoredTake) -> PairReading:
        """How near the clip came to the picture that it was to end on."""
        _, images, kept = self._known
        read = await self.film.measuring.arrival(take, Images(images.start, kept))
        if read is None:
            raise ValueError(f"{take.clip.id} had no end image")
        return read

    async def decide(self, *, ignored: bool, cascades: bool) -> None:
        """Write down what holds of the heal from now on."""
        clip, images, kept = self._known
        heal = Heal(sha256=kept, ignored=ignored, cascades=cascades)
        await remember_heal(self.film.ledger, self.film.plan.title, clip, images, heal)

    @property
    def _known(self) -> tuple[ClipPlan, Images, str]:
        if self._asked is None:
            raise ValueError(f"the walk has not come as far as {self._clip_id}")
        return self._asked

    async def _pinned(self, clip: ClipPlan, before: StoredTake | None) -> ClipPlan:
        """The clip, ending on the picture that the clip after it starts from."""
        plain = clip.model_copy(update={"end": None})
        images = await recalled_images(self._render, plain, before)
        if images is None:
            images = await self._steps.handover(self._render, plain, before)
        heal = await recalled_heal(self.film.ledger, plain, images)
        kept = heal.sha256 if heal else await self._kept()
        self._asked = (plain, images, kept)
        await self.decide(ignored=False, cascades=False)
        self.film.seams.pin(clip.id, Pin(kept))
        return self.film.seams.clip(clip.id)

    async def _kept(self) -> str:
        """The picture from which the clip after it was started."""
        follower = self.follower
        stored = await stored_takes(self.film.ledger, self.film.plan.title)
        slate = made_before(stored, follower, self._follower_take)
        if slate is None or slate.start_sha256 is None:
            raise SettingsError(
                f"{self._clip_id} cannot be healed: {follower.id}, which continues it, was not "
                "made as it is in the storyboard now; `longtake render` makes both"
            )
        return slate.start_sha256

    async def _leads_on(self, clip: ClipPlan) -> bool:
        """Whether the clip, which is not there, leads to the one that is healed.

        So it does if neither of them, nor a clip between, was made as it is in the storyboard now.
        """
        if self._asked is not None:
            return False
        ids = [each.id for each in self._chain.clips]
        edited = self._chain.clips[ids.index(clip.id) : ids.index(self._clip_id) + 1]
        stored = await stored_takes(self.film.ledger, self.film.plan.title)
        return bool(stored) and not any(made_before(stored, each) for each in edited)

    async def _is_there(self, clip: ClipPlan, before: StoredTake | None) -> bool:
        images = await self.film.images(clip, before)
        if images is None:
            return False
        keeping = self._render.settings.keeping
        ahead = await takes_ahead(self.film.ledger, clip, images, keeping)
        return ahead.slate is not None and ahead.slate.state is TakeState.STORED


async def _findings(
    render: Render, chain: ChainPlan, take: StoredTake, arrival: PairReading
) -> tuple[Finding, ...]:
    """What should be looked at of the clip and of the seams at both of its ends."""
    film, ids = render.film, [clip.id for clip in chain.clips]
    at = ids.index(take.clip.id)
    found = list(judge_arrival(take.clip.id, arrival))
    for one, before in ((at, at - 1), (at + 1, at)):
        left = film.takes.get(ids[before]) if before >= 0 else None
        if right := film.takes.get(ids[one]):
            scored = await film.measuring.score(right, left, render.plan.fps)
            found += scored.findings
    return tuple(worst_first(found))


def _chain_of(render: Render, clip_id: str) -> ChainPlan:
    for chain in render.plan.chains:
        if any(clip.id == clip_id for clip in chain.clips):
            return chain
    known = [clip.id for clip in render.plan.clips]
    raise SettingsError(f"no clip {clip_id!r} here; {did_you_mean(clip_id, known)}")
