"""Sounds and words are placed to the frame, and what does not fit is told before it is paid for."""

from __future__ import annotations

from typing import Any

import pytest

from longtake.errors import StoryboardError
from longtake.story import Attached, Plan, ShownWords, Storyboard, build_plan, fingerprint

HEARD = {"m.flac": 60.0, "short.flac": 3.0, "v.wav": 2.5, "w.wav": 4.0}


def planned(*shots: Any, heard: dict[str, float] = HEARD, lines: Any = (), **film: Any) -> Plan:
    data = {"title": "T", "look": {"seed": 1}, "scenes": [{"name": "One", "shots": list(shots)}]}
    storyboard = Storyboard.model_validate(data | film)
    attached = Attached(sound_seconds=heard, captions=lines)
    return build_plan(storyboard, attached=attached)


def problems(*shots: Any, **film: Any) -> list[str]:
    with pytest.raises(StoryboardError) as caught:
        planned(*shots, **film)
    return [str(problem) for problem in caught.value.problems]


def test_a_voice_begins_with_its_shot_and_a_sound_where_it_is_put() -> None:
    plan = planned(
        {"prompt": "a", "seconds": 3},
        {"prompt": "b", "seconds": 5, "voice": "v.wav", "sound": {"file": "w.wav", "at": 1.5}},
    )
    places = [(cue.kind, cue.begin_seconds, cue.seconds) for cue in plan.sound.cues]
    assert places == [("voice", 3.0, 2.5), ("sound", 4.5, 3.5)]


def test_a_shot_is_as_long_as_its_voice_to_the_next_frame() -> None:
    shot = {"prompt": "a", "seconds": "voice", "voice": {"file": "v.wav", "at": 0.51}}
    plan = planned(shot)
    assert plan.frame_count == 49  # 3.01 seconds are 48.16 frames


def test_each_beat_has_its_voice_and_all_of_them_fit_into_the_shot() -> None:
    plan = planned(
        {
            "prompt": "a",
            "beats": ["b", "c", "d"],
            "seconds": "voice",
            "voice": ["w.wav", None, "w.wav"],
        }
    )
    one, two = plan.sound.cues
    third = plan.clips[2].first_frame_index / plan.fps
    assert (one.begin_seconds, two.begin_seconds) == (0.0, max(third, 4.0))
    assert plan.seconds >= two.begin_seconds + two.seconds


def test_sound_and_words_change_no_take_and_no_piece_of_the_film() -> None:
    shots = [{"prompt": "a", "seconds": 5}, {"prompt": "b", "seconds": 5}]
    bare = planned(*shots)
    full = planned(
        shots[0] | {"voice": "v.wav", "captions": "Hello"},
        shots[1] | {"sound": "w.wav"},
        soundtrack={"file": "m.flac", "gain": -12},
        captions={"burn": True},
    )
    assert full.segments == bare.segments
    for one, two in zip(bare.clips, full.clips, strict=True):
        digest = None if one.start.kind == "cut" else "ab"
        prints = [fingerprint(clip, start_sha256=digest, end_sha256=None) for clip in (one, two)]
        assert prints[0] == prints[1]
    assert full.usd == bare.usd


def test_music_lasts_as_long_as_the_film_and_may_begin_again() -> None:
    shot = {"prompt": "a", "seconds": 5}
    (cue,) = planned(shot, soundtrack="m.flac").sound.cues
    assert (cue.seconds, cue.loop_seconds, cue.fade_out_seconds) == (5.0, None, 1.0)
    (cue,) = planned(shot, soundtrack={"file": "short.flac", "from": 1, "loop": True}).sound.cues
    assert (cue.from_seconds, cue.loop_seconds) == (1.0, 2.0)


@pytest.mark.parametrize(
    ("shots", "film", "said"),
    [
        ([{"prompt": "a", "seconds": 5}], {"soundtrack": "short.flac"}, "set `loop: true`"),
        (
            [{"prompt": "a", "seconds": 2, "voice": "v.wav"}],
            {},
            "goes on 0.50 seconds after the film has ended",
        ),
        (
            [
                {"prompt": "a", "seconds": 2, "voice": "w.wav"},
                {"prompt": "b", "seconds": 5, "voice": "v.wav"},
            ],
            {},
            "begins 2.00 seconds before the voice before it",
        ),
        (
            [{"prompt": "a", "seconds": 5, "voice": {"file": "v.wav", "from": 3}}],
            {},
            "nothing is left to be heard: the file has 2.50 seconds",
        ),
        (
            [{"prompt": "a", "seconds": 5, "sound": {"file": "v.wav", "at": 6}}],
            {},
            "the shot is over by then: it has 5.00 seconds",
        ),
        ([{"prompt": "a", "seconds": "voice"}], {}, "has no `voice` to take its length from"),
        (
            [{"prompt": "a", "seconds": 5, "voice": ["v.wav", "v.wav"]}],
            {},
            "2 voices for 1 clip:",
        ),
    ],
)
def test_what_does_not_fit_is_reported_with_the_fix(
    shots: list[Any], film: dict[str, Any], said: str
) -> None:
    (problem,) = problems(*shots, **film)
    assert said in problem


def test_captions_go_with_the_voice_or_are_spread_over_the_shot() -> None:
    plan = planned(
        {"prompt": "a", "seconds": 5, "voice": {"file": "v.wav", "at": 1}, "captions": "Said"},
        {"prompt": "b", "seconds": 5, "captions": ["one", "and three"]},
        lines=(ShownWords(begin_seconds=4.0, end_seconds=11.0, text="From the file"),),
        captions="c.srt",
    )
    lines = [(line.begin_seconds, line.end_seconds, line.text) for line in plan.captions.lines]
    assert lines == [
        (1.0, 3.5, "Said"),
        (4.0, 10.0, "From the file"),
        (5.0, 6.25, "one"),
        (6.25, 10.0, "and three"),
    ]


def test_captions_of_another_film_are_noticed() -> None:
    late = (ShownWords(begin_seconds=50.0, end_seconds=51.0, text="late"),)
    (problem,) = problems({"prompt": "a", "seconds": 5}, captions="c.srt", lines=late)
    assert "1 of 1 captions are after the end of the film" in problem


def test_a_plan_with_sound_is_the_same_after_a_round_trip() -> None:
    plan = planned({"prompt": "a", "seconds": 5, "voice": "v.wav"}, soundtrack="m.flac")
    assert Plan.model_validate_json(plan.model_dump_json()) == plan


@pytest.mark.parametrize(
    ("film", "says"),
    [
        ({"soundtrack": {"file": "m.flac", "fade_in": 5, "fade_out": 4}}, "its fades take 9 of"),
        ({"soundtrack": {"file": "m.flac", "fade_out": 60}}, "its fades take 60 of"),
    ],
)
def test_fades_that_would_meet_are_reported(film: dict[str, Any], says: str) -> None:
    (said,) = problems({"prompt": "a", "seconds": 5}, **film)
    assert says in said
