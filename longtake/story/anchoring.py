"""Anchors: where a chain starts over because it would drift too far. Pure.

A chain is a row of *stretches*: the first begins with the chain, each other one with a clip that
was anchored. Drift is counted within a stretch, in hops from its first clip::

    clip    1 ─hop 1─ 2 ─hop 2─ 3 ┃ 4 ─hop 1─ 5        4 is anchored: the seam before it is a cut
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from longtake.story.beginnings import Anchor, Cut, Handover, Still
from longtake.story.drifting import break_hop
from longtake.story.family import family_of
from longtake.story.headlines import headline
from longtake.story.plan import ChainPlan, ClipPlan, Plan
from longtake.story.readings import Calibration, Finding, PairReading
from longtake.story.segments import lay_seams, lay_segments

Anchoring = Literal["reanchor", "cut"]
"""`reanchor`: the clip begins from the scene's still. `cut`: it begins from text."""

Anchors = Mapping[str, Anchoring]
"""By clip id, which clips start over, and how."""


@dataclass(frozen=True)
class DriftForecast:
    """What is known of a stretch's drift before its next clip is bought."""

    clip_id: str
    """The clip that is to be bought."""
    since: str
    """The stretch's first clip."""
    hop: int
    """The hop (1-based) that ends in the clip."""
    breaks_at_hop: int
    """The hop at which the limit breaks; below ``hop`` where it is broken already."""

    @property
    def is_due(self) -> bool:
        """Whether the clip, continued, would lie beyond the limit."""
        return self.breaks_at_hop <= self.hop

    @property
    def says(self) -> str:
        """The forecast in words."""
        if self.breaks_at_hop < self.hop:
            return (
                f"the chain broke the drift limit at hop {self.breaks_at_hop} "
                f"from {self.since}, and this clip is hop {self.hop}"
            )
        return (
            f"drift is forecast to break the limit with this clip, hop {self.hop} from {self.since}"
        )


def drift_forecast(
    stretch: Sequence[str],
    clip_id: str,
    calibrations: Mapping[str, Calibration],
    pairs: Mapping[str, PairReading],
) -> DriftForecast | None:
    """What the clips of the stretch so far foretell for ``clip_id``, which would continue them.

    ``calibrations`` and ``pairs`` are by clip id. None where no break of the limit is in sight.
    """
    hop = break_hop(stretch, calibrations, pairs)
    return None if hop is None else DriftForecast(clip_id, stretch[0], len(stretch), hop)


def drift_finding(forecast: DriftForecast, how: Anchoring | None) -> Finding:
    """What a person should know of a forecast that is due; ``how`` is what was done about it."""
    if how is None:
        severity: Literal["bad", "note"] = "bad"
        rest = (
            "begin a new chain here: `continuity: {drift: reanchor}` starts the clip from the "
            "scene's still, `{drift: cut}` from text"
        )
    else:
        severity, rest = "note", f"so the clip begins from {BEGINS_FROM[how]}"
    return Finding(
        severity=severity,
        place=forecast.clip_id,
        rule="drift",
        says=f"{forecast.says}; {rest}",
        score=round(forecast.hop / forecast.breaks_at_hop, 3),
        headline=headline("drift"),
    )


BEGINS_FROM: Mapping[Anchoring, str] = {"reanchor": "the scene's still", "cut": "text"}
"""In words, what an anchored clip begins from."""


def anchoring_of(clip: ClipPlan) -> Anchoring | None:
    """What is to be done about a clip that would lie beyond the limit; None: it is only flagged.

    Text to video takes no end image: where a clip has one, `cut` re-anchors it.
    """
    if clip.continuity.drift == "flag":
        return None
    return "cut" if clip.from_text is not None else "reanchor"


def stretches(chain: ChainPlan, anchors: Anchors) -> list[tuple[ClipPlan, ...]]:
    """The chain's clips, parted before each one that is anchored."""
    parts: list[list[ClipPlan]] = []
    for clip in chain.clips:
        if not parts or clip.id in anchors:
            parts.append([])
        parts[-1].append(clip)
    return [tuple(part) for part in parts]


def anchored_plan(plan: Plan, anchors: Anchors) -> Plan:
    """The plan with these clips started over: their seams are cuts, the film's frames are the same.

    Raises ValueError for a clip that continues no other, or that cannot begin so.
    """
    if not anchors:
        return plan
    if unknown := anchors.keys() - {clip.id for clip in plan.clips}:
        raise ValueError(f"no such clips: {', '.join(sorted(unknown))}")
    chains = tuple(_anchored_chain(chain, anchors) for chain in plan.chains)
    clips = [clip for chain in chains for clip in chain.clips]
    seams = lay_seams(clips, {seam.right: seam.frame_count for seam in plan.seams})
    changed = {"chains": chains, "seams": seams, "segments": lay_segments(clips, seams)}
    return plan.model_copy(update=changed)


def _anchored_chain(chain: ChainPlan, anchors: Anchors) -> ChainPlan:
    followers: Sequence[ClipPlan | None] = [*chain.clips[1:], None]
    clips: list[ClipPlan] = []
    for clip, follower in zip(chain.clips, followers, strict=True):
        changes: dict[str, Any] = {}
        if clip.id in anchors:
            changes = _anchored(clip, anchors[clip.id], chain.clips[0])
        elif clips and isinstance(clip.start, Handover):
            last = clips[-1].last_kept_frame_index
            changes["start"] = Handover(clip_id=clips[-1].id, frame_index=last)
        if follower is not None and follower.id in anchors:  # no splice can lie at a cut
            changes["handle_frame_count"] = 0
        clips.append(clip.model_copy(update=changes))
    return chain.model_copy(update={"clips": tuple(clips)})


def _anchored(clip: ClipPlan, how: Anchoring, first: ClipPlan) -> dict[str, Any]:
    """What is different of a clip that starts over; ``first`` is the chain's first clip."""
    if not isinstance(clip.start, Handover):
        raise ValueError(f"{clip.id} continues no other clip: it cannot be anchored")
    changes: dict[str, Any] = {}
    if clip.end is None:  # else it must still be shown to the very end of its file
        changes["skip_frames"] = 0
    if how == "cut":
        if clip.from_text is None:
            raise ValueError(f"{clip.id} was not planned to begin from text")
        model = family_of(clip.model).text_to_video.slug
        changes |= {"model": model, "start": Cut(), **dict(clip.from_text)}
    elif isinstance(first.start, Still):
        changes["start"] = first.start
    else:
        changes["start"] = Anchor(clip_id=first.id)
    return changes
