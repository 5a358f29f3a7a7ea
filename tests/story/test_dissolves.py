"""Dissolves in the plan: both shots keep their seconds, and the film its frames."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from longtake.errors import StoryboardError
from longtake.story import Cut, Plan, Still, Storyboard, build_plan, explain
from longtake.story.named_files import PICTURE_SUFFIXES

ENDINGS = ", ".join(PICTURE_SUFFIXES)


def board(*scenes: list[Any], fps: int = 16, **look: Any) -> dict[str, Any]:
    named = [{"name": f"s{number}", "shots": shots} for number, shots in enumerate(scenes, 1)]
    return {"title": "T", "look": look | {"frames_per_second": fps}, "scenes": named}


def plan(*shots: Any, **look: Any) -> Plan:
    return build_plan(Storyboard.model_validate(board(list(shots), **look)), base_seed=1)


def problems(*shots: Any, **look: Any) -> list[str]:
    """What is said about the scene's shots."""
    with pytest.raises(StoryboardError) as caught:
        plan(*shots, **look)
    return [str(problem).removeprefix("scenes.0.shots.") for problem in caught.value.problems]


def shot(seconds: float, **more: Any) -> dict[str, Any]:
    return {"prompt": "a", "seconds": seconds} | more


def dissolving(seconds: float, over: float, **more: Any) -> dict[str, Any]:
    return shot(seconds, start={"dissolve": over} | more)


def test_both_shots_keep_their_seconds_and_overlap_by_half_the_dissolve_each() -> None:
    film = plan(shot(5), dissolving(5, 1))
    assert film.frame_count == 160
    assert [(shot.first_frame_index, shot.frame_count) for shot in film.shots] == [
        (0, 80),
        (80, 80),
    ]
    left, right = film.clips
    assert (left.kept_frame_count, left.frame_count) == (88, 89)
    assert (right.first_frame_index, right.kept_frame_count) == (72, 88)
    (seam,) = film.seams
    assert (seam.kind, seam.frame_index, seam.frame_count) == ("dissolve", 72, 16)


def test_the_film_is_joined_from_clips_and_the_dissolves_between_them() -> None:
    film = plan(shot(5), dissolving(5, 1))
    assert [
        (part.kind, part.first_frame_index, part.frame_count, part.clip_ids)
        for part in film.segments
    ] == [
        ("clip", 0, 72, ("s1/1.1",)),
        ("dissolve", 72, 16, ("s1/1.1", "s1/2.1")),
        ("clip", 88, 72, ("s1/2.1",)),
    ]
    assert [[source.skip_frames for source in part.sources] for part in film.segments] == [
        [0],
        [72, 0],
        [16],
    ]


def test_a_film_without_dissolves_is_joined_from_its_clips() -> None:
    film = plan(shot(10), "b")
    assert [(part.kind, part.clip_ids) for part in film.segments] == [
        ("clip", (clip.id,)) for clip in film.clips
    ]
    assert [part.frame_count for part in film.segments] == [
        clip.kept_frame_count for clip in film.clips
    ]
    assert [part.sources[0].skip_frames for part in film.segments] == [0, 1, 1]


def test_a_dissolve_begins_from_text_or_from_a_still_in_a_chain_of_its_own() -> None:
    film = plan(shot(5), dissolving(5, 1), "b", dissolving(5, 0.5, **{"from": "dawn.png"}))
    starts = [clip.start for clip in film.clips]
    assert (starts[1], starts[3]) == (Cut(), Still(uri="dawn.png"))
    assert [chain.name for chain in film.chains] == ["s1/1", "s1/2-3", "s1/4"]
    assert [seam.kind for seam in film.seams] == ["dissolve", "continuous", "dissolve"]


def test_a_scene_may_dissolve_from_the_scene_before() -> None:
    film = build_plan(Storyboard.model_validate(board([shot(5)], [dissolving(5, 2)])))
    assert [seam.kind for seam in film.seams] == ["dissolve"]
    assert film.frame_count == 160


def test_shots_without_seconds_give_the_dissolve_out_of_what_they_have() -> None:
    """So that a dissolve that is put in does not make a finished clip again."""
    plain, film = plan("a", {"prompt": "b", "start": "cut"}), plan("a", dissolved("b", 1))
    assert [clip.parameters for clip in film.clips] == [clip.parameters for clip in plain.clips]
    assert film.frame_count == plain.frame_count - 16
    assert [shot.frame_count for shot in film.shots] == [73, 73]


def dissolved(prompt: str, over: float) -> dict[str, Any]:
    return {"prompt": prompt, "start": {"dissolve": over}}


def test_what_was_generated_beyond_a_chosen_count_is_used_for_the_dissolve_first() -> None:
    film = plan({"prompt": "a", "num_frames": 82}, dissolved("b", 0.25))
    assert [shot.frame_count for shot in film.shots] == [82, 79]


def test_an_odd_dissolve_has_its_extra_frame_before_the_cut() -> None:
    film = plan(shot(5), dissolving(5, 3 / 16))
    (seam,) = film.seams
    assert (seam.frame_index, seam.frame_count) == (78, 3)
    assert film.shots[1].first_frame_index == 80


def test_a_shot_may_be_nothing_but_its_two_dissolves() -> None:
    film = plan(shot(5), dissolving(1, 1), dissolving(5, 1))
    assert film.frame_count == 176
    assert [part.kind for part in film.segments] == ["clip", "dissolve", "dissolve", "clip"]
    assert film.segment_of("s1/1.1") == film.segments[0]
    assert film.segment_of("s1/2.1") is None


def test_a_long_shot_is_trimmed_so_that_its_dissolve_lies_in_one_clip() -> None:
    """98 frames and the overhang are two clips, of which the last would keep only 17 + 20."""
    film = plan(shot(98 / 16), dissolving(5, 2.5))
    left = film.clips[1]
    assert left.kept_frame_count >= 40
    assert film.shots[0].frame_count == 98


@pytest.mark.parametrize(
    ("shots", "said"),
    [
        (
            [dissolving(5, 1)],
            (
                "0.start: the film begins here, there is no shot to dissolve from: use `cut` or a "
                "still"
            ),
        ),
        (
            [shot(5), dissolving(5, 0.01)],
            "1.start.dissolve: less than one frame at 16 a second: at least 0.07, or `cut`",
        ),
        (
            [shot(5), dissolving(1, 2)],
            "1.start.dissolve: 32 frames, longer than this shot (16): at most 1 seconds would do",
        ),
        (
            [shot(2), dissolving(5, 3)],
            (
                "1.start.dissolve: 48 frames, longer than the shot before (32): at most 2 seconds "
                "would do"
            ),
        ),
        (
            ["a", dissolved("b", 5)],
            (
                "1.start.dissolve: 80 frames, longer than this shot (41): at most 3.37 seconds "
                "would do"
            ),
        ),
        (
            [shot(20), dissolving(20, 10)],
            (
                "1.start.dissolve: 160 frames, longer than the part of this shot's first clip that "
                "is in the film (81): at most 5.75 seconds would do"
            ),
        ),
    ],
    ids=str,
)
def test_a_dissolve_that_there_is_no_room_for_is_reported_with_its_fix(
    shots: list[Any], said: str
) -> None:
    assert problems(*shots) == [said]


def test_the_fixes_that_are_told_do_fix() -> None:
    plan(shot(5), dissolving(5, 0.07))
    plan(shot(5), dissolving(1, 1))
    plan(shot(2), dissolving(5, 2))
    plan("a", dissolved("b", 3.37))
    plan(shot(20), dissolving(20, 5.75))


@pytest.mark.parametrize(
    ("start", "said"),
    [
        (
            "dissolve",
            (
                "start: must be `cut`, `continue`, a picture or `{dissolve: SECONDS}`, not "
                "`dissolve`"
            ),
        ),
        ({"disolve": 1}, "start.disolve: not known here: did you mean `dissolve`?"),
        ({"dissolve": "1"}, "start.dissolve: must be a number, not the text `1`"),
        ({"dissolve": 0}, "start.dissolve: must be more than 0, not 0"),
        ({"dissolve": 61}, "start.dissolve: must be at most 60, not 61"),
        (
            {"dissolve": 1, "from": "a.tiff"},
            f"start.from: must be a picture ({ENDINGS}), not `a.tiff`",
        ),
        (
            {"dissolve": 1, "image": "a.png"},
            "start.image: not known here: the picture a shot begins with is its `from`",
        ),
        (5, "start: must be text, not the number 5"),
    ],
    ids=str,
)
def test_a_wrong_start_is_reported_in_plain_words(start: object, said: str) -> None:
    data = board(["a", {"prompt": "b", "start": start}])
    with pytest.raises(ValidationError) as caught:
        Storyboard.model_validate(data)
    told = [str(problem) for problem in explain(caught.value, Storyboard, data)]
    assert f"scenes.0.shots.1.{said}" in told


def test_a_dissolve_in_the_wrong_place_is_reported_where_it_belongs() -> None:
    data = board(["a", {"prompt": "b", "dissolve": 1}])
    with pytest.raises(ValidationError) as caught:
        Storyboard.model_validate(data)
    (problem,) = explain(caught.value, Storyboard, data)
    assert "a dissolve is a way to begin: `start: {dissolve: 1.5}`" in str(problem)


@given(
    st.lists(
        st.tuples(st.floats(1, 40), st.sampled_from([None, 0.21, 0.5, 0.9, 1])),
        min_size=1,
        max_size=5,
    ),
    st.integers(5, 24),
    st.sampled_from(["last", "best"]),
)
def test_any_film_with_dissolves_has_exactly_the_seconds_asked_for(
    lengths: list[tuple[float, float | None]], fps: int, handover: str
) -> None:
    shots = [
        shot(seconds) if over is None else dissolving(seconds, over) for seconds, over in lengths
    ]
    film = plan(shot(4), *shots, fps=fps, handover=handover)
    asked = [round(seconds * fps) for seconds in (4, *(seconds for seconds, _ in lengths))]
    assert [shot.frame_count for shot in film.shots] == asked
    assert film.frame_count == sum(asked)
    ends = 0
    for part in film.segments:
        assert part.first_frame_index == ends
        ends += part.frame_count
        for source in part.sources:
            clip = film.clip(source.clip_id)
            assert clip.skip_frames <= source.skip_frames
            assert source.skip_frames + part.frame_count - 1 <= clip.last_kept_frame_index
    assert ends == film.frame_count
    assert Plan.model_validate_json(film.model_dump_json()) == film
