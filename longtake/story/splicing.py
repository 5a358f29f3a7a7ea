"""Splices: where a seam inside a shot really lies, found once both of its clips are there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from longtake.story.beginnings import Handover
from longtake.story.plan import ClipPlan, Plan
from longtake.story.segments import lay_seams, lay_segments

Cuts = Mapping[str, tuple[int, int]]
"""By clip id: frames cut from its end, and from its beginning (besides the repeated one: -1 keeps
that one as well, where it turned out to repeat nothing)."""


def respliced(
    clips: Sequence[ClipPlan], cuts: Cuts, handed_over: Mapping[str, int] | None = None
) -> tuple[ClipPlan, ...]:
    """The clips of whole shots, in film order, with their seams where ``cuts`` puts them.

    A seam moves by what is cut from the clip before it, and the clip after takes up what was cut,
    from frames of its file that are not used as planned: the sum of kept frames stays exactly the
    same, no later seam moves, and every kept frame is in its file. What continues does so from the
    last frame that is now kept, but for the clips in ``handed_over`` (clip id to frame index):
    those have been begun from another frame already.

    Raises ValueError for a cut beyond a clip's handles, and for a clip that is not there.
    """
    if unknown := cuts.keys() - {clip.id for clip in clips}:
        raise ValueError(f"no such clips: {', '.join(sorted(unknown))}")
    moved: list[ClipPlan] = []
    before: ClipPlan | None = None
    for clip in clips:
        follows = clip.continues and before is not None
        handle, taken_up = 0, 0
        if before is not None and follows:
            handle = before.handle_frame_count
            taken_up = cuts.get(before.id, (0, 0))[0]
        tail, head = cuts.get(clip.id, (0, 0))
        _check(clip, "end", tail, 0, clip.handle_frame_count)
        _check(clip, "beginning", head, -clip.skip_frames, handle)
        before = clip.model_copy(
            update={
                "start": _start(clip, before if follows else None, handed_over or {}),
                "skip_frames": clip.skip_frames + head,
                "kept_frame_count": clip.kept_frame_count + taken_up - tail,
                "first_frame_index": clip.first_frame_index - taken_up,
            }
        )
        moved.append(before)
    return tuple(moved)


def respliced_plan(plan: Plan, cuts: Cuts, handed_over: Mapping[str, int] | None = None) -> Plan:
    """The plan as planned, with its seams where ``cuts`` puts them: clips, seams and segments.

    ``cuts`` and ``handed_over`` are as in ``respliced``, and always relative to the first plan.
    """
    clips = respliced(plan.clips, cuts, handed_over)
    moved = {clip.id: clip for clip in clips}
    chains = tuple(
        chain.model_copy(update={"clips": tuple(moved[clip.id] for clip in chain.clips)})
        for chain in plan.chains
    )
    overlaps = {seam.right: seam.frame_count for seam in plan.seams}
    seams = lay_seams(clips, overlaps)
    changed = {"chains": chains, "seams": seams, "segments": lay_segments(clips, seams)}
    return plan.model_copy(update=changed)


def _start(clip: ClipPlan, before: ClipPlan | None, handed_over: Mapping[str, int]) -> object:
    """How the clip begins, given the clip before as it is now."""
    if before is None or not isinstance(clip.start, Handover):
        return clip.start
    frame_index = handed_over.get(clip.id, before.last_kept_frame_index)
    return Handover(clip_id=before.id, frame_index=frame_index)


def _check(clip: ClipPlan, end: str, cut: int, least: int, most: int) -> None:
    if not least <= cut <= most:
        raise ValueError(
            f"{clip.id}: {cut} frames cannot be cut at its {end}, only {least} to {most}"
        )
