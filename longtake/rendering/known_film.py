"""A film as far as the ledger knows it: which takes are there, and where they join."""

from __future__ import annotations

import asyncio
from pathlib import Path

from longtake.files import sha256_of
from longtake.ledger import Ledger
from longtake.media.shape import Matrix
from longtake.rendering.heals import has_heals, recalled_heal
from longtake.rendering.measure_cache import OwnAnchors, own_anchors_of, recalled, treated
from longtake.rendering.measuring import Measuring
from longtake.rendering.seams import Seams
from longtake.rendering.takes import IMAGE_RECIPE, Images, StoredTake
from longtake.story import (
    Anchor,
    ChainPlan,
    ClipPlan,
    Cut,
    DriftForecast,
    GivenPicture,
    GuidePlan,
    Handover,
    Own,
    Pinned,
    Plan,
    Still,
    follower_of,
    is_remote,
)

WantedImage = Handover | GivenPicture


class KnownFilm:
    """A plan, its seams as they turn out, and the ``takes`` that are there, by clip.

    ``pictures`` is the folder from which the storyboard names its pictures.
    """

    def __init__(self, plan: Plan, ledger: Ledger, pictures: Path, measuring: Measuring) -> None:
        self.plan = plan
        self.seams = Seams(plan)
        self.takes: dict[str, StoredTake] = {}
        self.ledger = ledger
        self.pictures = pictures
        self.measuring = measuring
        self._has_heals = False
        measuring.span_of = self.seams.clip

    def replan(self, plan: Plan) -> None:
        """The film is this one from now on, its seams as planned, and no take is in it yet."""
        self.plan = plan
        self.seams = Seams(plan)
        self.takes = {}

    @property
    def matrix(self) -> Matrix:
        """The colour matrix of clips that do not name their own."""
        return self.measuring.matrix

    def keep(self, take: StoredTake) -> StoredTake:
        """The clip has this take; returns it."""
        self.takes[take.clip.id] = take
        return take

    async def plant(self, guide: GuidePlan, take: StoredTake) -> bool:
        """The guide is there: the clips of its take lie between its anchors, if they are known.

        Where a person put a picture of their own into an anchor's place, it is that one.
        """
        found = await self.measuring.anchors(take, guide.anchor_count)
        if found is None:
            return False
        self.keep(take)
        subject = own_anchors_of(take.sha256, guide.anchor_count)
        own = (await recalled(self.ledger, subject, OwnAnchors) or OwnAnchors()).pictures
        self.seams.plants[guide.clip.id] = tuple(
            Pinned(sha256=own[number])
            if number in own
            else Anchor(clip_id=guide.clip.id, frame_index=at)
            for number, at in enumerate(found, start=1)
        )
        return True

    def drift(self, chain: ChainPlan, clip: ClipPlan) -> DriftForecast | None:
        """The forecast that the clip, continued, would lie beyond the drift limit."""
        treatments = {name: take.treatment for name, take in self.takes.items() if take.treatment}
        return self.seams.drift(chain, clip.id, treatments)

    def giver(self, image: WantedImage, before: StoredTake | None) -> StoredTake | None:
        """The take that one of its frames is taken of; None for a still."""
        match image:
            case Handover():
                return before
            case Anchor(clip_id=clip_id):
                return self.takes.get(clip_id)
        return None

    def image_recipe(self, clip: ClipPlan, image: WantedImage, before: StoredTake | None) -> str:
        """How the image is made for the clip, as a part of its name in the ledger."""
        giver = self.giver(image, before)
        return image_recipe(clip, self.matrix, giver)

    async def source(self, image: WantedImage, before: StoredTake | None) -> tuple[str, int] | None:
        """The content that an image is made from, and the frame in it; None if not at hand."""
        if isinstance(image, Pinned):
            return image.sha256, 0
        if not isinstance(image, Still):
            giver = self.giver(image, before)
            return giver and (giver.sha256, image.frame_index)
        path = self.pictures / image.uri
        if is_remote(image.uri) or not path.is_file():
            return None
        return await asyncio.to_thread(sha256_of, path), 0

    async def recall_heal(
        self, chain: ChainPlan, clip: ClipPlan, before: StoredTake | None
    ) -> None:
        """Pin the clip's end where it was healed: it then ends on the picture that was kept."""
        if follower_of(chain, clip.id) is None:
            return
        if not self._has_heals and before is None:  # one may have been made since the last walk
            self._has_heals = await has_heals(self.ledger, self.plan.title)
        if not self._has_heals:
            return
        images = await self.images(clip, before)
        heal = await recalled_heal(self.ledger, clip, images) if images else None
        if heal is not None and heal.pin is not None:
            self.seams.pin(clip.id, heal.pin)

    async def images(self, clip: ClipPlan, before: StoredTake | None) -> Images | None:
        """What the clip is started from, made before; None where it has yet to be made."""
        hashes: list[str | None] = []
        for _, image in wanted_images(clip):
            if image is None or isinstance(image, Pinned):
                hashes.append(None if image is None else image.sha256)
                continue
            source = await self.source(image, before)
            recipe = self.image_recipe(clip, image, before)
            made = await self.ledger.frame(*source, recipe) if source else None
            if made is None:
                return None
            hashes.append(made)
        return Images(*hashes)


def wanted_images(clip: ClipPlan) -> tuple[tuple[str, WantedImage | None], ...]:
    """What the clip starts from and ends on, each with the name of that end."""
    start = None if isinstance(clip.start, Cut | Own) else clip.start
    return ("start", start), ("end", clip.end)


def image_recipe(clip: ClipPlan, untagged_matrix: str, giver: StoredTake | None) -> str:
    """How an image for this clip is made: version, shape, matrix of untagged clips, correction.

    What is undone in the ``giver``, the clip that hands over, is undone in its frame; a still has
    none.
    """
    shape = f"{clip.width}x{clip.height}"
    undone = treated(giver.treatment if giver else None)
    return f"{IMAGE_RECIPE} {shape} {untagged_matrix} {undone}".rstrip()
