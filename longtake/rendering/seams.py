"""Where the seams of a film really lie: known clip by clip, as a render goes. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from longtake.rendering.measure_cache import SplicePoint
from longtake.story import (
    Anchor,
    Anchoring,
    ChainPlan,
    ClipPlan,
    DriftForecast,
    Handover,
    Pin,
    Pinned,
    Plan,
    Treatment,
    anchored_plan,
    drift_forecast,
    pinned_plan,
    planted_plan,
    stretches,
)
from longtake.story.splicing import respliced_plan


@dataclass
class Seams:
    """A plan, and what has been decided of its seams so far; all in frame indexes of clips' files.

    ``plants`` has, by guide, its anchors: its best frames, or pictures in their places. ``anchor``
    when a clip is not to continue, ``pin`` when one is healed, ``hand_over`` when a clip hands
    over, ``settle_head`` when its follower is there, ``splice`` once both have been compared.
    Without any of it the plan is as it was planned.
    """

    planned: Plan
    pins: dict[str, Pin] = field(default_factory=dict)
    plants: dict[str, tuple[Anchor | Pinned, ...]] = field(default_factory=dict)
    anchors: dict[str, Anchoring] = field(default_factory=dict)
    _tails: dict[str, int] = field(default_factory=dict)
    _heads: dict[str, int] = field(default_factory=dict)
    _handed_over: dict[str, int] = field(default_factory=dict)

    def forget(self, clips: Iterable[ClipPlan]) -> None:
        """A chain begins again: its seams lie as planned."""
        for clip in clips:
            self.anchors.pop(clip.id, None)
            self.pins.pop(clip.id, None)
            for known in (self._tails, self._heads, self._handed_over):
                known.pop(clip.id, None)

    @property
    def anchored(self) -> Plan:
        """The plan with anchors where guides have them, those clips started over that are anchored,
        and those healed that are pinned, before any seam has moved."""
        planted = planted_plan(self.planned, self.plants)
        return pinned_plan(anchored_plan(planted, self.anchors), self.pins)

    @property
    def plan(self) -> Plan:
        """The plan with its seams where they lie, as far as that is known."""
        if not self._heads and not self._handed_over:
            return self.anchored
        named = self._tails.keys() | self._heads.keys()
        cuts = {name: (self._tails.get(name, 0), self._heads.get(name, 0)) for name in named}
        return respliced_plan(self.anchored, cuts, self._handed_over)

    def clip(self, clip_id: str) -> ClipPlan:
        """The clip as it is in the film, as far as that is known."""
        return self.plan.clip(clip_id)

    def stretch(self, chain: ChainPlan, clip_id: str) -> tuple[str, ...]:
        """The clips that ``clip_id`` would continue: since the chain, or an anchor in it, began."""
        ids = [clip.id for clip in chain.clips]
        before = {name: how for name, how in self.anchors.items() if name != clip_id}
        part = next(
            part for part in stretches(chain, before) if clip_id in {clip.id for clip in part}
        )
        return tuple(clip.id for clip in part if ids.index(clip.id) < ids.index(clip_id))

    def drift(
        self, chain: ChainPlan, clip_id: str, treatments: Mapping[str, Treatment]
    ) -> DriftForecast | None:
        """The forecast that ``clip_id``, continued, would lie beyond the drift limit.

        ``treatments`` are those that are known, by clip id. None where it would not, or where
        nothing is known.
        """
        found = drift_forecast(
            self.stretch(chain, clip_id),
            clip_id,
            {name: each.calibration for name, each in treatments.items()},
            {name: each.pair for name, each in treatments.items()},
        )
        return found if found is not None and found.is_due else None

    def anchor(self, clip_id: str, how: Anchoring) -> ClipPlan:
        """The clip starts over; the one before it ends as it was planned."""
        self.anchors[clip_id] = how
        return self.clip(clip_id)

    def pin(self, clip_id: str, pin: Pin) -> ClipPlan:
        """The clip is healed: it ends on that picture."""
        self.pins[clip_id] = pin
        return self.clip(clip_id)

    def hand_over(self, clip: ClipPlan, follower: ClipPlan, frame_index: int) -> None:
        """``clip`` hands that frame over, and ends with it unless a splice says otherwise."""
        if clip.handle_frame_count and isinstance(self.clip(follower.id).start, Handover):
            self._tails[clip.id] = clip.last_kept_frame_index - frame_index
            self._handed_over[follower.id] = frame_index

    def settle_head(self, clip: ClipPlan, *, repeats: bool) -> ClipPlan:
        """``clip`` is there. A first frame that does not repeat the one handed over is kept."""
        if clip.skip_frames and not repeats:
            self._heads[clip.id] = -1
        return self.clip(clip.id)

    def splice(self, left: ClipPlan, right: ClipPlan, at: SplicePoint) -> ClipPlan:
        """The seam lies there; ``left`` is the clip as it was before it left. Returns the right."""
        window = left.handle_frame_count
        tail = left.last_kept_frame_index - at.left_frame_index
        self._tails[left.id] = min(max(tail, 0), window)
        head = at.right_frame_index - self.anchored.clip(right.id).skip_frames
        if right.skip_frames:  # else its first frame has been kept for a reason
            self._heads[right.id] = min(max(head, 0), window)
        return self.clip(right.id)
