"""What is read of pairs, clips and seams is what was done to them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from longtake.errors import DamagedClip, MediaError
from longtake.media import ReadStretch, read_clip, read_ends, read_pair, read_seam
from longtake.media.measure.pair import compare_pair, psnr
from longtake.media.measure.pixels import write_png
from longtake.media.measure.readings import seam_reading
from longtake.media.measure.samples import sample_clip
from longtake.media.measure.seam import SeamValues, compare_sides
from tests.media.corpus.scenery import Frames, levels, pan, samples, softened, walk, world

Encode = Callable[..., Path]

LEFT, RIGHT = pan(20), pan(30, first=40.0)
"""One uncut pan of two pixels a frame, split in half."""


def seam(right: Frames, left: Frames = LEFT) -> SeamValues:
    return compare_sides(samples(left), samples(right))


def brighter(frames: Frames, by: list[float]) -> Frames:
    lit = frames.astype(np.float32)
    lit[: len(by)] += np.array(by, np.float32)[:, None, None, None]
    return levels(lit)


# --- seams ---


@pytest.mark.parametrize("speed", [0.0, 0.5, 2.0, 6.0])
def test_an_uncut_pan_that_is_split_shows_no_seam(speed: float) -> None:
    whole = pan(50, speed=speed)
    values = compare_sides(samples(whole[:20]), samples(whole[20:]))
    assert values.step_ratio == pytest.approx(1, abs=0.1)
    assert values.hesitation == pytest.approx(1, abs=0.15)
    assert values.flash == pytest.approx(0, abs=0.3)
    assert values.motion_jump == pytest.approx(0, abs=0.2)


def test_the_direction_goes_on_over_an_uncut_pan() -> None:
    assert seam(RIGHT).motion_cosine == pytest.approx(1, abs=0.02)


def test_a_frame_that_is_shown_twice_makes_almost_no_step() -> None:
    assert seam(np.concatenate([LEFT[-1:], RIGHT[:-1]])).step_ratio < 0.5


def test_frames_that_are_left_out_make_a_large_step() -> None:
    assert seam(RIGHT[6:]).step_ratio > 2.5


def test_a_repeat_on_a_view_that_stands_still_is_no_fault() -> None:
    still = pan(50, speed=0)
    repeated = np.concatenate([still[19:20], still[20:-1]])
    assert 0.5 < seam(repeated, still[:20]).step_ratio < 1.5


@pytest.mark.parametrize("flare", [12.0, -12.0])
def test_a_flash_is_measured_in_levels_with_its_sign(flare: float) -> None:
    faded = [flare * (1 - at / 6) for at in range(6)]
    found = seam(brighter(RIGHT, faded)).flash
    # Of what three quarters of the picture share: a little less than the whole.
    assert found is not None
    assert 0.7 * abs(flare) < abs(found) <= abs(flare) + 0.5
    assert np.sign(found) == np.sign(flare)


def test_a_light_that_changes_and_stays_is_no_flash() -> None:
    dimmed = [-0.5 * at for at in range(30)]
    assert seam(brighter(RIGHT, dimmed)).flash == pytest.approx(0, abs=1.5)


def test_a_bright_thing_that_passes_is_no_flash() -> None:
    passing = RIGHT.copy()
    for at in range(12):
        passing[at, 40:80, 10 * at : 10 * at + 40] = 245
    assert abs(seam(passing).flash or 0) < 1


def test_motion_that_turns_round_jumps_by_twice_its_speed() -> None:
    values = seam(pan(30, first=36.0, speed=-2.0))
    assert values.motion_jump == pytest.approx(2, abs=0.3)
    assert values.motion_cosine == pytest.approx(-1, abs=0.05)


def test_motion_that_stops_has_no_direction() -> None:
    values = seam(pan(30, first=40.0, speed=0.0))
    assert values.motion_jump is not None
    assert values.motion_jump > 1
    assert values.motion_cosine is None


def test_a_clip_that_begins_from_rest_hesitates() -> None:
    way = [at**2 / 8 if at < 8 else 2 * at - 8 for at in range(1, 31)]
    values = seam(walk([38 + way_at for way_at in way]))
    assert values.hesitation is not None
    assert values.hesitation < 0.6


def test_a_camera_that_comes_to_rest_by_itself_does_not_hesitate() -> None:
    slowing = [38 + 20 * (1 - 0.9 ** (at + 1)) for at in range(30)]
    hesitation = seam(walk(slowing)).hesitation
    assert hesitation is not None
    assert hesitation > 0.8


def test_what_is_too_short_is_not_measured() -> None:
    values = compare_sides(samples(LEFT[:1]), samples(RIGHT[:2]))
    assert (values.hesitation, values.flash) == (None, None)
    assert values.motion_jump is None


async def test_a_seam_is_read_from_two_segments_and_a_cut_is_not(
    encode: Encode, tmp_path: Path
) -> None:
    left = encode(tmp_path / "l.mp4", list(LEFT), crf="17", bf="0")
    right = encode(tmp_path / "r.mp4", list(RIGHT), crf="17", bf="0")
    facts = {"left": "a/1.1", "right": "a/1.2", "frame_index": 20}
    ends = await read_ends(left), await read_ends(right)
    reading = seam_reading(*ends, kind="continuous", **facts)
    assert reading.step_ratio == pytest.approx(1, abs=0.15)
    sides = ReadStretch(left, 0, len(LEFT)), ReadStretch(right, 0, len(RIGHT))
    assert await read_seam(*sides, **facts) == reading
    for kind in ("cut", "dissolve"):
        unmeasured = seam_reading(*ends, kind=kind, **facts)
        assert (unmeasured.step_ratio, unmeasured.flash, unmeasured.motion_jump) == (None,) * 3


async def test_of_a_clip_only_the_frames_that_the_film_keeps_are_read(
    encode: Encode, tmp_path: Path
) -> None:
    # Its first frame repeats the one before, and behind the last kept one is surplus.
    file = encode(tmp_path / "r.mp4", list(np.concatenate([LEFT[-1:], RIGHT])), crf="17")
    kept = await read_ends(file, first=1, count=25)
    assert (kept.head.first_frame_index, kept.tail.first_frame_index) == (1, 26 - len(kept.tail))
    left = await read_ends(encode(tmp_path / "l.mp4", list(LEFT), crf="17"))
    facts = {"left": "a", "right": "b", "frame_index": 20}
    ratio = seam_reading(left, kept, kind="continuous", **facts).step_ratio
    assert ratio == pytest.approx(1, abs=0.15)


# --- pairs ---

SENT = LEFT[-1]


def test_the_same_picture_is_a_faultless_pair() -> None:
    pair = compare_pair(SENT, SENT, RIGHT[0])
    assert (pair.psnr_db, pair.colour_step, pair.softness, pair.repeats) == (100, 0, 1, True)
    assert pair.ssim == pytest.approx(1)


def test_psnr_is_that_of_its_definition() -> None:
    assert psnr(SENT, levels(SENT + 5.0)) == pytest.approx(20 * np.log10(255 / 5), abs=0.1)


def test_a_picture_that_came_back_soft_and_tinted_is_still_the_same() -> None:
    came = levels(softened(SENT[None])[0] * 1.05 + np.array([8.0, 0, -8]))
    pair = compare_pair(SENT, came, RIGHT[0])
    assert pair.repeats
    assert pair.colour_step > 4
    assert pair.softness < 0.6


def test_a_picture_that_came_back_a_little_displaced_is_still_the_same() -> None:
    assert compare_pair(walk([38])[0], walk([36.5])[0], walk([38.5])[0]).repeats


def test_another_picture_is_no_repeat() -> None:
    pair = compare_pair(SENT, pan(1, seed=9)[0], RIGHT[0])
    assert not pair.repeats
    assert pair.ssim < 0.6


def test_the_next_frame_is_no_repeat() -> None:
    # To drop it would leave a frame out: the clip began one step later.
    assert not compare_pair(SENT, RIGHT[0], RIGHT[1]).repeats


async def test_a_pair_is_read_from_a_picture_and_a_clip(encode: Encode, tmp_path: Path) -> None:
    clip = encode(tmp_path / "c.mp4", [SENT, *RIGHT[:3]], crf="12")
    write_png(SENT, tmp_path / "sent.png")
    pair = await read_pair(tmp_path / "sent.png", clip)
    assert pair.repeats
    assert pair.ssim > 0.9
    assert pair.colour_step < 3


async def test_a_picture_of_another_size_is_compared_in_the_clips(
    encode: Encode, tmp_path: Path
) -> None:
    clip = encode(tmp_path / "c.mp4", [SENT, *RIGHT[:3]], crf="12")
    write_png(np.repeat(np.repeat(SENT, 2, axis=0), 2, axis=1), tmp_path / "sent.png")
    assert (await read_pair(tmp_path / "sent.png", clip)).repeats


async def test_a_pair_without_its_picture_is_an_error(encode: Encode, tmp_path: Path) -> None:
    clip = encode(tmp_path / "c.mp4", [SENT, *RIGHT[:3]])
    with pytest.raises(MediaError, match=r"sent\.png cannot be read"):
        await read_pair(tmp_path / "sent.png", clip)


# --- clips ---


async def test_a_clip_is_read_at_both_ends(encode: Encode, tmp_path: Path) -> None:
    shown = pan(40)
    grey = shown[20:].mean(axis=-1, keepdims=True).repeat(3, axis=-1)
    faded = levels(softened(levels(grey)) * 0.7)
    clip = encode(tmp_path / "c.mp4", [*shown[:20], *faded], crf="8")
    reading = await read_clip(clip)
    assert reading.luma[1] == pytest.approx(0.7 * reading.luma[0], rel=0.05)
    assert reading.saturation[0] > 5
    assert reading.saturation[1] < 2
    assert reading.contrast[1] < 0.8 * reading.contrast[0]
    assert reading.sharpness[1] < 0.5 * reading.sharpness[0]
    assert reading.motion == pytest.approx((2, 2), abs=0.3)
    assert (reading.freezes, reading.blacks) == ((), ())


async def test_luma_is_full_range_whatever_the_file_says(encode: Encode, tmp_path: Path) -> None:
    flat = np.full((112, 192, 3), 128, np.uint8)
    reading = await read_clip(encode(tmp_path / "c.mp4", [flat] * 8))
    assert reading.luma == pytest.approx((128, 128), abs=1.5)


async def test_motion_is_reported_in_the_clips_own_pixels(encode: Encode, tmp_path: Path) -> None:
    large = np.repeat(np.repeat(pan(16), 2, axis=1), 2, axis=2)
    reading = await read_clip(encode(tmp_path / "c.mp4", list(large), crf="12"))
    assert reading.motion == pytest.approx((4, 4), abs=0.5)


def test_a_clip_is_decoded_once_and_kept_small(encode: Encode, tmp_path: Path) -> None:
    picture = levels(world(width=832, height=480))
    found = sample_clip(encode(tmp_path / "c.mp4", [picture] * 3))
    assert found.rgb.shape == (3, 120, 208, 3)
    assert found.scale == 4
    assert found.sharpness[0] > 0


async def test_a_clip_that_does_not_decode_is_refused(tmp_path: Path) -> None:
    clip = tmp_path / "c.mp4"
    clip.write_bytes(b"nothing of a clip")
    with pytest.raises(DamagedClip, match=r"c\.mp4 does not decode"):
        await read_clip(clip)


def test_a_walk_that_takes_too_long_is_ended(encode: Encode, tmp_path: Path) -> None:
    clip = encode(tmp_path / "c.mp4", list(LEFT[:3]))
    with pytest.raises(MediaError, match="took longer than"):
        sample_clip(clip, wall_seconds=-1.0)


@pytest.mark.parametrize("b_frames", ["0", "3"])
@pytest.mark.parametrize("group", ["5", "250"])
def test_a_stretch_has_the_same_samples_wherever_key_frames_lie(
    encode: Encode, tmp_path: Path, b_frames: str, group: str
) -> None:
    frames = [levels(frame) for frame in pan(30)]
    clip = encode(tmp_path / "c.mp4", frames, bf=b_frames, g=group)
    whole = sample_clip(clip, sharpness=False)
    assert len(whole) == 30
    for first, count in ((0, 3), (4, 3), (5, 6), (17, 13), (29, 1), (24, None)):
        found = sample_clip(clip, first=first, count=count, sharpness=False)
        last = 30 if count is None else first + count
        assert np.array_equal(found.rgb, whole.rgb[first:last])
        assert found.first_frame_index == first
