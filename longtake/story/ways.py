"""The ways in which each long take can be made, side by side: what a plan compares. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from longtake.story.attached import NOTHING, Attached
from longtake.story.continuity import takes_plan
from longtake.story.drafts import takes_of
from longtake.story.long_takes import LongTake
from longtake.story.parameters import shape_of
from longtake.story.paths import TakePath
from longtake.story.planned import Planned
from longtake.story.rates import Rates
from longtake.story.schedule import Allowance, Work
from longtake.story.storyboard import Storyboard

PATHS: tuple[TakePath, ...] = ("chain", "keyframed", "tree")


class Way(Planned):
    """One way to make a long take."""

    path: TakePath
    chosen: bool
    """Whether the storyboard goes this path."""
    requests: int
    """How many clips are paid for at least, a guide included."""
    usd: float
    wall_seconds: float
    """From its first submit to its last clip, if nothing else is made meanwhile."""
    hop_depth: int
    """Hops from a still, text or an anchor to the clip that lies farthest from one."""
    drift: float
    """Colour error that is forecast for that clip, in ΔE."""


class TakeWays(Planned):
    """A take of several clips, and every way to make it."""

    take: str
    """The id of its first shot."""
    clip_count: int
    ways: tuple[Way, ...]


def ways_of(
    storyboard: Storyboard, rates: Rates, allowance: Allowance, attached: Attached = NOTHING
) -> list[TakeWays]:
    """Every take of several clips with all the ways that are possible, in film order."""
    return [
        TakeWays(
            take=take.id,
            clip_count=take.shape.clip_count,
            ways=tuple(_ways(take, rates, allowance)),
        )
        for take in takes_of(storyboard, attached)
        if take.shape.is_long and not take.as_they_are
    ]


def _ways(take: LongTake, rates: Rates, allowance: Allowance) -> Iterator[Way]:
    shape = take.shape
    for path in PATHS:
        if not shape.possible(path) or not take.may(path):
            continue
        clips = _clips(take, path, rates)
        guide = clips.pop(0) if path == "tree" else None
        wall = allowance.seconds(_side_by_side(take, path, clips))
        made = clips if guide is None else [guide, *clips]
        yield Way(
            path=path,
            chosen=path == take.path,
            requests=sum(work.jobs for work, _ in made),
            usd=round(sum(work.jobs * usd for work, usd in made), 6),
            wall_seconds=wall + (0.0 if guide is None else guide[0].seconds),
            hop_depth=shape.hop_depth(path),
            drift=shape.drift(path),
        )


def _clips(take: LongTake, path: str, rates: Rates) -> list[tuple[Work, float]]:
    """Each clip's work and price, in film order; of a tree the guide's first."""
    first = take.contexts[0]
    text, image = first.family.text_to_video.slug, first.family.image_to_video.slug
    begins = text if take.shape.stills[0] is None else image
    made: list[tuple[Work, float]] = []
    for context, clips in zip(take.contexts, take.frames, strict=True):
        resolution = shape_of(context.force, context.family)[0]
        jobs = takes_plan(context.force.takes).at_least
        for _ in clips:
            model = begins if not made and path == "chain" else image
            work = Work(jobs, rates.expected_seconds[model])
            made.append((work, rates.usd[model][resolution]))
    if path == "tree":
        resolution = shape_of(first.force, first.family)[0]
        guide = Work(1, rates.expected_seconds[begins]), rates.usd[begins][resolution]
        return [guide, *made]
    return made


def _side_by_side(take: LongTake, path: str, clips: list[tuple[Work, float]]) -> list[list[Work]]:
    """The clips as they wait for each other: in a row, but for those that begin on a picture."""
    rows: list[list[Work]] = []
    for (work, _), still in zip(clips, take.shape.stills, strict=False):
        if not rows or path == "tree" or (path == "keyframed" and still is not None):
            rows.append([])
        rows[-1].append(work)
    return rows
