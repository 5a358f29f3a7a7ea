"""A drift of the colours between two clips is found, and undone in what is shown and handed on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from longtake.emulator.drawing import clips
from longtake.emulator.drawing.pictures import to_planes
from longtake.media import Ffmpeg, FilmShape, Side, calibrate, normalise, take_frame
from longtake.media.measure import fitting
from longtake.media.measure.correcting import apply, correct_frame, grade_at
from longtake.media.measure.fitting import IDENTITY, applied
from longtake.media.measure.grading import FLAT, Grade, graded
from longtake.media.measure.pairing import pair_of
from longtake.media.measure.pixels import decode_rgb, delta_e, read_png, write_png
from longtake.media.measure.registering import reduced
from longtake.story.readings import Calibration, Flash
from tests.media.drifts import DRIFT, HEIGHT, WIDTH, Rgb, view

Encode = Callable[[Path, list[Rgb]], Path]


def drifted(picture: Rgb, transform: fitting.Transform = DRIFT, seed: int | None = 0) -> Rgb:
    colours = applied(transform, picture / 255) * 255
    if seed is not None:
        colours += np.random.default_rng(seed).normal(0, 1.5, picture.shape)
    return np.clip(np.rint(colours), 0, 255).astype(np.uint8)


def rows(transform: fitting.Transform) -> tuple[tuple[float, float, float, float], ...]:
    return tuple((r, g, b, one) for r, g, b, one in transform.tolist())


def affine(transform: fitting.Transform) -> Grade:
    return Grade(transform, FLAT)


@pytest.fixture
def encode() -> Encode:
    """Write pictures as the service would, with its BT.601 and exact conversions."""

    def write(into: Path, frames: list[Rgb]) -> Path:
        height, width = frames[0].shape[:2]
        into.write_bytes(clips.encode(map(to_planes, frames), width, height, 16))
        return into

    return write


@pytest.fixture
def sent(tmp_path: Path) -> Path:
    write_png(view(), tmp_path / "sent.png")
    return tmp_path / "sent.png"


@pytest.fixture
def returned(tmp_path: Path, encode: Encode) -> Callable[[list[Rgb]], Path]:
    """The clip that came back, with those frames."""
    return lambda frames: encode(tmp_path / "came.mp4", frames)


def left_over(calibration: Calibration, drift: fitting.Transform, frame_index: int = 0) -> float:
    """Mean ΔE between the truth and what drift and correction make of it together."""
    truth = view().reshape(-1, 3)[::7] / 255
    shown = graded(grade_at(calibration, frame_index), applied(drift, truth))
    return float(delta_e(shown * 255, truth * 255).mean())


async def test_a_drift_of_the_colours_is_found_and_undone(
    sent: Path, returned: Callable[[list[Rgb]], Path]
) -> None:
    clip = returned([drifted(view(2 * index), seed=index) for index in range(4)])
    found = await calibrate(sent, clip)
    assert found.applied
    assert "had moved by ΔE" in found.reason
    assert left_over(found, DRIFT) < 0.5
    assert left_over(Calibration(applied=False, reason=""), DRIFT) > 3
    assert found.colour_step_before is not None
    assert found.colour_step_after is not None
    assert found.colour_step_after < found.colour_step_before / 2


async def test_without_a_drift_nothing_is_done(
    sent: Path, returned: Callable[[list[Rgb]], Path]
) -> None:
    found = await calibrate(sent, returned([drifted(view(), IDENTITY)] * 3))
    assert not found.applied
    assert found.transform is None
    assert found.reason.startswith("the colours are kept: ")


async def test_a_shifted_pair_is_registered_first(
    sent: Path, returned: Callable[[list[Rgb]], Path]
) -> None:
    found = await calibrate(sent, returned([drifted(view(3))] * 3))
    assert found.shift_x == pytest.approx(-3, abs=0.2)
    assert found.shift_y == pytest.approx(0, abs=0.2)
    assert left_over(found, DRIFT) < 0.6


async def test_another_picture_is_refused(
    sent: Path, returned: Callable[[list[Rgb]], Path]
) -> None:
    found = await calibrate(sent, returned([view(seed=2)] * 3))
    assert not found.applied
    assert "is not the image that was sent" in found.reason


async def test_two_like_skies_are_no_pair(
    tmp_path: Path, returned: Callable[[list[Rgb]], Path]
) -> None:
    way = np.linspace(60, 180, HEIGHT)[:, None, None]
    skies = [
        np.clip(way + np.random.default_rng(seed).normal(0, 3, (HEIGHT, WIDTH, 3)), 0, 255)
        for seed in (1, 2)
    ]
    write_png(skies[0].astype(np.uint8), tmp_path / "sky.png")
    assert pair_of(*(sky.astype(np.uint8) for sky in skies)).structure > 0.8
    found = await calibrate(tmp_path / "sky.png", returned([skies[1].astype(np.uint8)] * 3))
    assert "of details 0.0" in found.reason


async def test_what_is_black_or_white_is_not_judged(
    tmp_path: Path, returned: Callable[[list[Rgb]], Path]
) -> None:
    blocks = np.where(np.random.default_rng(3).random((16, 26, 1)) < 0.5, 0, 255)
    board = np.kron(blocks, np.ones((8, 8, 3))).astype(np.uint8)
    write_png(board, tmp_path / "board.png")
    found = await calibrate(tmp_path / "board.png", returned([board] * 3))
    assert not found.applied
    assert "almost all black or white" in found.reason


@pytest.mark.thorough
async def test_a_flare_of_the_first_frame_is_not_taken_for_drift(
    sent: Path, returned: Callable[[list[Rgb]], Path]
) -> None:
    clip = returned([np.clip(view() + 20, 0, 255).astype(np.uint8)] * 3)
    flash = Flash(applied=True, reason="", peak=20, offsets=(20.0, 20.0, 20.0))
    assert (await calibrate(sent, clip)).applied
    assert not (await calibrate(sent, clip, flash=flash)).applied


async def test_off_is_off(sent: Path, returned: Callable[[list[Rgb]], Path]) -> None:
    found = await calibrate(sent, returned([drifted(view())] * 3), mode="off")
    assert found == Calibration(applied=False, reason="colour calibration is off")


@pytest.mark.thorough
async def test_a_drift_that_grows_inside_the_clip_is_followed(
    sent: Path, returned: Callable[[list[Rgb]], Path]
) -> None:
    share = [0.4 * min(index / 14, 1.0) for index in range(16)]
    ramps = [IDENTITY + one * (DRIFT - IDENTITY) for one in share]
    frames = [drifted(view(3 * index), ramp, index) for index, ramp in enumerate(ramps)]
    clip = returned(frames)
    paired = await calibrate(sent, clip)
    tracked = await calibrate(sent, clip, mode="tracked")
    assert not paired.applied
    assert tracked.applied
    assert left_over(tracked, ramps[-1], -1) < 1.2
    assert left_over(tracked, ramps[8], 8) < 1.2


async def test_light_that_changes_faster_than_a_drift_is_not_followed(
    sent: Path, returned: Callable[[list[Rgb]], Path]
) -> None:
    frames = [(view() * (1 - 0.015 * index)).astype(np.uint8) for index in range(16)]
    found = await calibrate(sent, returned(frames), mode="tracked")
    assert found.ramp == ()
    assert "nothing is followed" in found.reason


@pytest.mark.thorough
async def test_tracking_does_nothing_without_a_drift(
    sent: Path, returned: Callable[[list[Rgb]], Path]
) -> None:
    frames = [drifted(view(3 * index), IDENTITY, index) for index in range(16)]
    assert not (await calibrate(sent, returned(frames), mode="tracked")).applied


async def test_tracking_follows_nothing_over_a_cut(
    sent: Path, returned: Callable[[list[Rgb]], Path]
) -> None:
    clip = returned([view()] * 6 + [(view(seed=9) * 0.7).astype(np.uint8)] * 10)
    assert not (await calibrate(sent, clip, mode="tracked")).applied


async def test_tracking_refuses_what_turns_into_something_else(
    sent: Path, returned: Callable[[list[Rgb]], Path]
) -> None:
    share = [index / 15 for index in range(16)]
    frames = [(view() * (1 - one) + view(seed=7)[::-1] * one).astype(np.uint8) for one in share]
    found = await calibrate(sent, returned(frames), mode="tracked")
    assert found.ramp == ()


async def test_the_encode_shows_what_is_handed_on(
    tmp_path: Path, encode: Encode, ffmpeg: Ffmpeg
) -> None:
    clip = encode(tmp_path / "clip.mp4", [view()] * 3)
    calibration = Calibration(applied=True, reason="", transform=rows(DRIFT))
    taken = await take_frame(
        clip,
        2,
        tmp_path / "corrected.png",
        ffmpeg=ffmpeg,
        width=WIDTH,
        height=HEIGHT,
        calibration=calibration,
    )
    segment = await normalise(
        Side(clip, 0, calibration=calibration),
        tmp_path / "s.mp4",
        ffmpeg=ffmpeg,
        frame_count=3,
        shape=FilmShape(WIDTH, HEIGHT, 16, crf=0),
    )
    handed_on, shown = read_png(taken), decode_rgb(segment, first=2)[0]
    # 4:2:0 halves the chroma of what the encode shows, so colours are compared block by block. A
    # picture that is handed on is rounded twice, the film once.
    assert delta_e(reduced(handed_on, 4), reduced(shown, 4)).mean() < 0.4
    assert np.abs((shown.astype(float) - handed_on).mean((0, 1))).max() < 0.2


async def test_a_followed_drift_is_undone_frame_by_frame(
    tmp_path: Path, encode: Encode, ffmpeg: Ffmpeg
) -> None:
    clip = encode(tmp_path / "clip.mp4", [view()] * 7)
    ramp = ((0, rows(IDENTITY)), (6, rows(DRIFT)))
    calibration = Calibration(applied=True, reason="", transform=rows(IDENTITY), ramp=ramp)
    segment = await normalise(
        Side(clip, 1, calibration=calibration),
        tmp_path / "s.mp4",
        ffmpeg=ffmpeg,
        frame_count=6,
        shape=FilmShape(WIDTH, HEIGHT, 16, crf=0),
    )
    shown, came = decode_rgb(segment), decode_rgb(clip, first=1)
    for index, frame in enumerate(came, start=1):
        wanted = apply(frame, affine(IDENTITY + index / 6 * (DRIFT - IDENTITY)))
        assert delta_e(reduced(wanted, 4), reduced(shown[index - 1], 4)).mean() < 0.4


async def test_an_identity_moves_no_colour(tmp_path: Path, encode: Encode, ffmpeg: Ffmpeg) -> None:
    """A graded clip goes through RGB and another does not: they round differently, no more."""
    clip = encode(tmp_path / "clip.mp4", [view()] * 2)
    shown = []
    for calibration in (None, Calibration(applied=True, reason="", transform=rows(IDENTITY))):
        segment = await normalise(
            Side(clip, 0, calibration=calibration),
            tmp_path / "s.mp4",
            ffmpeg=ffmpeg,
            frame_count=2,
            shape=FilmShape(WIDTH, HEIGHT, 16, crf=0),
        )
        shown.append(decode_rgb(segment))
    assert delta_e(shown[0], shown[1]).mean() < 0.8
    assert np.abs(shown[0].mean((1, 2)) - shown[1].mean((1, 2))).max() < 0.1


async def test_a_frame_without_a_calibration_stays_as_it_is(sent: Path, tmp_path: Path) -> None:
    into = tmp_path / "corrected.png"
    await correct_frame(sent, Calibration(applied=False, reason=""), into)
    assert np.array_equal(read_png(into), view())


async def test_a_clip_of_another_size_is_corrected_wherever_temporary_files_lie(
    tmp_path: Path, encode: Encode, ffmpeg: Ffmpeg, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd = tmp_path / "it's a [folder]: 100%, really; \\ yes"
    odd.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(odd))
    clip = encode(tmp_path / "clip.mp4", [view()] * 2)
    calibration = Calibration(applied=True, reason="", transform=rows(DRIFT))
    segment = await normalise(
        Side(clip, 0, calibration=calibration),
        tmp_path / "s.mp4",
        ffmpeg=ffmpeg,
        frame_count=2,
        shape=FilmShape(WIDTH + 32, HEIGHT, 16, crf=4),
    )
    shown = decode_rgb(segment, count=1)[0]
    wanted = apply(decode_rgb(clip, count=1)[0], affine(DRIFT))
    assert delta_e(reduced(wanted, 4), reduced(shown[:, 16:-16], 4)).mean() < 0.8
    assert shown[:, :8].max() <= 2
    assert list(odd.iterdir()) == []
