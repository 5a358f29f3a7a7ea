"""From the storyboard to the plan: shots become clips, clips are laid end to end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from longtake.errors import StoryboardError
from longtake.story.attached import NOTHING, Attached
from longtake.story.beginnings import Cut, Handover, Own, Start, Still
from longtake.story.clip_terms import ClipTerms
from longtake.story.continuity import ContinuityOverrides, takes_plan
from longtake.story.drafts import draft_shots
from longtake.story.guides import guides_of
from longtake.story.identity import Seeds, seed_for
from longtake.story.parameters import pixel_size, shape_of, wire_parameters
from longtake.story.plan import (
    ChainPlan,
    ClipPlan,
    FromText,
    GuidePlan,
    Plan,
    ShotPlan,
    sums_of,
)
from longtake.story.rates import Rates
from longtake.story.score import CueSheet
from longtake.story.segments import lay_seams, lay_segments
from longtake.story.shot_draft import ShotDraft
from longtake.story.storyboard import Storyboard
from longtake.story.timing import leading
from longtake.story.titling import titles_of


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
    fps = storyboard.fps
    seed = base_seed if storyboard.seed is None else storyboard.seed
    drafts = draft_shots(storyboard, attached)
    terms = ClipTerms(fps, rates or Rates(), Seeds(seed or 0))
    shots = list(_lay_out(drafts, terms))
    guides = list(guides_of(drafts, terms))
    width, height = pixel_size(storyboard.look, storyboard.models)
    plan = plan_of_shots(
        shots,
        guides,
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
    titles, unfit = titles_of(storyboard, plan.shots, fps=fps)
    if score.problems or unfit:
        raise StoryboardError([*score.problems, *unfit])
    return plan.model_copy(update={"sound": sound, "captions": captions, "titles": titles})


def plan_of_shots(
    shots: Sequence[ShotClips], guides: Sequence[GuidePlan] = (), *, fps: int, **facts: Any
) -> Plan:
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
        guides=tuple(guides),
        shots=shot_plans,
        seams=seams,
        segments=lay_segments(clips, seams),
        **sums_of(chains, guides),
        **facts,
    )


ShotClips = tuple[ShotDraft, tuple[ClipPlan, ...]]
"""A shot, and its clips in their places in the film."""


def _lay_out(drafts: Iterable[ShotDraft], terms: ClipTerms) -> Iterator[ShotClips]:
    """Each shot with its clips, placed one after the other in the film.

    A dissolve begins before the shot before has ended.
    """
    frame_index = 0
    before: ClipPlan | None = None
    for draft in drafts:
        clips: list[ClipPlan] = []
        if draft.skipped:  # its seeds are drawn, so that others' do not change with it
            for clip_index in range(len(draft.frames) if draft.own is None else 0):
                start = _start(draft, clip_index, before)
                plan_clip(draft, clip_index, start, 0, terms)
            continue
        frame_index -= draft.ends.head
        for clip_index in range(len(draft.frames)):
            start = _start(draft, clip_index, before)
            clip = plan_clip(draft, clip_index, start, frame_index, terms)
            clips.append(clip)
            frame_index += clip.kept_frame_count
            before = clip
        yield draft, tuple(clips)


def _start(draft: ShotDraft, clip_index: int, before: ClipPlan | None) -> Start:
    """How the clip begins. Later clips of a shot, and continued shots, follow the clip before."""
    if draft.own is not None:
        return Own(file=draft.own)
    if picture := draft.pictures.start_of(clip_index):
        return picture
    if before is not None and (clip_index > 0 or draft.continued):
        return Handover(clip_id=before.id, frame_index=before.last_kept_frame_index)
    still = draft.pictures.still
    return Cut() if still is None else Still(uri=still)


def plan_clip(
    draft: ShotDraft,
    clip_index: int,
    start: Start,
    first_frame_index: int,
    terms: ClipTerms,
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
    prompt = draft.text.prompt(clip_index)
    last = clip_index == len(draft.frames) - 1
    end, shared = draft.pictures.end_of(clip_index, last=last)
    parameters = wire_parameters(
        draft.force, family, model, prompt=prompt, num_frames=frames.num_frames, fps=terms.fps
    )
    named = end.uri if isinstance(end, Still) else end and end.kind
    asked = {"model": model.slug, "end": named, **parameters}
    seed = _seed(draft, clip_index, terms.seeds, asked)
    continuity = (draft.force.continuity or ContinuityOverrides()).settled()
    text = None
    if isinstance(start, Handover) and end is None and continuity.drift == "cut":
        text = _from_text(draft, prompt, frames.num_frames, seed, terms)
    return ClipPlan(
        id=clip_id,
        model=model.slug,
        prompt=prompt,
        parameters=parameters | {family.fields["seed"]: seed},
        start=start,
        end=end,
        pinned_start=bool(frames.skip_frames) and not isinstance(start, Handover),
        pinned_end=shared,
        width=width,
        height=height,
        frame_count=frames.frame_count,
        skip_frames=frames.skip_frames,
        kept_frame_count=frames.kept_frame_count,
        first_frame_index=first_frame_index,
        expected_seconds=terms.rates.expected_seconds[model.slug],
        usd=terms.rates.usd[model.slug][resolution],
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
        prompt=draft.text.prompts[0],
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
    draft: ShotDraft, prompt: str, num_frames: int, seed: int, terms: ClipTerms
) -> FromText:
    """What a continued clip would ask text to video for; its seed counts for no other clip."""
    family, model = draft.family, draft.family.text_to_video
    wire = wire_parameters(
        draft.force, family, model, prompt=prompt, num_frames=num_frames, fps=terms.fps
    )
    return FromText(
        parameters=wire | {family.fields["seed"]: seed_for(seed, "from text")},
        expected_seconds=terms.rates.expected_seconds[model.slug],
        usd=terms.rates.usd[model.slug][shape_of(draft.force, family)[0]],
    )


def _seed(draft: ShotDraft, clip_index: int, seeds: Seeds, asked: Mapping[str, Any]) -> int:
    """The nearest seed decides: the shot's (its first clip's as it is), the scene's, the film's."""
    if draft.seed is not None:
        return draft.seed if clip_index == 0 else seeds.next(draft.seed, asked)
    return seeds.next(draft.scene_seed, asked)


def _chains(shots: Sequence[ShotClips]) -> Iterator[ChainPlan]:
    """Clips that follow one another by handovers, grouped."""
    groups: list[list[tuple[ShotDraft, ClipPlan]]] = []
    for draft, clips in shots:
        for clip in clips:
            if not isinstance(clip.start, Handover):
                groups.append([])
            groups[-1].append((draft, clip))
    for number, group in enumerate(groups, start=1):
        chain = tuple(clip for _, clip in group)
        yield ChainPlan(
            number=number,
            name=_chain_name(group),
            clips=chain,
            expected_seconds=sum(clip.expected_seconds for clip in chain),
            guide=group[0][0].pictures.guide,
        )


def _chain_name(group: Sequence[tuple[ShotDraft, ClipPlan]]) -> str:
    """Its shots: `arrival/1`, or `arrival/1-3`; the clips of a part of one: `arrival/2.3-2.5`."""
    first, last = group[0], group[-1]
    counts = [sum(draft is one for draft, _ in group) for one in (first[0], last[0])]
    whole = counts == [len(first[0].frames), len(last[0].frames)]
    if whole:
        return first[0].id if first[0] is last[0] else f"{first[0].id}-{last[0].number}"
    beginning, end = first[1].id, last[1].id.rpartition("/")[2]
    return beginning if len(group) == 1 else f"{beginning}-{end}"


def _shot_plans(shots: Iterable[ShotClips]) -> Iterator[ShotPlan]:
    """The shots' places in the film; a dissolve belongs to either shot by half."""
    for draft, clips in shots:
        yield ShotPlan(
            id=draft.id,
            scene=draft.scene,
            number=draft.number,
            title=f"{draft.scene} {draft.number}: {draft.text.title}",
            first_frame_index=clips[0].first_frame_index + leading(draft.ends.head),
            frame_count=sum(clip.kept_frame_count for clip in clips) - draft.ends.overhang,
            clip_ids=tuple(clip.id for clip in clips),
        )
