"""What the ledger knows of a plan before it is rendered: no Prefect, no ffmpeg, no network."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Sequence
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
    Treatment,
    fingerprint,
    is_remote,
    take_of,
)
from tasks.files import sha256_of
from tasks.measures import (
    Splice,
    Standing,
    recalled,
    splice_of,
    standing_of,
    tail_of,
    treated,
    treatment_of,
)
from tasks.seams import Seams

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


class Before(NamedTuple):
    """The clip that is handed over from, as far as the ledger knows it."""

    sha256: str
    clip: ClipPlan
    treatment: Treatment | None = None


async def foresee(
    ledger: Ledger, plan: Plan, storyboard_folder: Path, untagged_matrix: str = "bt601"
) -> Foreseen:
    """Look every clip of the plan up."""
    clips: dict[str, Outlook] = {}
    usd = 0.0
    seams = Seams(plan)
    for chain in plan.chains:
        before: Before | None = None
        for planned in chain.clips:
            if isinstance(planned.start, Handover) and before is None:
                clips[planned.id] = Outlook.FOLLOWS
                usd += planned.usd_at_least
                continue
            if before is not None:
                await _leave(ledger, seams, before, planned, untagged_matrix)
            clip = seams.clip(planned.id)
            images = await _image_hashes(ledger, clip, storyboard_folder, before, untagged_matrix)
            found = await _made(ledger, clip, images) if images else Made(None, clip.takes.at_least)
            clips[clip.id] = _outlook(found.slate)
            usd += clip.usd * found.to_make
            slate, left, before = found.slate, before, None
            if images and slate and slate.state is State.STORED and slate.clip_sha256:
                before = Before(slate.clip_sha256, clip)
                before = await _arrived(ledger, seams, left, before, images, untagged_matrix)
    return Foreseen(clips, round(usd, 6))


async def _leave(
    ledger: Ledger, seams: Seams, before: Before, follower: ClipPlan, matrix: str
) -> None:
    """Which frame the clip handed over, when it was rendered."""
    last, window = before.clip.last_kept_frame_index, before.clip.handle_frame_count
    if window == 0:
        return
    subject = tail_of(before.sha256, last, window, matrix)
    best = await recalled(ledger, subject, Splice)
    seams.leave(before.clip, follower, best.left_frame_index if best else last)


async def _arrived(
    ledger: Ledger,
    seams: Seams,
    left: Before | None,
    right: Before,
    images: ImageHashes,
    matrix: str,
) -> Before:
    """The clip with what was found of it, and of its seam, when it came in."""
    clip = right.clip
    if left is None or images.start is None or not isinstance(clip.start, Handover):
        return right
    subject = treatment_of(clip, right.sha256, images.start, matrix)
    found = await recalled(ledger, subject, Treatment)
    clip = seams.arrive(clip, repeats=found is None or found.pair.repeats)
    if left.clip.handle_frame_count:
        last, window = left.clip.last_kept_frame_index, left.clip.handle_frame_count
        where = splice_of(left.sha256, right.sha256, last, window)
        if at := await recalled(ledger, where, Splice):
            clip = seams.splice(left.clip, clip, at)
    return Before(right.sha256, clip, found)


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


class Made(NamedTuple):
    """What there is of a clip: the take that a render would come to, and how many it would add."""

    slate: Slate | None
    to_make: int


async def _made(ledger: Ledger, clip: ClipPlan, images: ImageHashes) -> Made:
    """The takes of the clip that are in the ledger, in order, up to the first that is not."""
    there: list[Slate] = []
    for number in itertools.count(1):
        slate = await ledger.find(take_name(clip, number, images))
        if slate is None:
            break
        if await passed_by(ledger, slate):
            continue
        if slate.state is not State.STORED:
            return Made(slate, 0 if _outlook(slate) is not Outlook.NEW else 1)
        there.append(slate)
    missing = max(0, clip.takes.at_least - len(there))
    if missing or not there:
        return Made(None, max(missing, 1))
    names = [slate.fingerprint for slate in there]
    best = await preferred(ledger, names)
    return Made(there[names.index(best)], 0)


async def preferred(ledger: Ledger, fingerprints: Sequence[str]) -> str:
    """The take for the film: the one that a person chose, else the one that was found best."""
    verdicts = await ledger.verdicts(fingerprints)
    chosen = [name for name in fingerprints if verdicts.get(name) is Verdict.CHOSEN]
    if chosen or len(fingerprints) == 1:
        return (chosen or [*fingerprints])[0]
    scores = [await recalled(ledger, standing_of(name), Standing) for name in fingerprints]
    known = [(each.score, at) for at, each in enumerate(scores) if each is not None]
    return fingerprints[min(known)[1]] if known else fingerprints[0]


def take_name(clip: ClipPlan, number: int, images: ImageHashes) -> str:
    """The fingerprint of the ``number``-th take."""
    return fingerprint(take_of(clip, number), start_sha256=images.start, end_sha256=images.end)


class ImageHashes(NamedTuple):
    """The contents that condition a clip."""

    start: str | None = None
    end: str | None = None


async def _image_hashes(
    ledger: Ledger, clip: ClipPlan, folder: Path, before: Before | None, matrix: str
) -> ImageHashes | None:
    """What the clip would be started from; None where it would have to be made, or fetched."""
    hashes: list[str | None] = []
    for image in (clip.start, clip.end_image):
        wanted = not (image is None or isinstance(image, Cut))
        content = before and before.sha256
        source = await asyncio.to_thread(_source, image, folder, content)
        recipe = image_recipe(clip, matrix, image, before and before.treatment)
        made = await ledger.frame(*source, recipe) if source else None
        if wanted and made is None:
            return None
        hashes.append(made)
    return ImageHashes(*hashes)


async def passed_by(ledger: Ledger, slate: Slate) -> bool:
    """Whether a render goes on with the next take: this one failed, or a person rejected it."""
    if slate.state is State.STORED:
        verdicts = await ledger.verdicts([slate.fingerprint])
        return verdicts.get(slate.fingerprint) is Verdict.REJECTED
    return slate.state is State.FAILED and slate.error_kind != CONTENT_BLOCKED


def image_recipe(
    clip: ClipPlan, untagged_matrix: str, image: object, treatment: Treatment | None
) -> str:
    """How an image for this clip is made: version, shape, matrix of untagged clips, correction.

    ``treatment`` is what is undone in the clip that hands over; a still is left as it is.
    """
    correction = treated(treatment) if isinstance(image, Handover) else ""
    return f"{RECIPE} {clip.width}x{clip.height} {untagged_matrix} {correction}".rstrip()


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
