"""The proof: which take every frame of a film came from, what it cost, and how the frame reads.

It is kept inside the film and next to it, and is enough by itself: neither the ledger nor the
network is asked. It tells what was altered since the film was made. It is no signature: anyone who
can write a film can write a proof (for that there is C2PA, see docs/proof.md).
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from longtake.record.clips import ClipRecord
from longtake.story import SegmentPlan, ShownTitle, Source

MADE_BY_AI = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
"""IPTC's term for what a trained model made."""

DIGEST_BYTES = 8
"""Of the SHA-256 of a frame's packet: enough to tell a million frames apart, short enough to keep
for each."""


class ProvenTake(BaseModel):
    """The take that a clip's frames are of."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    clip_id: str
    take: int
    model: str
    seed: int
    fingerprint: str | None
    request_id: str | None
    usd: float | None
    sha256: str | None = Field(description="Of the clip as the service made it.")

    @classmethod
    def of(cls, clip: ClipRecord) -> ProvenTake:
        """What the run's record says of the take that the film has."""
        facts = {name: getattr(clip, name) for name in cls.model_fields if name != "clip_id"}
        return cls(clip_id=clip.id, **facts)


class ProvenSegment(BaseModel):
    """A piece of the film: its frames, the takes that they are of, and their digests."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    kind: str
    first_frame_index: int
    frame_count: int
    sources: tuple[Source, ...]
    recipe: str = Field("", description="Names everything that decides the piece's picture.")
    digests: str = Field(description="Of each frame's packet, in base64, one after another.")

    @property
    def frames(self) -> list[bytes]:
        """The digest of each frame."""
        packed = b64decode(self.digests)
        return [packed[at : at + DIGEST_BYTES] for at in range(0, len(packed), DIGEST_BYTES)]


class ProvenTrack(BaseModel):
    """A sound or caption track by one digest."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    kind: str
    """``audio`` or ``subtitle``."""
    digest: str
    """Over all its packets."""
    packets: int


class Versions(BaseModel):
    """What made the film."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    longtake: str
    ffmpeg: str
    av: str
    python: str


class FilmProof(BaseModel):
    """Everything that a film's frames can be traced by, and what is needed to make it again."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    form: Literal["longtake film proof 1"] = "longtake film proof 1"
    title: str
    fps: int
    width: int
    height: int
    frame_count: int
    emulated: bool
    base_seed: int
    storyboard_sha256: str
    storyboard: str | None = Field(description="The storyboard's text; None where it is not given.")
    versions: Versions
    takes: tuple[ProvenTake, ...]
    titles: tuple[ShownTitle, ...] = Field((), description="Words drawn into the picture.")
    segments: tuple[ProvenSegment, ...]
    tracks: tuple[ProvenTrack, ...] = ()
    parameter_sets: tuple[str, ...] = Field(description="Digests of H.264 SPS and PPS.")

    def as_bytes(self) -> bytes:
        """The proof as it is kept: the same proof is the same bytes."""
        return self.model_dump_json(indent=1).encode("utf-8") + b"\n"

    @property
    def usd(self) -> float:
        """What the takes in the film cost, as far as the service has said."""
        return round(sum(take.usd or 0.0 for take in self.takes), 6)

    def take(self, clip_id: str) -> ProvenTake | None:
        """The take of that clip; None where the film has none of it."""
        return next((take for take in self.takes if take.clip_id == clip_id), None)


def prove_segments(
    parts: Sequence[SegmentPlan], digests: Sequence[Sequence[bytes]], recipes: Mapping[int, str]
) -> tuple[ProvenSegment, ...]:
    """The film's pieces with the digests of their frames; ``recipes`` by a piece's number."""
    return tuple(
        ProvenSegment(
            kind=part.kind,
            first_frame_index=part.first_frame_index,
            frame_count=part.frame_count,
            sources=part.sources,
            recipe=recipes.get(number, ""),
            digests=b64encode(b"".join(frames)).decode("ascii"),
        )
        for number, (part, frames) in enumerate(zip(parts, digests, strict=True))
    )
