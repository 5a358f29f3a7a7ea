"""The one walk along a chain: each clip from a frame of the one before.

A render and a plan walk alike. Who goes along makes what is missing (``making.Maker``) or only
looks it up (``outlook.Lookout``); where clips hand over and where their seams lie is decided here.
"""

from __future__ import annotations

from typing import Protocol

from longtake.rendering.known_film import KnownFilm
from longtake.rendering.takes import StoredTake
from longtake.story import ChainPlan, ClipPlan, DriftForecast, GuidePlan, Handover, anchoring_of


class Walker(Protocol):
    """Who walks along a chain."""

    @property
    def film(self) -> KnownFilm:
        """The film that the chain belongs to."""

    async def grown(self, chain: ChainPlan, guide: GuidePlan) -> bool:
        """Make or look up the guide that the chain waits for; whether the chain can be walked."""

    async def take(self, clip: ClipPlan, before: StoredTake | None) -> StoredTake | None:
        """The take that the film has of the clip; None where there is none."""

    async def missing(self, chain: ChainPlan, clip: ClipPlan) -> bool:
        """There is no take of the clip; whether the walk ends here."""

    def beyond_drift(self, clip: ClipPlan, forecast: DriftForecast) -> None:
        """The clip lies beyond the drift limit, or would: ``film.seams`` has what is done."""

    def ends_as_planned(self, take: StoredTake) -> None:
        """The next clip starts over, so that no seam is to be found in this one's last frames."""

    def settled(self, before: StoredTake | None, take: StoredTake) -> None:
        """The clip is there, and the seam before it lies where it lies."""

    async def approved(self, chain: ChainPlan, clip: ClipPlan) -> bool:
        """Whether the walk may go on; False: the chain begins again."""


async def walk(chain: ChainPlan, walker: Walker) -> None:
    """Go along the chain, clip by clip, until its end or the first clip that cannot be had.

    Where a take is rejected the chain begins again: what was not rejected, and does not follow from
    it, is there.
    """
    guide = walker.film.plan.guide(chain)
    if guide is not None and not await walker.grown(chain, guide):
        return
    while not await _walked(chain, walker):
        pass


async def _walked(chain: ChainPlan, walker: Walker) -> bool:
    seams = walker.film.seams
    seams.forget(chain.clips)
    before: StoredTake | None = None
    for planned in chain.clips:
        if before is not None:
            before = await choose_handover(walker, chain, before, planned)
        await walker.film.recall_heal(chain, seams.clip(planned.id), before)
        take = await walker.take(seams.clip(planned.id), before)
        if take is not None:
            before = await settle_seam(walker, chain, before, take)
            if not await walker.approved(chain, planned):
                return False
        elif await walker.missing(chain, planned):
            return True
        else:
            before = None
    return True


async def choose_handover(
    walker: Walker, chain: ChainPlan, before: StoredTake, follower: ClipPlan
) -> StoredTake:
    """Decide, before ``follower`` is bought, whether it continues the clip, and from which frame.

    Returns the clip, which ends as it was planned where it is not continued.
    """
    film, seams = walker.film, walker.film.seams
    if seams.clip(follower.id).pinned_start:
        return before  # it stays as it is, whatever comes before it
    if forecast := film.drift(chain, follower):
        how = anchoring_of(seams.clip(follower.id))
        if how is not None:
            seams.anchor(follower.id, how)
            had_handles = before.clip.handle_frame_count > 0
            before = film.keep(before._replace(clip=seams.clip(before.clip.id)))
            if had_handles:
                walker.ends_as_planned(before)
        walker.beyond_drift(follower, forecast)
    if isinstance(seams.clip(follower.id).start, Handover):
        seams.hand_over(before.clip, follower, await film.measuring.handover_frame(before))
    return before


async def settle_seam(
    walker: Walker, chain: ChainPlan, before: StoredTake | None, take: StoredTake
) -> StoredTake:
    """The clip is there: settle the seam that it begins with.

    The first frame is left out only where it is the one that was handed over.
    """
    film, seams = walker.film, walker.film.seams
    clip = seams.settle_head(take.clip, repeats=take.pair is None or take.pair.repeats)
    if before is not None and before.clip.handle_frame_count:
        at = await film.measuring.splice(before, take._replace(clip=clip))
        if at is not None:
            clip = seams.splice(before.clip, clip, at)
    take = film.keep(take._replace(clip=clip))
    walker.settled(before, take)
    if forecast := film.drift(chain, clip):
        walker.beyond_drift(clip, forecast)
    return take
