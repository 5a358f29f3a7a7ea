"""What a render of a plan would do: the walk along its chains that only looks up.

No ffmpeg, no network: what would have to be measured or made first is taken as new.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from longtake.ledger import CONTENT_BLOCKED, Ledger, Slate, TakeState
from longtake.media import Matrix
from longtake.rendering.known_film import KnownFilm
from longtake.rendering.known_takes import TakesAhead, takes_ahead
from longtake.rendering.measuring import Measuring
from longtake.rendering.takes import StoredTake
from longtake.rendering.walk import walk
from longtake.story import ChainPlan, ClipPlan, DriftForecast, Handover, Plan, drift_finding


class Outlook(StrEnum):
    """What a render would do with a clip."""

    THERE = "there"  # made and paid for: out of the store
    UNDER_WAY = "under way"  # sent before: it is picked up, and not paid for again
    LOST = "lost"  # paid for, its file is gone: made again only with --retake-lost
    BLOCKED = "blocked"  # stopped because of its content: change the prompt
    NEW = "new"
    FOLLOWS = "follows"  # new, since a clip that it starts from is

    @property
    def to_pay(self) -> bool:
        """Whether rendering it costs money."""
        return self in {Outlook.NEW, Outlook.FOLLOWS}


class Foreseen(NamedTuple):
    """What a render of a plan would do, clip by clip, and what it would cost.

    ``usd`` at least and, where takes are made one by one, ``usd_at_most``. ``drift`` has, by clip,
    what is said of clips that would lie beyond the drift limit.
    """

    clips: dict[str, Outlook]
    usd: float
    usd_at_most: float
    drift: Mapping[str, str] = MappingProxyType({})


async def foresee(
    ledger: Ledger,
    plan: Plan,
    storyboard_folder: Path,
    untagged_matrix: Matrix = "bt601",
    retakes: int = 0,
) -> Foreseen:
    """Look every clip of the plan up, in the order and way in which a render goes through them.

    ``retakes`` are those that a clip may have where its storyboard says `gate: retake`.
    """
    measuring = Measuring(ledger, untagged_matrix)
    lookout = Lookout(KnownFilm(plan, ledger, storyboard_folder, measuring), retakes)
    for chain in plan.chains:
        await walk(chain, lookout)
    return Foreseen(
        lookout.clips, round(lookout.usd, 6), round(lookout.usd_at_most, 6), lookout.drift
    )


class Lookout:
    """Walks along chains and makes nothing; ``clips`` has what was seen of each."""

    def __init__(self, film: KnownFilm, retakes: int) -> None:
        self.film = film
        self.clips: dict[str, Outlook] = {}
        self.usd = 0.0
        self.usd_at_most = 0.0
        self.drift: dict[str, str] = {}
        self._retakes = retakes

    async def take(self, clip: ClipPlan, before: StoredTake | None) -> StoredTake | None:
        """The stored take that a render would come to, without anything to pay."""
        if before is None and isinstance(clip.start, Handover):
            self._count(clip, Outlook.FOLLOWS, _all_takes(clip))
            return None
        images = await self.film.images(clip, before)
        if images is None:
            self._count(clip, Outlook.NEW, _all_takes(clip))
            return None
        ahead = await takes_ahead(self.film.ledger, clip, images, self._retakes)
        slate = ahead.slate
        self._count(clip, _outlook(slate), ahead)
        if slate is None or slate.state is not TakeState.STORED or slate.clip_sha256 is None:
            return None
        take = StoredTake(slate.clip_sha256, slate.fingerprint, clip, slate.take_number)
        return take._replace(treatment=await self.film.measuring.treatment(take, images))

    def _count(self, clip: ClipPlan, outlook: Outlook, ahead: TakesAhead) -> None:
        self.clips[clip.id] = outlook
        self.usd += clip.usd * ahead.to_make
        self.usd_at_most += clip.usd * ahead.at_most

    async def missing(self, chain: ChainPlan, clip: ClipPlan) -> bool:
        """Go on: what follows is to be priced as well."""
        return False

    def beyond_drift(self, clip: ClipPlan, forecast: DriftForecast) -> None:
        """Keep what a render would say of it."""
        how = self.film.seams.anchors.get(clip.id)
        self.drift[clip.id] = drift_finding(forecast, how).says

    def ends_as_planned(self, take: StoredTake) -> None:
        """Nothing is encoded here."""

    def settled(self, before: StoredTake | None, take: StoredTake) -> None:
        """Nothing is encoded here."""

    async def approved(self, chain: ChainPlan, clip: ClipPlan) -> bool:
        """Nobody is asked."""
        return True


def _all_takes(clip: ClipPlan) -> TakesAhead:
    return TakesAhead(None, clip.takes.at_least, clip.takes.count)


def _outlook(slate: Slate | None) -> Outlook:
    match slate:
        case Slate(state=TakeState.STORED):
            return Outlook.THERE
        case Slate(state=TakeState.LOST | TakeState.UNUSABLE):
            return Outlook.LOST
        case Slate(state=TakeState.FAILED, error_kind=kind) if kind == CONTENT_BLOCKED:
            return Outlook.BLOCKED
        case Slate(state=TakeState.SUBMITTED | TakeState.COMPLETED | TakeState.AMBIGUOUS):
            return Outlook.UNDER_WAY
        case Slate(state=TakeState.INTENDED, sent_at=sent_at) if sent_at is not None:
            return Outlook.UNDER_WAY
    return Outlook.NEW
