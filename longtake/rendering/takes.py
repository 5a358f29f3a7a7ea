"""What a take of a clip is: an attempt that is to be made, and one that is there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from longtake.errors import ClipLost, ClipUnusable, ContentBlocked, GenerationFailed, RequestRefused
from longtake.ledger import CONTENT_BLOCKED, Slate, TakeIntent, TakeState
from longtake.story import (
    Calibration,
    ClipPlan,
    Flash,
    PairReading,
    Treatment,
    fingerprint,
    take_of,
)

IMAGE_RECIPE = "png-1"
"""The version of everything that makes a start image from a clip or a still."""


class Images(NamedTuple):
    """What conditions a clip, by content: a start image and perhaps an end image; no t2v clip has
    either."""

    start: str | None = None
    end: str | None = None


class StoredTake(NamedTuple):
    """A take that is there, as the service made it, and what is known of it.

    ``sha256`` is its checked file's. ``clip`` is the slot with this take's seed, and with the
    frames that the film has of it as far as that is known by now. ``treatment`` is what is undone.
    ``arrival``: the picture that it was sent to end on, against its last frame; None without one.
    """

    sha256: str
    fingerprint: str
    clip: ClipPlan
    number: int = 1
    treatment: Treatment | None = None
    arrival: PairReading | None = None

    @property
    def pair(self) -> PairReading | None:
        """The frame handed over against the frame that came back."""
        return None if self.treatment is None else self.treatment.pair

    @property
    def calibration(self) -> Calibration | None:
        """What takes its colours back."""
        return None if self.treatment is None else self.treatment.calibration

    @property
    def flash(self) -> Flash | None:
        """What is taken off its first frames."""
        return None if self.treatment is None else self.treatment.flash


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
        return self.clip.seed

    def stored(self, sha256: str) -> StoredTake:
        """The take, now that its file is there."""
        return StoredTake(sha256, self.fingerprint, self.clip, self.number)

    def intent(self, storyboard: str) -> TakeIntent:
        """The take as the ledger writes it down; ``storyboard`` is the film's title."""
        return TakeIntent(
            fingerprint=self.fingerprint,
            storyboard=storyboard,
            clip_id=self.clip.id,
            number=self.number,
            model=self.clip.model,
            seed=self.seed,
            parameters=self.clip.parameters,
            estimated_usd=self.clip.usd,
            recipe=IMAGE_RECIPE,
            start_sha256=self.images.start,
            end_sha256=self.images.end,
        )


def take_name(clip: ClipPlan, number: int, images: Images) -> str:
    """The fingerprint of the ``number``-th take."""
    return fingerprint(clip, number, start_sha256=images.start, end_sha256=images.end)


def take_for(clip: ClipPlan, number: int, images: Images) -> Take:
    """The ``number``-th take of the clip, from 1."""
    return Take(take_of(clip, number), number, images, take_name(clip, number, images))


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
        case TakeState.UNUSABLE:
            raise unusable(slate)


def lost(slate: Slate) -> ClipLost:
    """The error for a take whose file cannot be had, with its cost and the way on."""
    return ClipLost(_paid_in_vain(slate))


def unusable(slate: Slate) -> ClipUnusable:
    """The error for a take whose file is of no use, with its cost and the way on."""
    return ClipUnusable(_paid_in_vain(slate))


def _paid_in_vain(slate: Slate) -> str:
    usd = slate.usd if slate.usd is not None else slate.estimated_usd
    return (
        f"{slate.clip_id}: {slate.error}. It cost {usd:.2f} USD; "
        "run again with --retake-lost to pay for it once more"
    )
