"""What is allowed but may be a mistake; each with its price."""

from __future__ import annotations

from collections.abc import Iterator

from longtake.errors import Problem
from longtake.story.beginnings import Handover, Own
from longtake.story.parameters import pixel_size, shape_of
from longtake.story.plan import ClipPlan, Plan
from longtake.story.rates import Rates
from longtake.story.storyboard import Storyboard, shots_in_film


def shape_notices(storyboard: Storyboard, plan: Plan, rates: Rates) -> Iterator[Problem]:
    """Shots whose clips have another shape than the film: they are scaled into it, with bars."""
    film = pixel_size(storyboard.look, storyboard.models)
    for shot, (place, _, _) in zip(plan.shots, shots_in_film(storyboard), strict=True):
        clips = [plan.clip(clip_id) for clip_id in shot.clip_ids]
        shape = (clips[0].width, clips[0].height)
        if shape != film and not isinstance(clips[0].start, Own):
            yield Problem(place, _said(shape, film, _price(storyboard, clips, rates)))


def skip_notices(storyboard: Storyboard, plan: Plan) -> Iterator[Problem]:
    """Shots that begin otherwise than they say, since the shot before them is left out."""
    planned = {shot.id: shot for shot in plan.shots}
    skipped = ""
    for scene_index, scene in enumerate(storyboard.scenes):
        for shot_index, shot in enumerate(scene.shots):
            shot_id = f"{scene.slug(scene_index + 1)}/{shot_index + 1}"
            if shot.skip:
                skipped = shot_id
                continue
            default = "continue" if shot_index and shot.clip is None else "cut"
            wanted = shot.start or default
            clip = plan.clip(planned[shot_id].clip_ids[0])
            place = ("scenes", scene_index, "shots", shot_index)
            if skipped and wanted == "continue":
                yield Problem(place, f"{skipped} is skipped: {_beginning(clip)}")
            skipped = ""


def _beginning(clip: ClipPlan) -> str:
    if isinstance(clip.start, Handover):
        return f"the shot continues from {clip.start.clip_id} now"
    return "there is nothing left to continue, so the shot begins from text now"


def _said(shape: tuple[int, int], film: tuple[int, int], price: str) -> str:
    (width, height), (film_width, film_height) = shape, film
    scale = min(film_width / width, film_height / height)
    seen = f"{round(width * scale)}x{round(height * scale)}"
    bars = " between bars" if abs(width * film_height - height * film_width) > height * 8 else ""
    return (
        f"made at {width}x{height} and seen at {seen}{bars}, for the film is "
        f"{film_width}x{film_height} (the look at the top decides){price}"
    )


def _price(storyboard: Storyboard, clips: list[ClipPlan], rates: Rates) -> str:
    """What the shot costs, and what it would at the film's resolution if that is another price."""
    resolution, _ = shape_of(storyboard.look, storyboard.models)
    usd = sum(clip.usd for clip in clips)
    usual_usd = sum(rates.usd[clip.model][resolution] for clip in clips if clip.model != "own")
    price = f"; {usd:.2f} USD a take"
    if abs(usd - usual_usd) < 0.005:
        return price
    return f"{price}, where the film's {resolution} costs {usual_usd:.2f}"
