"""What was measured once and is remembered in the ledger: no ffmpeg, no Prefect, no pictures.

A measure is found by the content of its files and by how they are looked at. So a render that is
repeated decides the same way, and ``plan`` can foresee it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Awaitable, Callable
from typing import TypeVar

from pydantic import BaseModel

from longtake.ledger import Ledger
from longtake.rendering.takes import Images
from longtake.story import ClipPlan, Treatment
from longtake.story.contract import ArrivedFile

VERSION = "2"
"""Of what decides: treatments, scores, where seams lie. Another one would forget them, and clips
that were started from a corrected frame would be bought again; so a better measure serves new
clips, and those that are there keep theirs."""

READINGS_VERSION = "3"
"""Of what is only shown: another one has every clip and film read again."""

Measured = TypeVar("Measured", bound=BaseModel)


class SplicePoint(BaseModel):
    """Where a seam lies best, as frame indexes of the two files."""

    left_frame_index: int
    right_frame_index: int = 0


class AnchorFrames(BaseModel):
    """Which frames of a guide are its anchors."""

    frame_indexes: tuple[int, ...]


class OwnAnchors(BaseModel):
    """Pictures of a person's own in the places of anchors: by number from 1, their hash."""

    pictures: dict[int, str] = {}


class LastImage(BaseModel):
    """Whether the latest clip of a model that was sent an end image arrived there."""

    honoured: bool
    clip_id: str


class Standing(BaseModel):
    """How a take did when it was compared with others of its clip; less is better."""

    score: float

    @property
    def falls_short(self) -> bool:
        """Whether the gate should not let it pass."""
        return self.score > 1


class ArrivedFiles(BaseModel):
    """The files that came for a take, the latest last."""

    files: tuple[ArrivedFile, ...] = ()


async def recalled(
    ledger: Ledger, subject: str, model: type[Measured], of: str = ""
) -> Measured | None:
    """The measure, if it was taken before; ``of`` is the newest of the contents it is made from."""
    content = await ledger.measure(subject, of)
    return None if content is None else model.model_validate_json(content)


async def measured(
    ledger: Ledger,
    subject: str,
    model: type[Measured],
    take: Callable[[], Awaitable[Measured]],
    of: str = "",
) -> Measured:
    """The measure as it was taken before, else as ``take`` takes it now."""
    known = await recalled(ledger, subject, model, of)
    if known is not None:
        return known
    found = await take()
    await ledger.remember_measure(subject, found.model_dump_json())
    return found


def is_looked_at(clip: ClipPlan) -> bool:
    """Whether anything depends on what the service did to the clip: only if it meets another."""
    wanted = clip.continuity
    idle = wanted.colour == "off" and not wanted.deflash and wanted.gate == "off"
    meets = clip.continues or clip.pinned_end
    return meets and not (idle and wanted.drift == "flag")


def treatment_of(clip: ClipPlan, clip_sha256: str, sent: Images, matrix: str) -> str:
    """The subject of a clip's ``Treatment``: the file, the images that it lies between, the way.

    Its end counts only where another clip begins on the same picture.
    """
    way = clip.continuity.model_dump(include={"colour", "deflash"})
    ends = [sent.end] if clip.pinned_end else []
    return _subject("treatment", clip_sha256, sent.start, matrix, way, *ends)


def pair_of(clip_sha256: str, sent_sha256: str, matrix: str) -> str:
    """The subject of how near a clip's first frame is to the picture that it was started from."""
    return _subject("pair", clip_sha256, sent_sha256, matrix)


def arrived_of(fingerprint: str) -> str:
    """The subject of the files that came for a take, one for each request that was paid for it."""
    return _subject("arrived", fingerprint)


def arrival_of(clip_sha256: str, sent_sha256: str, matrix: str) -> str:
    """The subject of how near a clip came to the picture that it was to end on."""
    return _subject("arrival", clip_sha256, sent_sha256, matrix)


def anchors_of(clip_sha256: str, count: int, matrix: str) -> str:
    """The subject of which frames of a guide are its anchors."""
    return _subject("anchors", clip_sha256, count, matrix)


def own_anchors_of(clip_sha256: str, count: int) -> str:
    """The subject of which of a guide's anchors a person replaced."""
    return _subject("own anchors", clip_sha256, count)


def approved_anchors_of(about: str) -> str:
    """The subject of whether a person approved anchors, by the question about them."""
    return _subject("approved anchors", about)


def last_image_of(model: str) -> str:
    """The subject of what a model does with an end image."""
    return _subject("last image", model)


def reading_of(clip_sha256: str, matrix: str) -> str:
    """The subject of a file's ``ClipReading``."""
    return _subject("reading", READINGS_VERSION, clip_sha256, matrix)


def score_of(treatment: str, clip_sha256: str, before: str | None, span: tuple[int, int]) -> str:
    """The subject of a take's score: after which clip's which frame it stands, and from where."""
    return _subject("score", treatment, clip_sha256, before, span)


def tail_of(clip_sha256: str, last_frame_index: int, window: int, matrix: str) -> str:
    """The subject of the frame that a clip had best hand over."""
    return _subject("tail", clip_sha256, last_frame_index, window, matrix)


def splice_of(left_sha256: str, right_sha256: str, last_frame_index: int, window: int) -> str:
    """The subject of the best splice of two clips."""
    return _subject("splice", left_sha256, right_sha256, last_frame_index, window)


def standing_of(fingerprint: str) -> str:
    """The subject of a take's standing."""
    return _subject("standing", fingerprint)


def seam_of(left: str, right: str, *, repeats: bool) -> str:
    """The subject of how a seam reads: between which two pieces of a film, by their names."""
    return _subject("seam", READINGS_VERSION, left, right, repeats)


def heal_of(fingerprint: str) -> str:
    """The subject of what was decided of a clip that was healed: by its first take without it."""
    return _subject("heal", fingerprint)


def film_heals_of(storyboard: str) -> str:
    """The subject that says whether any clip of a film was healed, by the film's title."""
    return _subject("film heals", storyboard)


def film_of(recipe: str) -> str:
    """The subject of what was read of a whole film."""
    return _subject("film", READINGS_VERSION, recipe)


def treated(treatment: Treatment | None) -> str:
    """What a treatment does to the frame that is handed over, as a part of that frame's recipe."""
    if treatment is None or not treatment.calibration.changes_handover:
        return ""
    calibration = treatment.calibration
    parts: list[object] = [calibration.transform, calibration.ramp]
    if calibration.curve or calibration.sharpening:
        parts += [calibration.curve, calibration.sharpening]
    return _subject("correction", *parts)[:16]


def _subject(*parts: object) -> str:
    return hashlib.sha256(json.dumps([VERSION, *parts], sort_keys=True).encode()).hexdigest()
