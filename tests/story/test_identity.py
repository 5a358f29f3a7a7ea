"""Seeds and fingerprints: the same for the same, another for anything else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longtake.story import ClipPlan, Handover, Still, Storyboard, build_plan, fingerprint, take_of
from longtake.story.identity import seed_for


def clips(**look: object) -> tuple[ClipPlan, ...]:
    """A clip from text and the one that continues it."""
    data = {"title": "T", "look": look, "scenes": [{"name": "One", "shots": ["a", "b"]}]}
    return build_plan(Storyboard.model_validate(data), base_seed=1).clips


@given(st.integers(0, 2**31 - 1), st.text(max_size=40), st.integers(1, 50))
def test_a_seed_has_31_bits_and_is_always_the_same(base: int, clip_id: str, take: int) -> None:
    seed = seed_for(base, clip_id, take)
    assert 0 <= seed < 2**31
    assert seed == seed_for(base, clip_id, take)


def test_a_seed_stays_what_it_was_in_older_versions() -> None:
    assert seed_for(1851, "dusk/1.1") == 2038114462
    assert seed_for(1851, "dusk/1.1", 2) == 1879320485


def test_the_seed_of_a_clip_and_its_takes_stay_what_they_were_in_older_versions() -> None:
    clip, _ = clips()
    assert [take_of(clip, number).parameters["seed"] for number in (1, 2, 3)] == [
        504312064,
        554746689,
        842489855,
    ]


def test_takes_differ_in_nothing_but_their_seed() -> None:
    clip, _ = clips()
    takes = [take_of(clip, number) for number in range(1, 6)]
    assert takes[0] == clip
    assert len({take.parameters["seed"] for take in takes}) == 5
    unseeded = {"parameters": {}}
    assert all(
        take.model_copy(update=unseeded) == clip.model_copy(update=unseeded) for take in takes
    )


def test_the_fingerprint_of_a_clip_stays_what_it_was_in_older_versions() -> None:
    clip, _ = clips()
    expected = "d96688cc87d365d2f683f0c3b1841d0467078f65959bc2ed9ff2ea5d73fece77"
    assert fingerprint(clip, start_sha256=None, end_sha256=None) == expected


def test_where_a_clip_lies_and_how_it_is_trimmed_changes_no_fingerprint() -> None:
    clip, _ = clips()
    moved = clip.model_copy(update={"first_frame_index": 500, "kept_frame_count": 3, "usd": 9.0})
    assert fingerprint(moved, start_sha256=None, end_sha256=None) == fingerprint(
        clip, start_sha256=None, end_sha256=None
    )


@pytest.mark.parametrize("look", [{"style": "ink"}, {"seed": 9}, {"go_fast": False}])
def test_every_parameter_is_part_of_the_fingerprint(look: dict[str, object]) -> None:
    plain, other = clips()[0], clips(**look)[0]
    assert fingerprint(plain, start_sha256=None, end_sha256=None) != fingerprint(
        other, start_sha256=None, end_sha256=None
    )


def test_the_content_of_both_images_is_part_of_the_fingerprint() -> None:
    _, clip = clips()
    ending = clip.model_copy(update={"end": Still(uri="end.png")})
    prints = {
        fingerprint(clip, start_sha256="a", end_sha256=None),
        fingerprint(clip, start_sha256="b", end_sha256=None),
        fingerprint(ending, start_sha256="a", end_sha256="a"),
        fingerprint(ending, start_sha256="a", end_sha256="b"),
    }
    assert len(prints) == 4


def test_the_name_of_an_image_is_no_part_of_the_fingerprint() -> None:
    _, clip = clips()
    renamed = clip.model_copy(update={"start": Handover(clip_id="other/1.1", frame_index=5)})
    assert fingerprint(clip, start_sha256="a", end_sha256=None) == fingerprint(
        renamed, start_sha256="a", end_sha256=None
    )


def test_a_fingerprint_needs_the_hash_of_every_image_and_of_no_other() -> None:
    cut, continued = clips()
    with pytest.raises(ValueError, match=r"one/2\.1 needs the hash of its start image"):
        fingerprint(continued, start_sha256=None, end_sha256=None)
    with pytest.raises(ValueError, match=r"one/1\.1 has no start image"):
        fingerprint(cut, start_sha256="a", end_sha256=None)
    with pytest.raises(ValueError, match=r"one/1\.1 has no end image"):
        fingerprint(cut, start_sha256=None, end_sha256="a")
