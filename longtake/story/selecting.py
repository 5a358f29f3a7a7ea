"""Some shots of a film, and what they need: fewer clips, each as the whole film has it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from longtake.errors import Problem, StoryboardError
from longtake.story.explain import did_you_mean
from longtake.story.plan import ChainPlan, ClipPlan, Plan, SeamPlan, ShotPlan, sums_of
from longtake.story.segments import lay_segments
from longtake.story.timing import leading
from longtake.story.track_plans import CaptionsPlan, SoundPlan


def only_shots(plan: Plan, shots: Sequence[str]) -> Plan:
    """The plan of these shots (`arrival/2`) and of the clips that they are continued from.

    Every clip asks for what it asks for in the whole film, so it is paid for once for both. Sounds
    and words lie where the whole film has them, and are left out. Raises StoryboardError for a
    shot that is not there.
    """
    known = [shot.id for shot in plan.shots]
    if unknown := [name for name in shots if name not in known]:
        raise StoryboardError([Problem((), _unknown(name, known)) for name in unknown])
    wanted = {clip_id for shot in plan.shots if shot.id in shots for clip_id in shot.clip_ids}
    chains = tuple(_needed(plan.chains, wanted))
    clips = _laid([clip for chain in chains for clip in chain.clips], plan.seams)
    by_id = {clip.id: clip for clip in clips}
    waited_for = {chain.guide for chain in chains}
    guides = tuple(guide for guide in plan.guides if guide.clip.id in waited_for)
    seams = tuple(_seams(clips, plan.seams))
    frame_count = clips[-1].first_frame_index + clips[-1].kept_frame_count
    chains = tuple(
        chain.model_copy(update={"clips": tuple(by_id[clip.id] for clip in chain.clips)})
        for chain in chains
    )
    return plan.model_copy(
        update={
            "chains": chains,
            "guides": guides,
            "shots": tuple(_shots(plan.shots, by_id, seams, frame_count)),
            "seams": seams,
            "segments": lay_segments(clips, seams),
            "frame_count": frame_count,
            "seconds": frame_count / plan.fps,
            "sound": SoundPlan(),
            "captions": CaptionsPlan(),
            "titles": (),
            **sums_of(chains, guides),
        }
    )


def _unknown(name: str, known: Sequence[str]) -> str:
    """Why there is no such shot: its number is skipped, or it is another's name."""
    scene, _, number = name.rpartition("/")
    numbers = [int(one.rpartition("/")[2]) for one in known if one.rpartition("/")[0] == scene]
    if number.isdecimal() and 0 < int(number) < max(numbers, default=0):
        return f"{name} is skipped: take out its `skip` to have it"
    return f"no shot {name!r}: {did_you_mean(name, known)}"


def _needed(chains: Sequence[ChainPlan], wanted: set[str]) -> Iterator[ChainPlan]:
    """Each chain to the last clip of it that is wanted."""
    for chain in chains:
        positions = [at for at, clip in enumerate(chain.clips, start=1) if clip.id in wanted]
        if positions:
            clips = chain.clips[: positions[-1]]
            seconds = sum(clip.expected_seconds for clip in clips)
            yield chain.model_copy(update={"clips": clips, "expected_seconds": seconds})


def _laid(clips: Sequence[ClipPlan], seams: Sequence[SeamPlan]) -> list[ClipPlan]:
    """The clips one after the other, from the film's first frame on."""
    overlaps = {(seam.left, seam.right): seam.frame_count for seam in seams}
    laid: list[ClipPlan] = []
    frame_index = 0
    for clip in clips:
        frame_index -= overlaps.get((laid[-1].id, clip.id), 0) if laid else 0
        laid.append(clip.model_copy(update={"first_frame_index": frame_index}))
        frame_index += clip.kept_frame_count
    return laid


def _seams(clips: Sequence[ClipPlan], known: Sequence[SeamPlan]) -> Iterator[SeamPlan]:
    """The seams that are left, and cuts where clips have come to meet."""
    by_pair = {(seam.left, seam.right): seam for seam in known}
    for left, right in pairwise(clips):
        seam = by_pair.get((left.id, right.id))
        seam = seam or SeamPlan(left=left.id, right=right.id, kind="cut", frame_index=0)
        yield seam.model_copy(update={"frame_index": right.first_frame_index})


def _shots(
    shots: Sequence[ShotPlan],
    clips: dict[str, ClipPlan],
    seams: Sequence[SeamPlan],
    frame_count: int,
) -> Iterator[ShotPlan]:
    heads = {seam.right: leading(seam.frame_count) for seam in seams}
    there = [
        (shot, tuple(name for name in shot.clip_ids if name in clips))
        for shot in shots
        if shot.clip_ids[0] in clips
    ]
    begins = [clips[ids[0]].first_frame_index + heads.get(ids[0], 0) for _, ids in there]
    for (shot, ids), begin, end in zip(there, begins, [*begins[1:], frame_count], strict=True):
        facts = {"first_frame_index": begin, "frame_count": end - begin, "clip_ids": ids}
        yield shot.model_copy(update=facts)
