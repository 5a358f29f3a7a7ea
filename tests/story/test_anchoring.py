"""Clips that start over because their chain would drift too far: forecast, plan and words."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longtake.story import (
    Anchor,
    Cut,
    Handover,
    PairReading,
    Plan,
    Still,
    Storyboard,
    anchored_plan,
    anchoring_of,
    build_plan,
    drift_finding,
    drift_forecast,
    fingerprint,
    stretches,
)
from longtake.story.splicing import respliced_plan
from longtake.story.wan import WAN_FAST

LORAS = {
    "t2v": [{"high_noise": "https://weights.example/t2v.safetensors"}],
    "i2v": [{"high_noise": "https://weights.example/i2v.safetensors"}],
}


def plan(*shots: Any, drift: str = "reanchor", **look: Any) -> Plan:
    data = {
        "title": "T",
        "look": {"continuity": {"drift": drift}, **look},
        "scenes": [{"name": "One", "shots": list(shots)}],
    }
    return build_plan(Storyboard.model_validate(data), base_seed=1)


def drifting(*colour_steps: float) -> dict[str, PairReading]:
    """Pairs of the clips b, c, d … whose colours came back that far off, in ΔE."""
    return {
        clip_id: PairReading(psnr_db=30, ssim=0.95, colour_step=step, softness=1, repeats=True)
        for clip_id, step in zip("bcdefg", colour_steps, strict=False)
    }


def test_drift_is_forecast_before_the_hop_that_breaks_the_limit() -> None:
    pairs = drifting(3, 3)  # 2 ΔE a hop beyond noise, 5 are the limit
    found = drift_forecast(["a", "b", "c"], "d", {}, pairs)
    assert found is not None
    assert (found.hop, found.breaks_at_hop, found.is_due) == (3, 3, True)
    assert found.says == "drift is forecast to break the limit with this clip, hop 3 from a"


def test_a_break_farther_ahead_is_not_due_yet() -> None:
    found = drift_forecast(["a", "b", "c"], "d", {}, drifting(2, 2))
    assert found is not None
    assert (found.breaks_at_hop, found.is_due) == (5, False)


def test_one_hop_foretells_nothing_unless_it_broke_the_limit() -> None:
    assert drift_forecast(["a", "b"], "c", {}, drifting(4)) is None
    found = drift_forecast(["a", "b"], "c", {}, drifting(9))
    assert found is not None
    assert found.is_due
    assert found.says == "the chain broke the drift limit at hop 1 from a, and this clip is hop 2"


def test_a_chain_that_keeps_its_colours_is_never_due() -> None:
    assert drift_forecast(["a", "b", "c", "d"], "e", {}, drifting(0.5, 0.8, 0.6)) is None


def test_what_was_not_done_is_bad_and_proposed_what_was_done_is_a_note() -> None:
    found = drift_forecast(["a", "b", "c"], "d", {}, drifting(3, 3))
    assert found is not None
    flagged, anchored = drift_finding(found, None), drift_finding(found, "reanchor")
    assert (flagged.severity, flagged.place, flagged.rule) == ("bad", "d", "drift")
    assert "{drift: reanchor}` starts the clip from the scene's still" in flagged.says
    assert anchored.severity == "note"
    assert anchored.says.endswith("so the clip begins from the scene's still")


def test_a_reanchored_clip_begins_from_the_first_frame_of_its_chain() -> None:
    film = plan("a", "b", "c", "d")
    moved = anchored_plan(film, {"one/3.1": "reanchor"})
    clip, planned = moved.clip("one/3.1"), film.clip("one/3.1")
    assert clip.start == Anchor(clip_id="one/1.1", frame_index=0)
    assert (clip.model, clip.parameters) == (WAN_FAST.image_to_video.slug, planned.parameters)
    assert (clip.skip_frames, clip.kept_frame_count) == (0, planned.kept_frame_count)
    assert [seam.kind for seam in moved.seams] == ["continuous", "cut", "continuous"]
    # The next clip follows from what is now the last frame that is kept.
    assert moved.clip("one/4.1").start == Handover(clip_id="one/3.1", frame_index=79)


def test_a_chain_that_began_from_a_still_begins_from_it_again() -> None:
    film = plan({"prompt": "a", "start": "a.png"}, "b", "c")
    assert anchored_plan(film, {"one/3.1": "reanchor"}).clip("one/3.1").start == Still(uri="a.png")


def test_a_clip_cut_off_is_asked_of_text_to_video_with_its_weights_and_price() -> None:
    film = plan("a", "b", "c", drift="cut", loras=LORAS)
    clip, planned = anchored_plan(film, {"one/3.1": "cut"}).clip("one/3.1"), film.clip("one/3.1")
    assert (clip.model, clip.start, clip.usd) == (
        WAN_FAST.text_to_video.slug,
        Cut(),
        film.clip("one/1.1").usd,
    )
    weights = [value for name, value in clip.parameters.items() if "lora" in name]
    assert "https://weights.example/t2v.safetensors" in weights
    assert "https://weights.example/i2v.safetensors" not in weights
    assert clip.parameters["prompt"] == planned.prompt
    assert clip.parameters["seed"] != planned.parameters["seed"]
    assert fingerprint(clip, start_sha256=None, end_sha256=None)


def test_the_way_out_changes_no_other_clip_of_the_film() -> None:
    shots = ("a", "b", "b", {"prompt": "b", "start": "cut"})
    flagged, cut = plan(*shots, drift="flag"), plan(*shots, drift="cut")
    assert [clip.parameters for clip in flagged.clips] == [clip.parameters for clip in cut.clips]
    assert [clip.from_text is not None for clip in cut.clips] == [False, True, True, False]
    assert [clip.from_text for clip in flagged.clips] == [None] * 4


def test_a_clip_with_an_end_image_is_reanchored_and_shown_to_its_end() -> None:
    film = plan("a", {"prompt": "b", "end_image": "end.png"}, drift="cut")
    clip = film.clip("one/2.1")
    assert anchoring_of(clip) == "reanchor"
    moved = anchored_plan(film, {clip.id: "reanchor"}).clip(clip.id)
    assert moved.last_kept_frame_index == moved.frame_count - 1


def test_the_seam_before_an_anchor_has_no_handles() -> None:
    film = plan({"prompt": "a", "seconds": 15}, handover="best")
    moved = anchored_plan(film, {"one/1.2": "reanchor"})
    assert [clip.handle_frame_count for clip in moved.clips] == [0, 12, 0]


@pytest.mark.parametrize(
    ("anchors", "said"),
    [
        ({"one/1.1": "reanchor"}, "one/1.1 continues no other clip"),
        ({"one/2.1": "cut"}, "one/2.1 was not planned to begin from text"),
        ({"two/1.1": "cut"}, "no such clips: two/1.1"),
    ],
    ids=str,
)
def test_what_cannot_start_over_is_refused(anchors: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        anchored_plan(plan("a", "b"), anchors)


def test_an_anchored_plan_is_the_same_after_a_round_trip() -> None:
    moved = anchored_plan(plan("a", "b", "c", drift="cut"), {"one/2.1": "cut", "one/3.1": "cut"})
    assert Plan.model_validate_json(moved.model_dump_json()) == moved


def test_drift_counts_again_from_each_anchor() -> None:
    (chain,) = plan("a", "b", "c", "d").chains
    parts = stretches(chain, {"one/3.1": "cut"})
    assert [[clip.id for clip in part] for part in parts] == [
        ["one/1.1", "one/2.1"],
        ["one/3.1", "one/4.1"],
    ]


@given(
    st.lists(
        st.sampled_from(
            ["a", {"prompt": "b", "seconds": 12}, {"prompt": "c", "end_image": "x.png"}]
        ),
        min_size=1,
        max_size=4,
    ),
    st.data(),
)
def test_however_clips_are_anchored_the_film_keeps_its_frames(
    shots: list[Any], data: st.DataObject
) -> None:
    film = plan("first", *shots, drift="cut", handover="best")
    able = [clip for clip in film.clips if isinstance(clip.start, Handover)]
    picked = data.draw(st.lists(st.sampled_from(able), unique_by=lambda clip: clip.id))
    anchors = {clip.id: how for clip in picked if (how := anchoring_of(clip))}
    moved = anchored_plan(film, anchors)
    cuts = {
        clip.id: (data.draw(st.integers(0, clip.handle_frame_count)), 0) for clip in moved.clips
    }
    for each in (moved, respliced_plan(moved, cuts)):
        ends = 0
        for part in each.segments:
            assert part.first_frame_index == ends
            ends += part.frame_count
        assert ends == film.frame_count
        for clip in each.clips:
            assert clip.last_kept_frame_index < clip.frame_count
        assert {seam.right for seam in each.seams if seam.kind == "cut"} == anchors.keys()
