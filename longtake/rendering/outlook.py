"""What the ledger knows of a plan before it is rendered: no Prefect, no ffmpeg, no network."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from longtake.files import sha256_of
from longtake.ledger import CONTENT_BLOCKED, Ledger, Slate, TakeState
from longtake.rendering.known_takes import ImageHashes, TakeStatus, take_status
from longtake.rendering.measure_cache import (
    SplicePoint,
    is_looked_at,
    recalled,
    splice_of,
    tail_of,
    treated,
    treatment_of,
)
from longtake.rendering.seams import Seams
from longtake.story import (
    Anchor,
    ChainPlan,
    ClipPlan,
    Cut,
    Handover,
    Plan,
    Still,
    Treatment,
    anchoring_of,
    drift_finding,
    is_remote,
)
from longtake.story.plan import Start

RECIPE = "png-1"
"""The version of everything that makes a start image from a clip or a still."""


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
    """What a render of a plan would do, clip by clip, and what it would cost."""

    clips: dict[str, Outlook]
    usd: float
    drift: Mapping[str, str] = MappingProxyType({})
    """By clip id, what is said of clips that would lie beyond the drift limit."""


class Before(NamedTuple):
    """The clip that is handed over from, as far as the ledger knows it."""

    sha256: str
    clip: ClipPlan
    treatment: Treatment | None = None


async def foresee(
    ledger: Ledger,
    plan: Plan,
    storyboard_folder: Path,
    untagged_matrix: str = "bt601",
    retakes: int = 0,
) -> Foreseen:
    """Look every clip of the plan up, in the order and way in which a render goes through them.

    ``retakes`` are those that a clip may have where its storyboard says `gate: retake`.
    """
    look = _Look(ledger, storyboard_folder, untagged_matrix, retakes, Seams(plan))
    for chain in plan.chains:
        await look.along(chain)
    return Foreseen(look.clips, round(look.usd, 6), look.drift)


@dataclass
class _Look:
    """A look along the chains of a plan, and what it has found so far."""

    ledger: Ledger
    folder: Path
    matrix: str
    retakes: int
    seams: Seams
    clips: dict[str, Outlook] = field(default_factory=dict)
    usd: float = 0.0
    drift: dict[str, str] = field(default_factory=dict)
    there: dict[str, Before] = field(default_factory=dict)

    async def along(self, chain: ChainPlan) -> None:
        """Each clip from the one before, as far as that is there."""
        before: Before | None = None
        for planned in chain.clips:
            if isinstance(planned.start, Handover) and before is None:
                self.clips[planned.id] = Outlook.FOLLOWS
                self.usd += planned.usd_at_least
                continue
            if before is not None:
                before = await self._leave(chain, before, planned)
            clip = self.seams.clip(planned.id)
            images = await self._image_hashes(clip, before)
            found = TakeStatus(None, clip.takes.at_least)
            if images:
                found = await take_status(self.ledger, clip, images, self.retakes)
            self.clips[clip.id] = _outlook(found.slate)
            self.usd += clip.usd * found.to_make
            slate, left, before = found.slate, before, None
            if images and slate and slate.state is TakeState.STORED and slate.clip_sha256:
                before = await self._arrived(left, Before(slate.clip_sha256, clip), images)
                self.there[clip.id] = before

    async def _leave(self, chain: ChainPlan, before: Before, follower: ClipPlan) -> Before:
        """Whether the follower continues the clip, and from which frame."""
        treatments = {name: one.treatment for name, one in self.there.items() if one.treatment}
        if forecast := self.seams.drift(chain, follower.id, treatments):
            how = anchoring_of(self.seams.clip(follower.id))
            self.drift[follower.id] = drift_finding(forecast, how).says
            if how is not None:
                self.seams.anchor(follower.id, how)
                return before._replace(clip=self.seams.clip(before.clip.id))
        last, window = before.clip.last_kept_frame_index, before.clip.handle_frame_count
        if window:
            subject = tail_of(before.sha256, last, window, self.matrix)
            best = await recalled(self.ledger, subject, SplicePoint)
            self.seams.hand_over(before.clip, follower, best.left_frame_index if best else last)
        return before

    async def _arrived(self, left: Before | None, right: Before, images: ImageHashes) -> Before:
        """The clip with what was found of it, and of its seam, when it came in."""
        clip = right.clip
        if left is None or images.start is None or not isinstance(clip.start, Handover):
            return right
        found = None
        if is_looked_at(clip):
            subject = treatment_of(clip, right.sha256, images.start, self.matrix)
            found = await recalled(self.ledger, subject, Treatment)
        clip = self.seams.settle_head(clip, repeats=found is None or found.pair.repeats)
        if left.clip.handle_frame_count:
            last, window = left.clip.last_kept_frame_index, left.clip.handle_frame_count
            where = splice_of(left.sha256, right.sha256, last, window)
            if at := await recalled(self.ledger, where, SplicePoint):
                clip = self.seams.splice(left.clip, clip, at)
        return Before(right.sha256, clip, found)

    async def _image_hashes(self, clip: ClipPlan, before: Before | None) -> ImageHashes | None:
        """What the clip would be started from; None where it has yet to be made, or fetched."""
        hashes: list[str | None] = []
        for image in (clip.start, clip.end_image):
            giver = self.there.get(image.clip_id) if isinstance(image, Anchor) else before
            wanted = not (image is None or isinstance(image, Cut))
            source = await asyncio.to_thread(_source, image, self.folder, giver and giver.sha256)
            undone = giver and giver.treatment if isinstance(image, Handover | Anchor) else None
            recipe = image_recipe(clip, self.matrix, undone)
            made_of = await self.ledger.frame(*source, recipe) if source else None
            if wanted and made_of is None:
                return None
            hashes.append(made_of)
        return ImageHashes(*hashes)


def _outlook(slate: Slate | None) -> Outlook:
    match slate:
        case Slate(state=TakeState.STORED):
            return Outlook.THERE
        case Slate(state=TakeState.LOST):
            return Outlook.LOST
        case Slate(state=TakeState.FAILED, error_kind=kind) if kind == CONTENT_BLOCKED:
            return Outlook.BLOCKED
        case Slate(state=TakeState.SUBMITTED | TakeState.COMPLETED | TakeState.AMBIGUOUS):
            return Outlook.UNDER_WAY
        case Slate(state=TakeState.INTENDED, sent_at=sent_at) if sent_at is not None:
            return Outlook.UNDER_WAY
    return Outlook.NEW


def image_recipe(clip: ClipPlan, untagged_matrix: str, treatment: Treatment | None) -> str:
    """How an image for this clip is made: version, shape, matrix of untagged clips, correction.

    ``treatment`` is what is undone in the clip that hands over; None for a still.
    """
    shape = f"{clip.width}x{clip.height}"
    return f"{RECIPE} {shape} {untagged_matrix} {treated(treatment)}".rstrip()


def _source(
    image: Start | str | None, folder: Path, giver_sha256: str | None
) -> tuple[str, int] | None:
    """The content that an image is made from, and the frame in it; None where it is not at hand."""
    match image:
        case Handover(frame_index=frame_index) | Anchor(frame_index=frame_index) if giver_sha256:
            return giver_sha256, frame_index
        case Still(uri=uri) | str(uri) if not is_remote(uri) and (folder / uri).is_file():
            return sha256_of(folder / uri), 0
    return None
