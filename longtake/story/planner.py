"""From the storyboard to the plan: shots become clips, clips are laid end to end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from longtake.errors import StoryboardError
from longtake.story.attached import NOTHING, Attached
from longtake.story.beginnings import Cut, Handover, Own, Start, Still
from longtake.story.continuity import ContinuityOverrides, takes_plan
from longtake.story.drafts import ShotDraft, draft_shots
from longtake.story.identity import Seeds, seed_for
from longtake.story.parameters import pixel_size, shape_of, wire_parameters
from longtake.story.plan import ChainPlan, ClipPlan, FromText, Plan, ShotPlan
from longtake.story.rates import Rates
from longtake.story.score import CueSheet
from longtake.story.segments import lay_seams, lay_segments
from longtake.story.storyboard import Storyboard
from longtake.story.timing import leading

_TITLE_LENGTH = 60


def build_plan(
    storyboard: Storyboard,
    *,
    base_seed: int | None = None,
    rates: Rates | None = None,
    source_sha256: str = "",
    attached: Attached = NOTHING,
) -> Plan:
    """Work out the film; the same arguments give the same plan.

    The storyboard's own seed wins over ``base_seed``. With neither, the plan is complete but for
    its seeds, which are placeholders (``seeds_drawn`` is false): look at it, do not submit it.
    ``attached`` is what was read of its sounds and captions; without it, what is not known of them
    is left out. Raises StoryboardError with every problem, placed but without lines.
    """
    rates = rates or Rates()
    fps = storyboard.fps
    seed = base_seed if storyboard.seed is None else storyboard.seed
    drafts = draft_shots(storyboard, attached)
    shots = [
        (draft, clips)
        for draft, clips in _lay_out(drafts, base_seed=seed or 0, fps=fps, rates=rates)
    ]
    width, height = pixel_size(storyboard.look, storyboard.models)
    plan = plan_of_shots(
        shots,
        title=" ".join(storyboard.title.split()),
        storyboard_sha256=source_sha256,
        fps=fps,
        width=width,
        height=height,
        base_seed=seed or 0,
        seeds_drawn=seed is not None,
    )
    placed = [(shot, clips) for shot, (_, clips) in zip(plan.shots, shots, strict=True)]
    score = CueSheet(storyboard, placed, fps=fps, attached=attached)
    sound, captions = score.sound(), score.captions()
    if score.problems:
        raise StoryboardError(score.problems)
    return plan.model_copy(update={"sound": sound, "captions": captions})


def plan_of_shots(shots: Sequence[ShotClips], *, fps: int, **facts: Any) -> Plan:
    """The plan of shots that are laid out in the film; ``facts`` are the rest of ``Plan``'s."""
    clips = [clip for _, shot_clips in shots for clip in shot_clips]
    chains = tuple(_chains(shots))
    shot_plans = tuple(_shot_plans(shots))
    seams = lay_seams(clips, {shot_clips[0].id: draft.ends.head for draft, shot_clips in shots})
    frame_count = sum(shot.frame_count for shot in shot_plans)
    return Plan(
        fps=fps,
        frame_count=frame_count,
        seconds=frame_count / fps,
        chains=chains,
        shots=shot_plans,
        seams=seams,
        segments=lay_segments(clips, seams),
        critical_path_seconds=max((chain.expected_seconds for chain in chains), default=0.0),
        usd=_usd(clip.usd_at_least for clip in clips),
        usd_at_most=_usd(clip.usd_at_most for clip in clips),
        **facts,
    )


ShotClips = tuple[ShotDraft, tuple[ClipPlan, ...]]
"""A shot, and its clips in their places in the film."""


def _lay_out(
    drafts: Iterable[ShotDraft], *, base_seed: int, fps: int, rates: Rates
) -> Iterator[ShotClips]:
    """Each shot with its clips, placed one after the other in the film.

    A dissolve begins before the shot before has ended.
    """
    frame_index = 0
    seeds = Seeds()
    before: ClipPlan | None = None
    for draft in drafts:
        clips: list[ClipPlan] = []
        if draft.skipped:  # its seeds are drawn, so that others' do not change with it
            for clip_index in range(len(draft.frames) if draft.own is None else 0):
                start = _start(draft, clip_index, before)
                plan_clip(draft, clip_index, start, 0, base_seed, fps, rates, seeds)
            continue
        frame_index -= draft.ends.head
        for clip_index in range(len(draft.frames)):
            start = _start(draft, clip_index, before)
            clip = plan_clip(draft, clip_index, start, frame_index, base_seed, fps, rates, seeds)
            clips.append(clip)
            frame_index += clip.kept_frame_count
            before = clip
        yield draft, tuple(clips)


def _start(draft: ShotDraft, clip_index: int, before: ClipPlan | None) -> Start:
    """How the clip begins. Later clips of a shot, and continued shots, follow the clip before."""
    if draft.own is not None:
        return Own(file=draft.own)
    if before is not None and (clip_index > 0 or draft.continued):
        return Handover(clip_id=before.id, frame_index=before.last_kept_frame_index)
    return Cut() if draft.still is None else Still(uri=draft.still)


def plan_clip(
    draft: ShotDraft,
    clip_index: int,
    start: Start,
    first_frame_index: int,
    base_seed: int,
    fps: int,
    rates: Rates,
    seeds: Seeds,
) -> ClipPlan:
    """One clip of the shot; ``clip_index`` counts from 0."""
    if isinstance(start, Own):
        return _own_clip(draft, start, first_frame_index)
    clip_id = f"{draft.id}.{clip_index + 1}"
    family = draft.family
    model = family.text_to_video if isinstance(start, Cut) else family.image_to_video
    frames = draft.frames[clip_index]
    resolution, _ = shape_of(draft.force, family)
    width, height = pixel_size(draft.force, family)
    prompt = draft.prompt(clip_index)
    end = draft.end_image if clip_index == len(draft.frames) - 1 else None
    parameters = wire_parameters(
        draft.force, family, model, prompt=prompt, num_frames=frames.num_frames, fps=fps
    )
    asked = {"model": model.slug, "end": end, **parameters}
    seed = _seed(draft, clip_index, base_seed, seeds, asked)
    continuity = (draft.force.continuity or ContinuityOverrides()).settled()
    text = None
    if isinstance(start, Handover) and end is None and continuity.drift == "cut":
        text = _from_text(draft, prompt, frames.num_frames, fps, seed, rates)
    return ClipPlan(
        id=clip_id,
        model=model.slug,
        prompt=prompt,
        parameters=parameters | {family.fields["seed"]: seed},
        start=start,
        end=None if end is None else Still(uri=end),
        width=width,
        height=height,
        frame_count=frames.frame_count,
        skip_frames=frames.skip_frames,
        kept_frame_count=frames.kept_frame_count,
        first_frame_index=first_frame_index,
        expected_seconds=rates.expected_seconds[model.slug],
        usd=rates.usd[model.slug][resolution],
        takes=takes_plan(draft.force.takes),
        continuity=continuity,
        from_text=text,
        handover=draft.force.handover or "last",
        handle_frame_count=frames.handle_frame_count,
    )


def _own_clip(draft: ShotDraft, start: Own, first_frame_index: int) -> ClipPlan:
    """The clip of a shot that the author brought; it asks for nothing."""
    frames = draft.frames[0]
    width, height = pixel_size(draft.force, draft.family)
    return ClipPlan(
        id=f"{draft.id}.1",
        model="own",
        prompt=draft.prompts[0],
        parameters={},
        start=start,
        width=width,
        height=height,
        frame_count=frames.frame_count,
        skip_frames=0,
        kept_frame_count=frames.kept_frame_count,
        first_frame_index=first_frame_index,
        expected_seconds=0.0,
        usd=0.0,
    )


def _from_text(
    draft: ShotDraft, prompt: str, num_frames: int, fps: int, seed: int, rates: Rates
) -> FromText:
    """What a continued clip would ask text to video for; its seed counts for no other clip."""
    family, model = draft.family, draft.family.text_to_video
    wire = wire_parameters(
        draft.force, family, model, prompt=prompt, num_frames=num_frames, fps=fps
    )
    return FromText(
        parameters=wire | {family.fields["seed"]: seed_for(seed, "from text")},
        expected_seconds=rates.expected_seconds[model.slug],
        usd=rates.usd[model.slug][shape_of(draft.force, family)[0]],
    )


def _seed(
    draft: ShotDraft, clip_index: int, base_seed: int, seeds: Seeds, asked: Mapping[str, Any]
) -> int:
    """The nearest seed decides: the shot's (its first clip's as it is), the scene's, the film's."""
    if draft.seed is not None:
        return draft.seed if clip_index == 0 else seeds.next(draft.seed, asked)
    return seeds.next(base_seed if draft.scene_seed is None else draft.scene_seed, asked)


def _chains(shots: Sequence[ShotClips]) -> Iterator[ChainPlan]:
    """Shots that follow one another without a cut, grouped."""
    groups: list[list[ShotClips]] = []
    for shot in shots:
        if shot[0].continued:
            groups[-1].append(shot)
        else:
            groups.append([shot])
    for number, group in enumerate(groups, start=1):
        clips = tuple(clip for _, shot_clips in group for clip in shot_clips)
        first, last = group[0][0], group[-1][0]
        yield ChainPlan(
            number=number,
            name=first.id if first is last else f"{first.id}-{last.number}",
            clips=clips,
            expected_seconds=sum(clip.expected_seconds for clip in clips),
        )


def _shot_plans(shots: Iterable[ShotClips]) -> Iterator[ShotPlan]:
    """The shots' places in the film; a dissolve belongs to either shot by half."""
    for draft, clips in shots:
        yield ShotPlan(
            id=draft.id,
            scene=draft.scene,
            number=draft.number,
            title=f"{draft.scene} {draft.number}: {_shortened(draft.prompts[0])}",
            first_frame_index=clips[0].first_frame_index + leading(draft.ends.head),
            frame_count=sum(clip.kept_frame_count for clip in clips) - draft.ends.overhang,
            clip_ids=tuple(clip.id for clip in clips),
        )


def _shortened(text: str) -> str:
    """The text's beginning: its first sentence if that is short, else as many words as fit."""
    sentence = text.split(". ")[0].rstrip(".")
    if len(sentence) <= _TITLE_LENGTH:
        return sentence
    words, _, _ = sentence[:_TITLE_LENGTH].rpartition(" ")
    return f"{(words or sentence[: _TITLE_LENGTH - 1]).rstrip(',;:')}…"


def _usd(prices: Iterable[float]) -> float:
    """A sum of prices without the dust of binary fractions."""
    return round(sum(prices), 6)
