"""What is allowed in a storyboard, and said all the same."""

from __future__ import annotations

from typing import Any

from longtake.errors import Problem
from longtake.story import Rates, Storyboard, build_plan
from longtake.story.notices import shape_notices


def notices(*shots: Any, rates: Rates | None = None) -> list[Problem]:
    """What is said about these shots in a film at 480p, 16:9."""
    data = {"title": "T", "scenes": [{"name": "One", "shots": list(shots)}]}
    storyboard = Storyboard.model_validate(data)
    rates = rates or Rates()
    return list(shape_notices(storyboard, build_plan(storyboard, rates=rates), rates))


def test_shots_of_the_films_shape_are_worth_no_word() -> None:
    assert notices("a boat", {"prompt": "a", "resolution": "480p"}) == []


def test_an_upright_shot_in_a_wide_film_is_reported_with_its_place_and_price() -> None:
    shot = {"prompt": "b", "start": "cut", "resolution": "720p", "aspect_ratio": "9:16"}
    (notice,) = notices("a boat", shot)
    assert notice.place == ("scenes", 0, "shots", 1)
    assert notice.message == (
        "made at 720x1280 and seen at 270x480 between bars, for the film is 832x480 (the look at "
        "the top decides); 0.10 USD a take"
    )


def test_a_price_that_is_paid_for_pixels_which_nobody_sees_is_compared() -> None:
    rates = Rates.model_validate({"usd": {"wan-2.2-t2v-fast": {"720p": 0.2}}})
    (notice,) = notices({"prompt": "a", "resolution": "720p"}, rates=rates)
    assert "seen at 832x468 between bars, " in notice.message
    assert notice.message.endswith("; 0.20 USD a take, where the film's 480p costs 0.10")
