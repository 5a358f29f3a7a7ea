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
from longtake.ledger import CONTENT_BLOCKED, Slate, TakeIntent, TakeState, Verdict
from longtake.record import Stage, TakeRecord
from longtake.rendering.known_takes import ImageHashes, take_name
from longtake.rendering.lease_owner import is_dead
from longtake.rendering.outlook import RECIPE
from longtake.rendering.render import Render, StoredTake
from longtake.story import ClipPlan, take_of


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

    def kept(self, path: Path, sha256: str) -> StoredTake:
        """The take, now that its file is there."""
        return StoredTake(path, sha256, self.fingerprint, self.clip, self.number)

    def intent(self, render: Render) -> TakeIntent:
        """The take as the ledger writes it down."""
        start, end = self.images
        return TakeIntent(
            fingerprint=self.fingerprint,
            storyboard=render.plan.title,
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


async def rejected(render: Render, take: Take) -> bool:
    """Whether a person has decided against this take."""
    verdicts = await render.ledger.verdicts([take.fingerprint])
    return verdicts.get(take.fingerprint) is Verdict.REJECTED


async def until_free(render: Render, take: Take) -> None:
    """Wait while another living render works on the take: it will be paid for once."""
    while True:
        slate = await render.ledger.find(take.fingerprint)
        if slate is None or slate.state.ended or slate.owner in (None, render.owner):
            return
        if is_dead(slate.owner):
            await render.ledger.release(slate.owner)
            return
        if not slate.live(await render.ledger.now()):
            return
        note = f"another render works on it ({slate.owner.rpartition('/')[0]})"
        render.note(take.clip, stage=Stage.WAITING, remark=note)
        await asyncio.sleep(min(1.0, render.settings.keeping.lease_seconds / 10))


@asynccontextmanager
async def holding(render: Render, take: Take) -> AsyncIterator[Slate | None]:
    """Hold the take for a block; None where somebody else was quicker.

    A take that has ended is given as it is; one that was refused in an earlier render, or lost
    and asked for again, is opened anew. However the block ends, the lease is given back.
    """
    keeping = render.settings.keeping
    claim = await render.ledger.intend(
        take.intent(render),
        owner=render.owner,
        run=render.run,
        lease_seconds=keeping.lease_seconds,
        budgets=render.budgets,
    )
    slate: Slate | None = claim.slate if claim.held or claim.slate.state.ended else None
    if slate is not None and _opens_anew(render, slate):
        slate = await _reopened(render, slate)
    if slate is None:  # whoever holds it has to say what becomes of it
        yield None
        return
    render.note(
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
        await render.ledger.release(render.owner, take.fingerprint)


def _opens_anew(render: Render, slate: Slate) -> bool:
    """Whether a take that ended badly is to be made after all, by this render."""
    refused_before = slate.state is TakeState.REFUSED and slate.run != render.run
    return refused_before or (
        slate.state is TakeState.LOST and render.pays_again(slate.fingerprint)
    )


async def _reopened(render: Render, slate: Slate) -> Slate | None:
    """The take, opened anew and held; None where another render has just done so."""
    render.paid_again.add(slate.fingerprint)
    try:
        return await render.ledger.reopen(
            slate.fingerprint,
            render.owner,
            lease_seconds=render.settings.keeping.lease_seconds,
            run=render.run,
            budgets=render.budgets,
        )
    except LedgerConflict:
        now = await render.ledger.get(slate.fingerprint)
        if now.state is slate.state:
            raise
        return None


def unchecked_path(render: Render, take: Take) -> Path:
    """Where the take's clip lies until it is checked: by its fingerprint, so never another's."""
    return render.path("clips", take.clip, f".{take.fingerprint[:12]}.unchecked.mp4")


def raise_verdict(slate: Slate) -> None:
    """Raise what ended a take badly, if that is how it ended."""
    said = f"{slate.clip_id}: {slate.error}"
    match slate.state:
        case TakeState.FAILED if slate.error_kind == CONTENT_BLOCKED:
            raise ContentBlocked(said, request_id=slate.request_id)
        case TakeState.FAILED:
            raise GenerationFailed(said, request_id=slate.request_id)
        case TakeState.REFUSED:
            raise RequestRefused(said)
        case TakeState.LOST:
            raise lost(slate)


def lost(slate: Slate) -> ClipLost:
    """The error for a take whose file cannot be had, with its cost and the way on."""
    usd = slate.usd if slate.usd is not None else slate.estimated_usd
    return ClipLost(
        f"{slate.clip_id}: {slate.error}. It cost {usd:.2f} USD; "
        "run again with --retake-lost to pay for it once more"
    )


async def recalled(render: Render, take: Take) -> StoredTake | None:
    """The take out of the store, if an earlier render made it: no ffmpeg, no network, no task.

    None where anything is left to do, a damaged object in the store included.
    """
    slate = await render.ledger.find(take.fingerprint)
    if slate is None or slate.state is not TakeState.STORED or slate.clip_sha256 is None:
        return None
    into = clip_path(render, take)
    try:
        await render.store.fetch(slate.clip_sha256, "clip", into)
    except (MissingObject, DamagedObject):
        return None
    note_stored(render, take, slate, into, reused=slate.run != render.run)
    return take.kept(into, slate.clip_sha256)


def clip_path(render: Render, take: Take) -> Path:
    """Where the take's checked clip lies: ``clips/arrival-2.1.mp4``, or ``….take-2.mp4``."""
    ending = ".mp4" if take.number == 1 else f".take-{take.number}.mp4"
    return render.path("clips", take.clip, ending)


def note_stored(
    render: Render, take: Take, slate: Slate, into: Path, *, reused: bool, **facts: object
) -> None:
    """Report a take that is there: the facts that the ledger keeps of it."""
    record = TakeRecord(
        number=take.number,
        seed=slate.seed,
        fingerprint=slate.fingerprint,
        file=render.relative(into),
        usd=slate.usd,
        reused=reused,
    )
    render.note_take(take.clip, record)
    render.note(
        take.clip,
        stage=Stage.REUSED if reused else Stage.STORED,
        fingerprint=slate.fingerprint,
        take=take.number,
        seed=slate.seed,
        parameters=dict(slate.parameters),
        request_id=slate.request_id,
        usd=slate.usd,
        file=render.relative(into),
        sha256=slate.clip_sha256,
        size_bytes=slate.size_bytes,
        frame_count=slate.frame_count,
        width=slate.width,
        height=slate.height,
        ended_at=slate.stored_at,
        **facts,
    )


async def note_chosen(render: Render, kept: StoredTake) -> None:
    """Report which of several takes the film has: the clip's facts are that take's again."""
    slate = await render.ledger.get(kept.fingerprint)
    takes = render.record.clips[kept.clip.id].takes
    mine = next(each for each in takes if each.fingerprint == kept.fingerprint)
    for each in takes:
        each.chosen = each is mine
    take = Take(kept.clip, kept.number, Images(), kept.fingerprint)
    note_stored(render, take, slate, kept.path, reused=mine.reused)
