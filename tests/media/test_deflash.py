from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from longtake.media import Ffmpeg, FilmShape, Handed, Side, find_flash, look_back, normalise
from longtake.media.measure.correcting import apply
from longtake.media.measure.deflash import FRAMES, flash_in
from longtake.media.measure.fading import fade_of
from longtake.media.measure.fitting import IDENTITY
from longtake.media.measure.grading import LUMA, Grade, flash_curve
from longtake.media.measure.pixels import decode_rgb, write_png
from longtake.story.readings import Flash
from tests.media.conftest import write_clip
from tests.media.test_colour import HEIGHT, WIDTH, Encode, Rgb, drifted, encode, view

COUNT = 26
__all__ = ["encode"]  # the fixture, for pytest


def brighter(picture: Rgb, levels: Any) -> Rgb:
    return np.clip(np.rint(picture + levels), 0, 255).astype(np.uint8)


@pytest.fixture
def sent(tmp_path: Path) -> Path:
    write_png(view(), tmp_path / "sent.png")
    return tmp_path / "sent.png"


@pytest.fixture
def filmed(tmp_path: Path, encode: Encode) -> Callable[[list[float]], Path]:
    """A pan whose frames are brighter by so many levels."""

    def film(levels: list[float]) -> Path:
        pictures = [brighter(view(2 * index), one) for index, one in enumerate(levels)]
        return encode(tmp_path / "came.mp4", pictures)

    return film


def fading(peak: float) -> list[float]:
    return [peak * max(1 - index / 9, 0) for index in range(COUNT)]


@pytest.mark.parametrize("peak", [18.0, -14.0])
async def test_a_flash_is_found_frame_by_frame(
    sent: Path, filmed: Callable[[list[float]], Path], peak: float
) -> None:
    found = await find_flash(sent, filmed(fading(peak)))
    assert found.applied
    assert "and fade" in found.reason
    assert found.offsets == pytest.approx(fading(peak)[:FRAMES], abs=1.8)


async def test_a_steady_pan_is_no_flash(sent: Path, filmed: Callable[[list[float]], Path]) -> None:
    found = await find_flash(sent, filmed([0.0] * COUNT))
    assert not found.applied
    assert abs(found.peak) < 1


async def test_a_constant_drift_is_no_flash(
    sent: Path, filmed: Callable[[list[float]], Path]
) -> None:
    assert not (await find_flash(sent, filmed([12.0] * COUNT))).applied


async def test_light_that_changes_steadily_is_no_flash(
    sent: Path, filmed: Callable[[list[float]], Path]
) -> None:
    assert not (await find_flash(sent, filmed([0.9 * index for index in range(COUNT)]))).applied


async def test_light_that_goes_out_and_stays_out_is_no_flash(
    sent: Path, filmed: Callable[[list[float]], Path]
) -> None:
    for lit in (5, 11):
        found = await find_flash(sent, filmed([0.0] * lit + [-25.0] * (COUNT - lit)))
        assert not found.applied
        assert "no flash" in found.reason


async def test_nothing_is_done_next_to_a_cut(sent: Path, tmp_path: Path, encode: Encode) -> None:
    pictures = [brighter(view(), 20)] * 4 + [view(seed=8)] * (COUNT - 4)
    found = await find_flash(sent, encode(tmp_path / "came.mp4", pictures))
    assert found == Flash(
        applied=False, reason="frame 4 shows something else than the one before it"
    )


async def test_a_clip_that_starts_elsewhere_is_left_alone(
    sent: Path, tmp_path: Path, encode: Encode
) -> None:
    pictures = [brighter(view(seed=8), one) for one in fading(20)]
    found = await find_flash(sent, encode(tmp_path / "came.mp4", pictures))
    assert not found.applied
    assert found.reason.startswith("frame 0 shows something else")


def test_offsets_are_capped() -> None:
    curve = np.array([60 * 0.7**index for index in range(COUNT)])
    found = flash_in(curve)
    assert found.applied
    assert max(found.offsets) == pytest.approx(25.5)
    assert found.peak > 40


def test_a_first_frame_that_differs_alone_is_no_flash() -> None:
    assert not flash_in(np.array([0.0] + [6.0] * (COUNT - 1))).applied


def test_a_first_frame_that_flares_alone_is_a_flash() -> None:
    found = flash_in(np.array([20.0] + [0.0] * (COUNT - 1)))
    assert found.applied
    assert found.offsets == (20.0, *[0.0] * (FRAMES - 1))


def test_a_flash_on_top_of_a_drift_is_taken_off_alone() -> None:
    found = flash_in(np.array(fading(18)) + 5)
    assert found.offsets == pytest.approx(fading(18)[:FRAMES], abs=0.1)


@pytest.mark.parametrize("turn", [0.0, 40.0, 80.0])
def test_light_that_turns_is_no_flash_and_hides_none(turn: float) -> None:
    light = 25 * np.sin(2 * np.pi * (np.arange(COUNT) + turn) / 110)
    light -= light[0]
    assert not flash_in(light).applied
    found = flash_in(light + fading(22))
    assert found.applied
    assert found.offsets == pytest.approx(fading(22)[:FRAMES], abs=3)


@pytest.mark.parametrize("turn", [0.0, 18.0, 36.0, 54.0, 72.0, 90.0])
def test_light_before_the_seam_tells_a_flash_from_light_that_turns(turn: float) -> None:
    moment = np.arange(-10, COUNT - 1) + turn
    light = 25 * np.sin(2 * np.pi * moment / 110)
    light -= light[10]
    flare = 5 * 0.5 ** (np.arange(FRAMES) / 2)
    clip = light[10:] + np.r_[flare, np.zeros(len(light) - 10 - FRAMES)] + 4  # 4 stay
    found = flash_in(clip, light[10::-1])
    assert found.applied
    assert found.offsets == pytest.approx(flare, abs=0.8)


@pytest.mark.parametrize("turn", [0.0, 18.0, 36.0, 54.0])
def test_how_a_fade_fades_is_seen_where_the_scenes_light_does_nothing(turn: float) -> None:
    rng = np.random.default_rng(3)
    light = 40 * np.sin(2 * np.pi * (np.arange(-10, COUNT - 1) + turn) / 90)
    brightness = np.linspace(0, 1, 17)  # light is a gain
    seen = np.outer(light - light[10], brightness) + 0.1 * rng.standard_normal((len(light), 17))
    height = np.interp(brightness, [0, 0.25, 1], [2.3, 7.0, -3.5])
    fade = np.outer(0.5 ** (np.arange(COUNT - 1) / 2), height)
    found = fade_of(seen[10:] + fade + height, np.full(17, 1 / 17), past=seen[10::-1])
    assert found.height == pytest.approx(height, abs=0.6)


def test_what_the_codec_rounds_up_between_two_frames_is_no_light() -> None:
    rng = np.random.default_rng(5)
    averaged = np.array([index % 4 != 0 for index in range(19)])
    seen = 4 + 8 * 0.5 ** (np.arange(19) / 2) + 0.3 * averaged + 0.05 * rng.standard_normal(19)
    found = fade_of(seen[:, None], np.ones(1), averaged=averaged)
    assert found.base[-1, 0] == pytest.approx(4, abs=0.15)
    assert fade_of(seen[:, None], np.ones(1)).base[-1, 0] > 4.25


def test_a_short_flash_on_such_frames_alone_is_still_seen() -> None:
    seen = np.r_[14.0, 10, 6, 2, np.zeros(15)]
    averaged = np.array([0 < index < 4 for index in range(19)])
    assert fade_of(seen[:, None], np.ones(1), averaged=averaged).height[0] == pytest.approx(
        14, abs=1
    )


async def test_what_came_before_the_seam_is_read_of_the_clip_that_handed_over(
    sent: Path, filmed: Callable[[list[float]], Path], tmp_path: Path, encode: Encode
) -> None:
    pictures = [brighter(view(), 0.6 * index - 12) for index in range(21)]
    before = encode(tmp_path / "before.mp4", pictures)
    going_on = [0.6 * index + 14 * max(1 - index / 9, 0) for index in range(COUNT)]
    found = await find_flash(sent, filmed(going_on), handed=Handed(before, 20))
    assert found.applied
    assert found.offsets[0] == pytest.approx(14, abs=1)
    looked_back = await look_back(sent, Handed(before, 20))
    before.unlink()
    assert await find_flash(sent, filmed(going_on), handed=looked_back) == found


def test_drift_in_light_that_changes_is_no_flash() -> None:
    assert not flash_in(5 + 0.8 * np.arange(COUNT)).applied


def test_a_short_clip_has_no_usual_brightness() -> None:
    assert "too short" in flash_in(np.zeros(15)).reason


async def test_the_encode_takes_the_flash_off_and_leaves_the_rest(
    sent: Path, filmed: Callable[[list[float]], Path], tmp_path: Path, ffmpeg: Ffmpeg
) -> None:
    clip = filmed(fading(18))
    flash = await find_flash(sent, clip)
    segments = [
        await normalise(
            Side(clip, 1, flash=one),
            tmp_path / f"{name}.mp4",
            ffmpeg=ffmpeg,
            frame_count=COUNT - 1,
            shape=FilmShape(WIDTH, HEIGHT, 16, crf=4),
        )
        for name, one in (("as it came", None), ("deflashed", flash))
    ]
    came, shown = (decode_rgb(segment).astype(float) for segment in segments)
    truth = np.stack([view(2 * index) for index in range(1, COUNT)])
    before, after = (np.abs((one - truth).mean((1, 2, 3))) for one in (came, shown))
    assert before[0] > 14
    assert after.max() < 1.5
    assert np.abs(came[FRAMES:] - shown[FRAMES:]).mean() < 1


def test_grain_makes_no_flash(sent: Path, tmp_path: Path, encode: Encode) -> None:
    from anyio import run

    pictures = [drifted(view(2 * index), np.eye(3, 4), index) for index in range(COUNT)]
    clip = encode(tmp_path / "came.mp4", pictures)
    assert not run(find_flash, sent, clip).applied


def lost_contrast(picture: Rgb, share: float) -> Rgb:
    """Black raised by 5, shadows by 14, white lowered by 7: a clip of four steps."""
    luma = picture @ LUMA
    return brighter(picture, share * np.interp(luma / 255, [0, 0.25, 1], [5, 14, -7])[..., None])


async def test_lost_contrast_that_fades_is_taken_off_as_a_curve(
    sent: Path, tmp_path: Path, encode: Encode
) -> None:
    fades = [0.5 ** (index / 2) for index in range(COUNT)]
    clip = encode(tmp_path / "came.mp4", [lost_contrast(view(), one) for one in fades])
    found = await find_flash(sent, clip)
    assert found.applied
    for index, frame in enumerate(decode_rgb(clip, count=6)):
        shown = apply(frame, Grade(IDENTITY, -flash_curve(found, index)))
        dark = view() @ LUMA < 90
        assert abs(float((shown.astype(float) - view())[dark].mean())) < 2


async def test_what_fades_is_told_from_what_stays_by_how_bright_frames_came(
    sent: Path, tmp_path: Path
) -> None:
    fades = [0.5 + 0.5 * 0.5 ** (index / 2) for index in range(COUNT)]
    pictures = [lost_contrast(view(), one) for one in fades]
    found = await find_flash(sent, write_clip(tmp_path / "came.mp4", pictures, crf="2"))
    first = apply(pictures[0], Grade(IDENTITY, -flash_curve(found, 0))).astype(float)
    left = (first - lost_contrast(view(), 0.5)).mean(axis=-1)
    tone = np.digitize(view() @ LUMA, [64, 96, 128, 160])
    assert max(abs(float(left[tone == one].mean())) for one in range(1, 5)) < 0.25


async def test_a_light_that_only_a_part_of_the_picture_has_is_the_scenes_own(
    sent: Path, tmp_path: Path, encode: Encode
) -> None:
    pictures = []
    for levels in fading(30):
        shown = view()
        shown[:, : WIDTH // 3] = brighter(shown[:, : WIDTH // 3], levels)
        pictures.append(shown)
    assert not (await find_flash(sent, encode(tmp_path / "came.mp4", pictures))).applied


def test_what_an_earlier_version_found_is_still_taken_off() -> None:
    old = Flash(applied=True, reason="", peak=20, offsets=(20.0, 10.0))
    assert flash_curve(old, 1) == pytest.approx(10 / 255)
    assert not flash_curve(old, 2).any()
