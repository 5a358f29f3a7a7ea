"""Where the seams of a film really lie: known clip by clip, as a render goes. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from longtake.story import ClipPlan, Plan
from longtake.story.splicing import respliced_plan
from tasks.measures import Splice


@dataclass
class Seams:
    """A plan, and what has been decided of its seams so far; all in frame indexes of clips' files.

    ``leave`` when a clip hands over, ``arrive`` when its follower is there, ``splice`` once both
    have been compared. Without any of it the plan is as it was planned.
    """

    planned: Plan
    _tails: dict[str, int] = field(default_factory=dict)
    _heads: dict[str, int] = field(default_factory=dict)
    _handed_over: dict[str, int] = field(default_factory=dict)

    def forget(self, clips: Iterable[ClipPlan]) -> None:
        """A chain begins again: its seams lie as planned."""
        for clip in clips:
            for known in (self._tails, self._heads, self._handed_over):
                known.pop(clip.id, None)

    @property
    def plan(self) -> Plan:
        """The plan with its seams where they lie, as far as that is known."""
        if not self._heads and not self._handed_over:
            return self.planned
        named = self._tails.keys() | self._heads.keys()
        cuts = {name: (self._tails.get(name, 0), self._heads.get(name, 0)) for name in named}
        return respliced_plan(self.planned, cuts, self._handed_over)

    def clip(self, clip_id: str) -> ClipPlan:
        """The clip as it is in the film, as far as that is known."""
        return self.plan.clip(clip_id)

    def leave(self, clip: ClipPlan, follower: ClipPlan, frame_index: int) -> None:
        """``clip`` hands that frame over, and ends with it unless a splice says otherwise."""
        if clip.handle_frame_count:
            self._tails[clip.id] = clip.last_kept_frame_index - frame_index
            self._handed_over[follower.id] = frame_index

    def arrive(self, clip: ClipPlan, *, repeats: bool) -> ClipPlan:
        """``clip`` is there. A first frame that does not repeat the one handed over is kept."""
        if clip.skip_frames and not repeats:
            self._heads[clip.id] = -1
        return self.clip(clip.id)

    def splice(self, left: ClipPlan, right: ClipPlan, at: Splice) -> ClipPlan:
        """The seam lies there; ``left`` is the clip as it was before it left. Returns the right."""
        window = left.handle_frame_count
        tail = left.last_kept_frame_index - at.left_frame_index
        self._tails[left.id] = min(max(tail, 0), window)
        head = at.right_frame_index - self.planned.clip(right.id).skip_frames
        if right.skip_frames:  # else its first frame has been kept for a reason
            self._heads[right.id] = min(max(head, 0), window)
        return self.clip(right.id)
