"""The paths of a long take: a chain, clips between stills, or a tree of one guide clip. Pure.

A *take* here is a run of shots without a cut, of K clips. Its *pictures* are what its clips lie
between: the k-th is where clip k begins, the last one where the last clip ends::

    chain       1 ─► 2 ─► 3 ─► 4              each from the last frame of the one before
    keyframed   a│1│b│2│c│3│d│4│e             a … e: stills; all clips side by side
    tree        guide ══ a b c d e            a … e: frames of the guide (or stills), then as above

Where two neighbours share a picture, the seam is continuous: its repeat is left out of the film.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from longtake.story.beginnings import Anchor, GivenPicture, Pinned, Still
from longtake.story.drifting import HOP_COLOUR_STEP
from longtake.story.judging import THRESHOLDS
from longtake.story.plan import ChainPlan, Plan

TakePath = Literal["chain", "keyframed", "tree"]

MAX_LEAVES = 24
"""Of so many clips at most a guide's frames lie far enough apart."""


@dataclass(frozen=True)
class Between:
    """The pictures that a shot's clips lie between, one more than there are clips.

    None where a clip hands over (or, at a take's ends, where it is free). ``goes_on``: the take
    has clips after this shot's. ``guide``: the clip that the anchors among them are frames of.
    """

    pictures: tuple[GivenPicture | None, ...]
    goes_on: bool
    guide: str | None = None


@dataclass(frozen=True)
class TakeShape:
    """What decides which paths a take can have.

    ``stills``: as many as there are clips, and one; None where the author gave none. ``colour``:
    what is undone of colours at each hop.
    """

    stills: tuple[str | None, ...]
    colour: str

    @property
    def clip_count(self) -> int:
        """How many clips the take has."""
        return len(self.stills) - 1

    @property
    def is_long(self) -> bool:
        """Whether there is anything to choose: one clip alone has no seam."""
        return self.clip_count > 1

    def hop_depth(self, path: TakePath) -> int:
        """Hops from a still, text or an anchor to the clip that lies farthest from one."""
        first = int(self.stills[0] is not None)
        if path == "chain":
            return self.clip_count - 1 + first
        if path == "tree":
            return 1
        deepest = hops = first
        for still in self.stills[1:-1]:
            hops = 1 if still is not None else hops + 1
            deepest = max(deepest, hops)
        return deepest

    def drift(self, path: TakePath) -> float:
        """Colour error that is forecast for that clip, in ΔE: what a hop leaves, for every hop."""
        return round(self.hop_depth(path) * HOP_COLOUR_STEP[self.colour], 2)

    def possible(self, path: TakePath) -> bool:
        """Whether the take can be made that way."""
        if path == "keyframed":
            return self.stills[0] is not None and any(self.stills[1:-1])
        return path == "chain" or 1 < self.clip_count <= MAX_LEAVES

    def auto(self) -> TakePath:
        """The path with the fewest payments that keeps within the drift limit, the quickest first.

        Between stills costs what a chain does and takes the time of a clip; a tree costs a clip
        more. Where none keeps within the limit, the one that drifts least.
        """
        in_order: tuple[TakePath, ...] = ("keyframed", "chain", "tree")
        can = [path for path in in_order if self.possible(path)]
        fits = (path for path in can if self.drift(path) <= THRESHOLDS.drift_colour_step)
        return next(fits, min(can, key=self.drift))


def even_frames(count: int, frame_count: int) -> tuple[int, ...]:
    """Frames of a guide for so many anchors (>= 2), before it is there: evenly spread."""
    return tuple(round(at * (frame_count - 1) / (count - 1)) for at in range(count))


def pictures_of(
    stills: Sequence[str | None], path: TakePath, guide: str, frame_count: int
) -> tuple[GivenPicture | None, ...]:
    """What a take's clips lie between; in a tree, what is no still is a frame of the guide.

    ``frame_count``: the guide's.
    """
    frames = even_frames(len(stills), frame_count)
    anchors = [Anchor(clip_id=guide, frame_index=at) if path == "tree" else None for at in frames]
    return tuple(
        Still(uri=still) if still is not None else anchor
        for still, anchor in zip(stills, anchors, strict=True)
    )


def planted_plan(plan: Plan, anchors: Mapping[str, Sequence[Anchor | Pinned]]) -> Plan:
    """The plan with the anchors of these guides (by id) as they were found, or replaced."""
    places = {
        (guide.clip.id, planned): found
        for guide in plan.guides
        if guide.clip.id in anchors
        for planned, found in zip(
            even_frames(guide.anchor_count, guide.clip.frame_count),
            anchors[guide.clip.id],
            strict=True,
        )
    }
    if not places:
        return plan
    chains = tuple(_planted(chain, places) for chain in plan.chains)
    return plan.model_copy(update={"chains": chains})


def _planted(chain: ChainPlan, places: Mapping[tuple[str, int], Anchor | Pinned]) -> ChainPlan:
    def found(image: Any) -> Any:
        if not isinstance(image, Anchor):
            return image
        return places.get((image.clip_id, image.frame_index), image)

    clips = (
        clip.model_copy(update={"start": found(clip.start), "end": found(clip.end)})
        for clip in chain.clips
    )
    return chain.model_copy(update={"clips": tuple(clips)})
