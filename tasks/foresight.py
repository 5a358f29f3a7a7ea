"""What the ledger knows of a plan before it is rendered: no Prefect, no ffmpeg, no network."""

from __future__ import annotations

import asyncio
import itertools
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from longtake.ledger import CONTENT_BLOCKED, Ledger, Slate, State, Verdict
from longtake.story import (
    ClipPlan,
    Cut,
    Handover,
    Plan,
    Still,
    fingerprint,
    is_remote,
    take_of,
)
from tasks.files import sha256_of

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


async def foresee(
    ledger: Ledger, plan: Plan, storyboard_folder: Path, untagged_matrix: str = "bt601"
) -> Foreseen:
    """Look every clip of the plan up."""
    clips: dict[str, Outlook] = {}
    for chain in plan.chains:
        before: str | None = None
        for clip in chain.clips:
            if isinstance(clip.start, Handover) and before is None:
                clips[clip.id] = Outlook.FOLLOWS
                continue
            slate = await known(ledger, clip, storyboard_folder, before, untagged_matrix)
            clips[clip.id] = _outlook(slate)
            before = slate.clip_sha256 if slate and slate.state is State.STORED else None
    return Foreseen(clips, sum(clip.usd for clip in plan.clips if clips[clip.id].to_pay))


def _outlook(slate: Slate | None) -> Outlook:
    match slate:
        case Slate(state=State.STORED):
            return Outlook.THERE
        case Slate(state=State.LOST):
            return Outlook.LOST
        case Slate(state=State.FAILED, error_kind=kind) if kind == CONTENT_BLOCKED:
            return Outlook.BLOCKED
        case Slate(state=State.SUBMITTED | State.COMPLETED | State.AMBIGUOUS):
            return Outlook.UNDER_WAY
        case Slate(state=State.INTENDED, sent_at=sent_at) if sent_at is not None:
            return Outlook.UNDER_WAY
    return Outlook.NEW


async def known(
    ledger: Ledger,
    clip: ClipPlan,
    storyboard_folder: Path,
    before_sha256: str | None,
    untagged_matrix: str,
) -> Slate | None:
    """The take that a render of the clip would come to first, if it is in the ledger.

    ``before_sha256`` is the content of the clip handed over from. None also where an image would
    have to be made, or fetched, to know.
    """
    images: list[str | None] = []
    for uri in (clip.start, clip.end_image):
        wanted = not (uri is None or isinstance(uri, Cut))
        source = await asyncio.to_thread(_source, uri, storyboard_folder, before_sha256)
        recipe = image_recipe(clip, untagged_matrix)
        made = await ledger.frame(*source, recipe) if source else None
        if wanted and made is None:
            return None
        images.append(made)
    for number in itertools.count(1):
        name = fingerprint(take_of(clip, number), start_sha256=images[0], end_sha256=images[1])
        slate = await ledger.find(name)
        if slate is None or not await passed_by(ledger, slate):
            return slate
    return None


async def passed_by(ledger: Ledger, slate: Slate) -> bool:
    """Whether a render goes on with the next take: this one failed, or a person rejected it."""
    if slate.state is State.STORED:
        verdicts = await ledger.verdicts([slate.fingerprint])
        return verdicts.get(slate.fingerprint) is Verdict.REJECTED
    return slate.state is State.FAILED and slate.error_kind != CONTENT_BLOCKED


def image_recipe(clip: ClipPlan, untagged_matrix: str) -> str:
    """How an image for this clip is made: by version, shape, and the matrix of untagged clips."""
    return f"{RECIPE} {clip.width}x{clip.height} {untagged_matrix}"


def _source(
    image: Cut | Handover | Still | str | None, folder: Path, before_sha256: str | None
) -> tuple[str, int] | None:
    """The content that an image is made from, and the frame in it; None where it is not at hand."""
    match image:
        case Handover(frame_index=frame_index) if before_sha256:
            return before_sha256, frame_index
        case Still(uri=uri) | str(uri) if not is_remote(uri) and (folder / uri).is_file():
            return sha256_of(folder / uri), 0
    return None
