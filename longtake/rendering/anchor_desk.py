"""A render's anchors when no render is at work: looked at, approved, replaced, or rejected."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import anyio.to_thread

from longtake.documents import load_plan, plan_of
from longtake.errors import StaleDecision
from longtake.ledger import Verdict
from longtake.media import fit_still
from longtake.media.stills import check_still
from longtake.rendering.anchors import (
    ShownAnchors,
    approve_anchors,
    are_approved,
    draw_sheet,
    remember_own,
    shown_anchors,
)
from longtake.rendering.deciding import Decisions, store_of
from longtake.rendering.folder import RenderFolder
from longtake.rendering.known_film import KnownFilm
from longtake.rendering.measuring import Measuring
from longtake.rendering.planning import selected
from longtake.rendering.preflight import chosen_ffmpeg
from longtake.rendering.takes import StoredTake
from longtake.store import Store
from longtake.story import GuidePlan


@dataclass(frozen=True)
class AnchorDesk:
    """One guide of a render whose take is there, and its anchors as they are now."""

    desk: Decisions
    folder: RenderFolder
    guide: GuidePlan
    shown: ShownAnchors
    approved: bool

    async def sheet(self) -> Path:
        """The contact sheet, drawn from the pictures in the render's folder."""
        return await draw_sheet(self.folder, self.guide, self.shown, self.desk.settings.font)

    async def approve(self, note: str) -> None:
        """Let the clips be made between these anchors.

        Raises StaleDecision where the render asks about others by now.
        """
        question = self.desk.record.question
        if question and question.unit == self.guide.clip.id and question.about != self.shown.about:
            raise StaleDecision({self.guide.clip.id: "its anchors are others than those shown"})
        await approve_anchors(self.desk.ledger, self.shown.guide, self.shown.about, note)

    async def reject(self, note: str) -> None:
        """Have the guide taken again."""
        rejected = {self.guide.clip.id: Verdict.REJECTED}
        await self.desk.ledger.decide_shown([self.shown.guide], rejected, note)

    async def replace(self, stills: Mapping[int, str]) -> None:
        """Put pictures into the places of anchors; MediaError for what is none."""
        ffmpeg = await asyncio.to_thread(chosen_ffmpeg, self.desk.settings)
        store = Store(store_of(self.folder.root, self.desk.record, self.desk.settings))
        clip, made = self.guide.clip, {}
        for number, picture in stills.items():
            if picture:
                path = Path(picture)
                await anyio.to_thread.run_sync(check_still, path, picture)
                into = self.folder.image(clip, f"anchor-{number}")
                await fit_still(path, into, clip.width, clip.height, ffmpeg=ffmpeg)
                made[number] = (await store.put(into, "frame")).sha256
        sha256 = self.shown.guide.sha256
        await remember_own(self.desk.ledger, sha256, self.guide.anchor_count, stills, made)


async def anchor_desks(desk: Decisions, folder: Path) -> list[AnchorDesk]:
    """Of every guide in the render's record whose take is there."""
    path = Path(desk.record.storyboard)
    loaded, _ = await asyncio.to_thread(load_plan, path)
    base_seed = await desk.ledger.known_base_seed(loaded.storyboard.title)
    plan = selected(plan_of(loaded, base_seed=base_seed), desk.record.only)
    measuring = Measuring(desk.ledger, desk.settings.picture.untagged_matrix)
    film = KnownFilm(plan, desk.ledger, path.parent, measuring)
    found = []
    for guide in plan.guides:
        made = desk.record.guides.get(guide.clip.id)
        if made is None or not made.fingerprint or not made.sha256:
            continue
        take = StoredTake(made.sha256, made.fingerprint, guide.clip, made.take or 1)
        if await film.plant(guide, take):
            shown = shown_anchors(film, guide)
            approved = await are_approved(desk.ledger, shown)
            found.append(
                AnchorDesk(desk, RenderFolder(folder, path.parent), guide, shown, approved)
            )
    return found
