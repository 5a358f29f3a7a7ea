"""Another pair of models is a declaration: a chain of it is planned, paid for once and joined."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from longtake.emulator import Action, Endpoint, Fault
from longtake.errors import StoryboardError
from longtake.media import find_ffmpeg, inspect_clip
from longtake.rendering.assembling import make_film
from longtake.rendering.opening import open_render
from longtake.rendering.requests import RenderRequest
from longtake.story import (
    Family,
    Lengths,
    Rates,
    Storyboard,
    build_plan,
    declare,
    declared,
    family_of,
    shipped,
)
from longtake.story.timing import ShotEnds, cheapest_run
from tests.rendering.plain import Workshop, board, make_all
from tests.rendering.second_family import EMULATED, EMULATED_SECONDS, EMULATED_USD, POCKET

EMULATOR = {"models": EMULATED, "usd": EMULATED_USD, "inference_seconds": EMULATED_SECONDS}


@pytest.fixture(autouse=True)
def pocket() -> Iterator[None]:
    """The family is known, as long as a test lasts."""
    with declared(POCKET):
        yield


def of_pocket(*shots: Any, **look: Any) -> dict[str, Any]:
    """A storyboard of the family."""
    data: dict[str, Any] = json.loads(board(*shots, **look))
    return {"family": "pocket"} | data


def planned(*shots: Any, **look: Any) -> Any:
    """The clips of such a storyboard."""
    return build_plan(Storyboard.model_validate(of_pocket(*shots, **look))).clips


CHAIN = ("A boat", {"prompt": "It sails on", "seconds": 5}, {"prompt": "Home", "num_frames": 9})


def test_a_clip_is_asked_for_in_the_words_of_its_family() -> None:
    first, second, third, *_ = planned(*CHAIN)
    assert (first.model, second.model) == ("pocket-text", "pocket-image")
    assert first.parameters == {"words": "A boat", "duration": 2, "noise": first.seed}
    assert [clip.parameters["duration"] for clip in (second, third)] == [4, 2]
    assert [clip.frame_count for clip in (first, second, third)] == [17, 33, 17]
    assert (first.width, first.height, first.usd, second.usd) == (96, 64, 0.02, 0.01)


@pytest.mark.thorough
async def test_a_chain_of_it_becomes_a_film_and_is_not_paid_for_again(
    workshop: Workshop, tmp_path: Path
) -> None:
    storyboard = tmp_path / "storyboard.yaml"
    storyboard.write_text(json.dumps(of_pocket(*CHAIN)), encoding="utf-8")
    films = []
    with workshop.emulator(**EMULATOR) as running:
        for _ in range(2):
            profile = workshop.profile(running.base_url)
            request = RenderRequest(str(storyboard), tmp_path / "out", profile=profile)
            async with open_render(request) as render:
                await make_all(render)
                films.append(await make_film(render, tmp_path / "out/film.mp4"))
                frame_count = render.plan.frame_count
        asked = running.emulator.requests
    assert [one.model for one in asked] == ["pocket-text", *["pocket-image"] * 3]
    assert running.emulator.billed_usd == pytest.approx(0.05)
    facts = await inspect_clip(films[-1], ffmpeg=find_ffmpeg())
    assert (facts.frame_count, facts.width, facts.height, facts.fps) == (frame_count, 96, 64, 8)


async def test_an_unanswered_submit_of_it_is_found_again_by_its_own_fields(
    workshop: Workshop,
) -> None:
    lost = Fault(on=Endpoint.SUBMIT, do=Action.ACCEPT_THEN_RESET, nth=2)
    with workshop.emulator(lost, **EMULATOR) as running:
        ended = await workshop.render(running, json.dumps(of_pocket("A boat", "It sails on")))
    assert ended.error is None
    assert len(ended.accepted) == 2


def test_its_prices_and_times_can_be_told_and_learned() -> None:
    rates = Rates.model_validate({"usd": {"pocket-text": {"tiny": 0.5}}})
    assert rates.usd["pocket-text"] == {"tiny": 0.5}
    assert rates.expected_seconds["pocket-image"] == 0.2
    with pytest.raises(ValueError, match="`vast` is not known here: there are `tiny`"):
        Rates.model_validate({"usd": {"pocket-text": {"vast": 0.5}}})


@pytest.mark.parametrize(
    ("look", "says"),
    [
        ({"go_fast": True}, "look.go_fast: the models of `pocket` do not take it"),
        ({"sample_shift": 5}, "look.sample_shift: the models of `pocket` do not take it"),
        ({"resolution": "480p"}, "look.resolution: must be `tiny`, not the text `480p`"),
        ({"num_frames": 34}, "look.num_frames: must be at most 33, not 34"),
        ({"frames_per_second": 16}, "look.frames_per_second: must be at most 8, not 16"),
        (
            {"loras": {"t2v": [{"high_noise": "https://x.example/a.safetensors"}]}},
            "look.loras.t2v: the models of `pocket` do not take it",
        ),
    ],
)
def test_what_it_does_not_take_is_a_mistake_of_the_storyboard(
    tmp_path: Path, look: dict[str, Any], says: str
) -> None:
    from longtake.documents import load_plan

    path = tmp_path / "storyboard.json"
    path.write_text(json.dumps(of_pocket("A boat", **look)), encoding="utf-8")
    with pytest.raises(StoryboardError) as caught:
        load_plan(path)
    assert says in str(caught.value)


def test_a_prompt_that_is_too_long_for_it_is_reported_before_it_is_sent() -> None:
    with pytest.raises(StoryboardError, match="`pocket` takes at most 60"):
        planned("A boat that is described with so many words that nobody would read them all")


def test_a_family_that_nobody_declared_is_not_known() -> None:
    with pytest.raises(ValueError, match="no model family is called `packet`: did you mean"):
        Storyboard.model_validate(of_pocket("A boat") | {"family": "packet"})


def test_two_families_never_share_a_name_or_a_model() -> None:
    with pytest.raises(ValueError, match="there is pocket with the same name or model"):
        declare(Family(**{**vars(POCKET), "name": "purse"}))
    assert declare(POCKET) is POCKET
    assert family_of("pocket-image") is POCKET
    assert family_of("somebody-elses") is shipped()


@pytest.mark.parametrize(
    "wrong", [{"fields": {"prompt": "words"}}, {"lengths": Lengths("frames", (9, 5), 5, 9, 5)}]
)
def test_a_declaration_that_says_too_little_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="pocket: "):
        Family(**{**vars(POCKET), **wrong})


@pytest.mark.parametrize("best", [False, True])
@pytest.mark.parametrize("clean", [(5,), (9, 17, 33), (40, 80)])
def test_runs_of_any_lengths_fill_a_shot_to_the_frame(clean: tuple[int, ...], best: bool) -> None:
    counts = Lengths("frames", clean, clean[0], clean[-1], clean[0]).counts(8)
    ends = ShotEnds(best=best, counts=counts)
    for frame_count in range(1, 200):
        run = cheapest_run(frame_count, ends)
        assert sum(clip.kept_frame_count for clip in run) == frame_count
        assert {clip.num_frames for clip in run} <= set(clean)
