"""What a render of a plan would do: the walk along its chains that only looks up.

No ffmpeg, no network: what would have to be measured or made first is taken as new.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from longtake.ledger import CONTENT_BLOCKED, Ledger, Slate, TakeState
from longtake.profile_parts import Keeping
from longtake.rendering.heals import made_before, stored_takes
from longtake.rendering.known_film import KnownFilm
from longtake.rendering.known_takes import TakesAhead, takes_ahead
from longtake.rendering.measure_cache import LastImage, last_image_of, recalled
from longtake.rendering.measuring import Measuring
from longtake.rendering.own_clip import known_own_take
from longtake.rendering.reasons import Seen, decisions_of
from longtake.rendering.takes import Images, StoredTake
from longtake.rendering.walk import walk
from longtake.settings import Settings
from longtake.story import (
    Anchor,
    ChainPlan,
    ClipPlan,
    DriftForecast,
    Estimate,
    GuidePlan,
    Handover,
    PastClip,
    Pin,
    Plan,
    drift_finding,
    family_of,
    follower_of,
    price,
)
from longtake.story.decisions import ClipDecision, Repair


class Outlook(StrEnum):
    """What a render would do with a clip."""

    THERE = "there"  # made and paid for: out of the store
    UNDER_WAY = "under way"  # sent before: it is picked up, and not paid for again
    LOST = "lost"  # paid for, its file is gone: made again only with --retake-lost
    UNUSABLE = "unusable"  # paid for, its file is of no use: made again only with --retake-lost
    BLOCKED = "blocked"  # stopped because of its content: change the prompt
    NEW = "new"
    OWN = "own"  # the author's: paid to nobody
    FOLLOWS = "follows"  # new, since a clip that it starts from is

    @property
    def to_pay(self) -> bool:
        """Whether rendering it costs money."""
        return self in {Outlook.NEW, Outlook.FOLLOWS}


class Foreseen(NamedTuple):
    """What a render of a plan would do, clip by clip, and what it would cost.

    ``usd`` at least and, where takes are made one by one or clips like these were billed more,
    ``usd_at_most``. ``seconds`` are the least and the most that the critical path may take, None
    where nothing is known of it. ``drift`` has, by clip,
    what is said of clips that would lie beyond the drift limit; ``repairs`` the chains whose later
    clips were made already and would be made again. ``ignored`` has the models that clips between
    pictures need, and that did not move to the last one they were sent, each with that clip.
    ``decisions`` say what is done with each clip, and why.
    """

    clips: dict[str, Outlook]
    usd: float
    usd_at_most: float
    drift: Mapping[str, str] = MappingProxyType({})
    repairs: tuple[Repair, ...] = ()
    ignored: Mapping[str, str] = MappingProxyType({})
    seconds: tuple[float, float] | None = None
    decisions: Mapping[str, ClipDecision] = MappingProxyType({})

    @property
    def made(self) -> list[str]:
        """The clips that are to be paid for."""
        return [name for name, outlook in self.clips.items() if outlook.to_pay]


async def foresee(
    ledger: Ledger,
    plan: Plan,
    storyboard_folder: Path,
    settings: Settings,
    past: Sequence[PastClip] = (),
) -> Foreseen:
    """Look every clip of the plan up, in the order and way in which a render goes through them.

    What ``past`` clips like one were billed is the range of its price.
    """
    measuring = Measuring(ledger, settings.picture.untagged_matrix)
    film = KnownFilm(plan, ledger, storyboard_folder, measuring)
    lookout = Lookout(film, settings.keeping, past)
    repairs = []
    stored = await stored_takes(ledger, plan.title)
    for chain in plan.chains:
        paid = lookout.usd
        await walk(chain, lookout)
        if stored and any(lookout.clips[clip.id] is Outlook.FOLLOWS for clip in chain.clips):
            healings = Healings(film, settings.keeping, past, stored)
            await walk(chain, healings)
            if healings.healed:
                cascade = round(lookout.usd - paid, 6)
                heal = round(healings.usd, 6)
                healed = tuple(healings.healed)
                repairs.append(Repair(clips=healed, heal_usd=heal, cascade_usd=cascade))
    return Foreseen(
        lookout.clips,
        round(lookout.usd, 6),
        round(lookout.usd_at_most, 6),
        lookout.drift,
        tuple(repairs),
        ignored=await _ignored(ledger, plan),
        decisions=await decisions_of(ledger, plan.title, lookout.seen),
    )


async def _ignored(ledger: Ledger, plan: Plan) -> dict[str, str]:
    """The models that did not move to the last picture of their latest clip, with that clip."""
    found = {}
    for model in sorted({clip.model for clip in plan.clips if clip.end is not None}):
        seen = await recalled(ledger, last_image_of(model), LastImage)
        if seen is not None and not seen.honoured:
            found[model] = seen.clip_id
    return found


class Lookout:
    """Walks along chains and makes nothing; ``clips`` has what was seen of each."""

    def __init__(self, film: KnownFilm, keeping: Keeping, past: Sequence[PastClip]) -> None:
        self.film = film
        self.clips: dict[str, Outlook] = {}
        self.usd = 0.0
        self.usd_at_most = 0.0
        self.drift: dict[str, str] = {}
        self.seen: list[Seen] = []
        self._keeping = keeping
        self._past = past
        self._prices: dict[tuple[object, ...], Estimate] = {}

    async def grown(self, chain: ChainPlan, guide: GuidePlan) -> bool:
        """Look the guide up, once for all chains that wait for it; they are walked in any case."""
        if guide.clip.id not in self.clips:
            take = await self.take(guide.clip, None)
            if take is not None:
                await self.film.plant(guide, take)
        return True

    async def take(self, clip: ClipPlan, before: StoredTake | None) -> StoredTake | None:
        """The stored take that a render would come to, without anything to pay."""
        if (own := clip.own_file) is not None:
            self._count(clip, Outlook.OWN, TakesAhead(None), Images())
            file, film = self.film.pictures / own, self.film
            return await known_own_take(film.ledger, clip, file, film.plan.fps, film.matrix)
        if self._follows(clip, before):
            self._count(clip, Outlook.FOLLOWS, _all_takes(clip), None)
            return None
        images = await self.film.images(clip, before)
        if images is None:
            self._count(clip, Outlook.NEW, _all_takes(clip), None)
            return None
        ahead = await takes_ahead(self.film.ledger, clip, images, self._keeping)
        slate = ahead.slate
        self._count(clip, _outlook(slate), ahead, images)
        if slate is None or slate.state is not TakeState.STORED or slate.clip_sha256 is None:
            return None
        take = StoredTake(slate.clip_sha256, slate.fingerprint, clip, slate.take_number)
        treatment = await self.film.measuring.treatment(take, images, before)
        return take._replace(treatment=treatment)

    def _follows(self, clip: ClipPlan, before: StoredTake | None) -> bool:
        """Whether a clip that it starts from, or ends on, is not there."""
        if isinstance(clip.start, Handover):
            return before is None
        ends = (image for image in (clip.start, clip.end) if isinstance(image, Anchor))
        return any(image.clip_id not in self.film.takes for image in ends)

    def _count(
        self, clip: ClipPlan, outlook: Outlook, ahead: TakesAhead, images: Images | None
    ) -> None:
        self.clips[clip.id] = outlook
        price = self._price(clip)
        usd, usd_at_most = price.least * ahead.to_make, price.most * ahead.at_most
        self.usd += usd
        self.usd_at_most += usd_at_most
        follows = outlook is Outlook.FOLLOWS
        self.seen.append(Seen(clip, ahead, images, follows, round(usd, 6), round(usd_at_most, 6)))

    def _price(self, clip: ClipPlan) -> Estimate:
        """What a take of the clip costs, by what those like it were billed; else as planned."""
        family, asked = family_of(clip.model), clip.parameters
        kind = clip.model, family.resolution_of(asked), family.length_of(asked)
        if (clip.usd, kind) not in self._prices:
            self._prices[clip.usd, kind] = price(clip.usd, self._past, *kind)
        return self._prices[clip.usd, kind]

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


class Healings(Lookout):
    """Walks as a chain would be healed: what was made before of a later clip stays.

    ``healed`` are the clips that would be made between their neighbours.
    """

    def __init__(
        self, film: KnownFilm, keeping: Keeping, past: Sequence[PastClip], stored: Sequence[Slate]
    ) -> None:
        super().__init__(film, keeping, past)
        self.healed: list[str] = []
        self._stored = stored

    async def missing(self, chain: ChainPlan, clip: ClipPlan) -> bool:
        """The clip is healed, where the one after it was made as it is now."""
        follower = follower_of(chain, clip.id)
        if follower is not None and clip.may_arrive and self.clips[clip.id].to_pay:
            slate = made_before(self._stored, follower)
            if slate is not None and slate.start_sha256 is not None:
                self.film.seams.pin(clip.id, Pin(slate.start_sha256))
                self.healed.append(clip.id)
        return False


def _all_takes(clip: ClipPlan) -> TakesAhead:
    return TakesAhead(None, clip.takes.at_least, clip.takes.count)


def _outlook(slate: Slate | None) -> Outlook:
    match slate:
        case Slate(state=TakeState.STORED):
            return Outlook.THERE
        case Slate(state=TakeState.LOST):
            return Outlook.LOST
        case Slate(state=TakeState.UNUSABLE):
            return Outlook.UNUSABLE
        case Slate(state=TakeState.FAILED, error_kind=kind) if kind == CONTENT_BLOCKED:
            return Outlook.BLOCKED
        case Slate(state=TakeState.SUBMITTED | TakeState.COMPLETED | TakeState.AMBIGUOUS):
            return Outlook.UNDER_WAY
        case Slate(state=TakeState.INTENDED, sent_at=sent_at) if sent_at is not None:
            return Outlook.UNDER_WAY
    return Outlook.NEW
