"""Takes of a clip: what one is, who holds it, and which is known already.

The ledger is the truth. A step does what the take's slate asks for and writes the outcome down, so
that any step can be entered again, by this render or by the next one.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from longtake.errors import (
    ClipLost,
    ContentBlocked,
    DamagedObject,
    GenerationFailed,
    LedgerConflict,
    MissingObject,
    RequestRefused,
)
from longtake.ledger import CONTENT_BLOCKED, Slate, State, Verdict
from longtake.ledger import Take as Intent
from longtake.record import Stage, TakeRecord
from longtake.story import ClipPlan, take_of
from tasks.foresight import RECIPE
from tasks.known import ImageHashes, take_name
from tasks.owner import is_dead
from tasks.studio import Kept, Studio


class Image(NamedTuple):
    """A picture that conditions a clip: its file, in the clip's own shape, and its hash."""

    path: Path
    sha256: str


class Images(NamedTuple):
    """What conditions a clip: neither for t2v, a start image and perhaps an end image for i2v."""

    start: Image | None = None
    end: Image | None = None

    @property
    def hashes(self) -> ImageHashes:
        """Their contents."""
        return ImageHashes(self.start and self.start.sha256, self.end and self.end.sha256)


@dataclass(frozen=True)
class Take:
    """One attempt at a clip: ``clip`` with this take's seed, its images, and its fingerprint."""

    clip: ClipPlan
    number: int
    images: Images
    fingerprint: str

    @property
    def seed(self) -> int:
        """The seed that names the attempt in the service's history."""
        return int(self.clip.parameters["seed"])

    def kept(self, path: Path, sha256: str) -> Kept:
        """The take, now that its file is there."""
        return Kept(path, sha256, self.fingerprint, self.clip, self.number)

    def intent(self, studio: Studio) -> Intent:
        """The take as the ledger writes it down."""
        start, end = self.images
        return Intent(
            fingerprint=self.fingerprint,
            storyboard=studio.plan.title,
            clip_id=self.clip.id,
            number=self.number,
            model=self.clip.model,
            seed=self.seed,
            parameters=self.clip.parameters,
            estimated_usd=self.clip.usd,
            recipe=RECIPE,
            start_sha256=start and start.sha256,
            end_sha256=end and end.sha256,
        )


def take_for(clip: ClipPlan, number: int, images: Images) -> Take:
    """The ``number``-th take of the clip, from 1."""
    return Take(take_of(clip, number), number, images, take_name(clip, number, images.hashes))


async def rejected(studio: Studio, take: Take) -> bool:
    """Whether a person has decided against this take."""
    verdicts = await studio.ledger.verdicts([take.fingerprint])
    return verdicts.get(take.fingerprint) is Verdict.REJECTED


async def until_free(studio: Studio, take: Take) -> None:
    """Wait while another living render works on the take: it will be paid for once."""
    while True:
        slate = await studio.ledger.find(take.fingerprint)
        if slate is None or slate.state.ended or slate.owner in (None, studio.owner):
            return
        if is_dead(slate.owner):
            await studio.ledger.release(slate.owner)
            return
        if not slate.live(await studio.ledger.now()):
            return
        note = f"another render works on it ({slate.owner.rpartition('/')[0]})"
        studio.note(take.clip, stage=Stage.WAITING, remark=note)
        await asyncio.sleep(min(1.0, studio.settings.keeping.lease_seconds / 10))


@asynccontextmanager
async def holding(studio: Studio, take: Take) -> AsyncIterator[Slate | None]:
    """Hold the take for a block; None where somebody else was quicker.

    A take that has ended is given as it is; one that was refused in an earlier render, or lost
    and asked for again, is opened anew. However the block ends, the lease is given back.
    """
    keeping = studio.settings.keeping
    claim = await studio.ledger.intend(
        take.intent(studio),
        owner=studio.owner,
        run=studio.run,
        lease_seconds=keeping.lease_seconds,
        budgets=studio.budgets,
    )
    slate: Slate | None = claim.slate if claim.held or claim.slate.state.ended else None
    if slate is not None and _opens_anew(studio, slate):
        slate = await _reopened(studio, slate)
    if slate is None:  # whoever holds it has to say what becomes of it
        yield None
        return
    studio.note(
        take.clip,
        fingerprint=take.fingerprint,
        take=take.number,
        seed=take.seed,
        parameters=take.clip.parameters,
        request_id=slate.request_id,
        submitted_at=slate.submitted_at,
        usd=slate.usd,
        remark=None,
    )
    try:
        yield slate
    finally:
        await studio.ledger.release(studio.owner, take.fingerprint)


def _opens_anew(studio: Studio, slate: Slate) -> bool:
    """Whether a take that ended badly is to be made after all, by this render."""
    refused_before = slate.state is State.REFUSED and slate.run != studio.run
    return refused_before or (slate.state is State.LOST and studio.pays_again(slate.fingerprint))


async def _reopened(studio: Studio, slate: Slate) -> Slate | None:
    """The take, opened anew and held; None where another render has just done so."""
    studio.paid_again.add(slate.fingerprint)
    try:
        return await studio.ledger.reopen(
            slate.fingerprint,
            studio.owner,
            lease_seconds=studio.settings.keeping.lease_seconds,
            run=studio.run,
            budgets=studio.budgets,
        )
    except LedgerConflict:
        now = await studio.ledger.get(slate.fingerprint)
        if now.state is slate.state:
            raise
        return None


def unchecked_path(studio: Studio, take: Take) -> Path:
    """Where the take's clip lies until it is checked: by its fingerprint, so never another's."""
    return studio.path("clips", take.clip, f".{take.fingerprint[:12]}.unchecked.mp4")


def raise_verdict(slate: Slate) -> None:
    """Raise what ended a take badly, if that is how it ended."""
    said = f"{slate.clip_id}: {slate.error}"
    match slate.state:
        case State.FAILED if slate.error_kind == CONTENT_BLOCKED:
            raise ContentBlocked(said, request_id=slate.request_id)
        case State.FAILED:
            raise GenerationFailed(said, request_id=slate.request_id)
        case State.REFUSED:
            raise RequestRefused(said)
        case State.LOST:
            raise lost(slate)


def lost(slate: Slate) -> ClipLost:
    """The error for a take whose file cannot be had, with its cost and the way on."""
    usd = slate.usd if slate.usd is not None else slate.estimated_usd
    return ClipLost(
        f"{slate.clip_id}: {slate.error}. It cost {usd:.2f} USD; "
        "run again with --retake-lost to pay for it once more"
    )


async def recalled(studio: Studio, take: Take) -> Kept | None:
    """The take out of the store, if an earlier render made it: no ffmpeg, no network, no task.

    None where anything is left to do, a damaged object in the store included.
    """
    slate = await studio.ledger.find(take.fingerprint)
    if slate is None or slate.state is not State.STORED or slate.clip_sha256 is None:
        return None
    into = clip_path(studio, take)
    try:
        await studio.store.fetch(slate.clip_sha256, "clip", into)
    except (MissingObject, DamagedObject):
        return None
    note_stored(studio, take, slate, into, reused=slate.run != studio.run)
    return take.kept(into, slate.clip_sha256)


def clip_path(studio: Studio, take: Take) -> Path:
    """Where the take's checked clip lies: ``clips/arrival-2.1.mp4``, or ``….take-2.mp4``."""
    ending = ".mp4" if take.number == 1 else f".take-{take.number}.mp4"
    return studio.path("clips", take.clip, ending)


def note_stored(
    studio: Studio, take: Take, slate: Slate, into: Path, *, reused: bool, **facts: object
) -> None:
    """Report a take that is there: the facts that the ledger keeps of it."""
    record = TakeRecord(
        number=take.number,
        seed=slate.seed,
        fingerprint=slate.fingerprint,
        file=studio.relative(into),
        usd=slate.usd,
        reused=reused,
    )
    studio.note_take(take.clip, record)
    studio.note(
        take.clip,
        stage=Stage.REUSED if reused else Stage.STORED,
        fingerprint=slate.fingerprint,
        take=take.number,
        seed=slate.seed,
        parameters=dict(slate.parameters),
        request_id=slate.request_id,
        usd=slate.usd,
        file=studio.relative(into),
        sha256=slate.clip_sha256,
        size_bytes=slate.size_bytes,
        frame_count=slate.frame_count,
        width=slate.width,
        height=slate.height,
        ended_at=slate.stored_at,
        **facts,
    )


async def note_chosen(studio: Studio, kept: Kept) -> None:
    """Report which of several takes the film has: the clip's facts are that take's again."""
    slate = await studio.ledger.get(kept.fingerprint)
    takes = studio.record.clips[kept.clip.id].takes
    mine = next(each for each in takes if each.fingerprint == kept.fingerprint)
    for each in takes:
        each.chosen = each is mine
    take = Take(kept.clip, kept.number, Images(), kept.fingerprint)
    note_stored(studio, take, slate, kept.path, reused=mine.reused)
