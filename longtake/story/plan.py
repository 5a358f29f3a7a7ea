"""The plan: everything that is known before the first request is sent.

Frozen, and the same after a round trip through JSON. Film frames count from 0 over the whole film.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any, Literal

from longtake.story.beginnings import Cut, End, Handover, Own, Start, Still
from longtake.story.continuity import Continuity, HandoverMode, TakesPlan
from longtake.story.family import family_of
from longtake.story.planned import Planned
from longtake.story.track_plans import CaptionsPlan, ShownTitle, SoundPlan


class FromText(Planned):
    """What is sent, and what it takes, should a continued clip have to begin from text instead."""

    parameters: dict[str, Any]
    """As those of ``ClipPlan``, for text to video."""
    expected_seconds: float
    usd: float


class ClipPlan(Planned):
    """One slot in the film: one generation, one media file."""

    id: str
    """`arrival/2.1`: scene, shot (1-based) and clip (1-based) within the shot."""
    model: str
    """Its name in the service's addresses; `own` where it is the author's own clip."""
    prompt: str
    """The final text: prompt, beat and style joined."""
    parameters: dict[str, Any]
    """What is sent but for the images: JSON values under the service's names."""
    start: Start
    end: End | None = None
    """The picture that the clip moves towards."""
    pinned_start: bool = False
    """Whether it begins on the picture that the clip before it ends on: no cut lies between."""
    pinned_end: bool = False
    """Whether the clip after it begins on the picture that this one ends on."""
    width: int
    """Pixels of the generated clip."""
    height: int
    """Pixels of the generated clip."""
    frame_count: int
    """Frames that the file must hold at least."""
    skip_frames: int
    """First frames of the file that repeat the clip before: 0, or 1 where it is continued."""
    kept_frame_count: int
    """Frames of the file, after the skipped ones, that are in the film: those of a dissolve, which
    are in the film together with another clip's, included."""
    first_frame_index: int
    """Where the kept frames begin in the film."""
    expected_seconds: float
    """How long the generation usually takes."""
    usd: float
    """Estimated price of one take."""
    takes: TakesPlan = TakesPlan()
    """How many takes are made; the best is in the film."""
    continuity: Continuity = Continuity()
    """How the seam that the clip begins with is kept from being seen."""
    from_text: FromText | None = None
    """The way out of `drift: cut`; None for clips that never take it."""
    handover: HandoverMode = "last"
    """Where clips of this shot hand over to the next one of the shot."""
    handle_frame_count: int = 0
    """How many of the last kept frames may be cut for a better seam, and as many (besides the
    repeated one) of the next clip's first: 0 where the clip hands over at its last frame."""

    @property
    def seed(self) -> int:
        """The seed that is sent; 0 for the author's own clip."""
        return int(family_of(self.model).value_of("seed", self.parameters, 0))

    @property
    def own_file(self) -> str | None:
        """The file or address of a clip that is the author's own; None for a generated one."""
        return self.start.file if isinstance(self.start, Own) else None

    @property
    def continues(self) -> bool:
        """Whether the clip goes on from the one before it, so that no cut lies between them."""
        return self.pinned_start or isinstance(self.start, Handover)

    @property
    def may_arrive(self) -> bool:
        """Whether it can be told to end on a picture: it begins from one, and its family can."""
        return not isinstance(self.start, Cut) and "end_image" in family_of(self.model).fields

    @property
    def stills(self) -> tuple[str, ...]:
        """The author's pictures that it begins from and ends on, as authored."""
        return tuple(image.uri for image in (self.start, self.end) if isinstance(image, Still))

    @property
    def usd_at_least(self) -> float:
        """Price of the takes that are made in any case."""
        return round(self.usd * self.takes.at_least, 6)

    @property
    def usd_at_most(self) -> float:
        """Price of all takes; retakes of failed ones come on top."""
        return round(self.usd * self.takes.count, 6)

    @property
    def last_kept_frame_index(self) -> int:
        """The file's frame that a continued clip begins from."""
        return self.skip_frames + self.kept_frame_count - 1


class GuidePlan(Planned):
    """A clip that is not in the film: it tells a take's whole action in short, and its best frames
    are the anchors between which the take's clips lie."""

    clip: ClipPlan
    anchor_count: int
    """Anchors that are chosen in it: one more than the take has clips."""


class ChainPlan(Planned):
    """Clips where each begins from the one before; chains do not wait for each other."""

    number: int
    """1-based, in film order."""
    name: str
    """Its shots: `arrival/1`, or `arrival/1-3`."""
    clips: tuple[ClipPlan, ...]
    expected_seconds: float
    """Sum of its clips' expected seconds."""
    guide: str | None = None
    """The id of the guide whose anchors its clips lie between: it must be there first."""


class ShotPlan(Planned):
    """One shot in the film: a chapter."""

    id: str
    """`arrival/2`."""
    scene: str
    """The scene's name."""
    number: int
    """1-based within the scene."""
    title: str
    """Short text for a chapter mark."""
    first_frame_index: int
    """Where the shot begins in the film: with a dissolve, at its middle."""
    frame_count: int
    """Frames in the film, to the beginning of the next shot."""
    clip_ids: tuple[str, ...]


class SeamPlan(Planned):
    """The join of two neighbouring clips."""

    left: str
    """Id of the clip before."""
    right: str
    """Id of the clip after."""
    kind: Literal["continuous", "cut", "dissolve"]
    frame_index: int
    """The film's frame that is the first of ``right``."""
    frame_count: int = 0
    """Frames of the film that show both clips: of a dissolve only."""


class Source(Planned):
    """Frames of a clip's file."""

    clip_id: str
    skip_frames: int
    """Index of the first frame that is taken."""


class SegmentPlan(Planned):
    """A piece of the film that is encoded once; the film is their join, in order."""

    kind: Literal["clip", "dissolve"]
    first_frame_index: int
    """Where the piece begins in the film."""
    frame_count: int
    """Frames in the film, and frames taken of each source."""
    sources: tuple[Source, ...]
    """The clip, or of a dissolve the clip that goes and the clip that comes."""

    @property
    def clip_ids(self) -> tuple[str, ...]:
        """The clips that must be there before the piece can be encoded."""
        return tuple(source.clip_id for source in self.sources)


class Plan(Planned):
    """A film, worked out: chains to generate, frames to keep, what it takes and costs."""

    title: str
    storyboard_sha256: str
    """SHA-256 of the file's bytes, empty where there was no file."""
    fps: int
    width: int
    """Pixels of the film."""
    height: int
    """Pixels of the film."""
    frame_count: int
    """Frames of the film, exactly."""
    seconds: float
    """Length of the film."""
    base_seed: int
    """The seed that the clips' seeds are derived from."""
    seeds_drawn: bool
    """False while no base seed is known: the clips' seeds are then only placeholders."""
    chains: tuple[ChainPlan, ...]
    guides: tuple[GuidePlan, ...] = ()
    """What is generated besides the clips of the film, and before some of them."""
    shots: tuple[ShotPlan, ...]
    seams: tuple[SeamPlan, ...]
    """The joins of neighbouring clips, in film order."""
    segments: tuple[SegmentPlan, ...]
    """The film piece by piece, in film order: their frames add up to the film's."""
    sound: SoundPlan = SoundPlan()
    captions: CaptionsPlan = CaptionsPlan()
    titles: tuple[ShownTitle, ...] = ()
    """Words that are drawn into the picture, in the order of time."""
    critical_path_seconds: float
    """Expected seconds of the longest chain: the render cannot be faster."""
    usd: float
    """Estimated price of the takes that are made in any case."""
    usd_at_most: float
    """Estimated price if `takes: {up_to: N}` needs all of them everywhere."""

    @property
    def clips(self) -> tuple[ClipPlan, ...]:
        """Every clip in film order."""
        return tuple(clip for chain in self.chains for clip in chain.clips)

    @property
    def made(self) -> tuple[ClipPlan, ...]:
        """All that is generated: the guides, then every clip in film order."""
        return (*(guide.clip for guide in self.guides), *self.clips)

    @property
    def handle_usd(self) -> float:
        """What the handles of ``handover: best`` cost: their share of the clips' price.

        Of one take each, and counted as if every splice would cut the most.
        """
        reserved = sum(
            left.handle_frame_count * (left.usd / left.frame_count + right.usd / right.frame_count)
            for left, right in pairwise(self.clips)
        )
        return round(reserved, 6)

    def segment_of(self, clip_id: str) -> SegmentPlan | None:
        """The piece of the film that shows this clip alone; None where dissolves take all of it."""
        mine = (part for part in self.segments if part.clip_ids == (clip_id,))
        return next(mine, None)

    def clip(self, clip_id: str) -> ClipPlan:
        """The clip of that id; KeyError where there is none."""
        for chain in self.chains:  # asked very often: without a tuple of all of them
            for clip in chain.clips:
                if clip.id == clip_id:
                    return clip
        raise KeyError(clip_id)

    def guide(self, chain: ChainPlan) -> GuidePlan | None:
        """The guide that the chain waits for; None where it waits for none."""
        return next((one for one in self.guides if one.clip.id == chain.guide), None)


def sums_of(chains: Sequence[ChainPlan], guides: Sequence[GuidePlan]) -> dict[str, Any]:
    """What all clips of a plan take and cost together, by the names of ``Plan``'s fields."""
    clips = [*(guide.clip for guide in guides), *(clip for chain in chains for clip in chain.clips)]
    return {
        "critical_path_seconds": critical_path(chains, guides, lambda clip: clip.expected_seconds),
        # Rounded: without the dust of binary fractions.
        "usd": round(sum(clip.usd_at_least for clip in clips), 6),
        "usd_at_most": round(sum(clip.usd_at_most for clip in clips), 6),
    }


def critical_path(
    chains: Sequence[ChainPlan], guides: Sequence[GuidePlan], seconds: Callable[[ClipPlan], float]
) -> float:
    """The seconds of the chain that takes longest, by those of its clips and of its guide."""
    guided = {guide.clip.id: seconds(guide.clip) for guide in guides}
    took = (sum(map(seconds, chain.clips)) + guided.get(chain.guide or "", 0.0) for chain in chains)
    return max(took, default=0.0)
