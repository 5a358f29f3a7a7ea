"""Guides: one clip that tells a take's whole action in short. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from longtake.story.beginnings import Cut, GivenPicture, Still
from longtake.story.clip_terms import ClipTerms
from longtake.story.continuity import ContinuityOverrides
from longtake.story.parameters import joined_prompt, pixel_size, shape_of, wire_parameters
from longtake.story.plan import ClipPlan, GuidePlan
from longtake.story.shot_draft import ShotDraft

UNBROKEN = "one unbroken shot that shows all of it, from the beginning to the end"
"""What the guide is told besides: the service is to tell the action in five seconds, uncut."""


def guides_of(drafts: Sequence[ShotDraft], terms: ClipTerms) -> Iterator[GuidePlan]:
    """The guide of each take that goes the path of a tree, in film order."""
    grouped = groupby(drafts, key=lambda draft: draft.pictures.guide)
    for name, shots in grouped:
        if name is not None:
            yield _guide(name, list(shots), terms)


def guide_prompt(shots: Sequence[ShotDraft]) -> str:
    """The take's prompts and beats in a row, each part that several share said once."""
    parts: dict[str, None] = {}
    for shot in shots:
        for text in shot.text.written:
            parts.setdefault(text)
    return joined_prompt(*parts, UNBROKEN, shots[0].force.style)


def _guide(name: str, shots: Sequence[ShotDraft], terms: ClipTerms) -> GuidePlan:
    """It starts from the still that the take begins with, and ends on the one that it ends with."""
    first, last = shots[0], shots[-1]
    start = _author_s(first.pictures.start_of(0))
    end = _author_s(last.pictures.end_of(len(last.frames) - 1, last=True)[0])
    family = first.family
    frame_count = family.lengths.counts(
        terms.fps
    ).most  # the price is the same, the choice the largest
    width, height = pixel_size(first.force, family)
    model = family.text_to_video if start is None else family.image_to_video
    end = None if start is None else end
    prompt = guide_prompt(shots)
    asked = wire_parameters(
        first.force, family, model, prompt=prompt, num_frames=frame_count, fps=terms.fps
    )
    nearest = first.scene_seed if first.seed is None else first.seed
    seed = terms.seeds.next(nearest, {"guide": True, "model": model.slug, **asked})
    clip = ClipPlan(
        id=name,
        model=model.slug,
        prompt=prompt,
        parameters=asked | {family.fields["seed"]: seed},
        start=start or Cut(),
        end=end,
        pinned_start=start is not None,
        width=width,
        height=height,
        frame_count=frame_count,
        skip_frames=0,
        kept_frame_count=frame_count,
        first_frame_index=0,
        expected_seconds=terms.rates.expected_seconds[model.slug],
        usd=terms.rates.usd[model.slug][shape_of(first.force, family)[0]],
        continuity=(first.force.continuity or ContinuityOverrides()).settled(),
    )
    return GuidePlan(clip=clip, anchor_count=1 + sum(len(shot.frames) for shot in shots))


def _author_s(picture: GivenPicture | None) -> Still | None:
    """The picture, if it is a still of the author's."""
    return picture if isinstance(picture, Still) else None
