"""What is allowed, and may still not be as it was meant; each with its price."""

from __future__ import annotations

from collections.abc import Iterator

from longtake.errors import Problem
from longtake.story.parameters import pixel_size, shape_of
from longtake.story.plan import ClipPlan, Plan
from longtake.story.rates import Rates
from longtake.story.storyboard import Storyboard


def shape_notices(storyboard: Storyboard, plan: Plan, rates: Rates) -> Iterator[Problem]:
    """Shots whose clips have another shape than the film: they are scaled into it, with bars."""
    film = pixel_size(storyboard.look, storyboard.models)
    shots = iter(plan.shots)
    for scene_index, scene in enumerate(storyboard.scenes):
        for shot_index in range(len(scene.shots)):
            shot = next(shots)
            clips = [plan.clip(clip_id) for clip_id in shot.clip_ids]
            shape = (clips[0].width, clips[0].height)
            if shape != film:
                place = ("scenes", scene_index, "shots", shot_index)
                yield Problem(place, _said(shape, film, _price(storyboard, clips, rates)))


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
    usual_usd = sum(rates.usd[clip.model][resolution] for clip in clips)
    price = f"; {usd:.2f} USD a take"
    if abs(usd - usual_usd) < 0.005:
        return price
    return f"{price}, where the film's {resolution} costs {usual_usd:.2f}"
