"""A grade by lines or by a LUT shows what the frame shows that is handed on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from longtake.emulator.drawing import clips
from longtake.emulator.drawing.pictures import to_planes
from longtake.media import Ffmpeg, FilmShape, film_commands
from longtake.media.grade_filters import Lines, move_planes_apart
from longtake.media.measure.correcting import apply, cube, lines_of, mixture_of
from longtake.media.measure.fitting import IDENTITY
from longtake.media.measure.grading import AT, FLAT, Grade
from longtake.media.measure.pixels import Rgb, decode_rgb
from longtake.media.run import run
from tests.media.drifts import DRIFT, HEIGHT, WIDTH, view

APART = np.array([[1.03, 0, 0, -0.011], [0, 0.98, 0, 0.004], [0, 0, 1, 0.0013]])
OFFSETS = np.array([[1, 0, 0, 0.0053], [0, 1, 0, -0.0087], [0, 0, 1, 0.0018]])
ALIKE = np.array([[0.98, 0, 0, -0.0015], [0, 0.98, 0, 0.0055], [0, 0, 0.98, 0.0137]])


async def shown(clip: Path, how: Lines | Path, into: Path, ffmpeg: Ffmpeg) -> Rgb:
    command = film_commands.normalise(
        ffmpeg.path,
        clip,
        into,
        skip_frames=0,
        frame_count=2,
        shape=FilmShape(WIDTH, HEIGHT, 16, crf=0),
        same_size=True,
        colour={"in_color_matrix": "bt601", "in_range": "tv"},
        grades=[(0, how)],
        matrix_alone=True,
    )
    await run(command, subject="grading")
    return decode_rgb(into)


@pytest.mark.parametrize(
    "grade",
    [
        Grade(DRIFT, FLAT),
        Grade(IDENTITY, 0.03 * np.sin(4 * AT)),
        Grade(APART, FLAT),
        Grade(ALIKE, FLAT),
        Grade(OFFSETS, FLAT),
    ],
    ids=["mixed", "bent", "apart", "alike", "offsets"],
)
async def test_what_is_shown_is_what_the_next_clip_is_sent(
    grade: Grade, tmp_path: Path, ffmpeg: Ffmpeg
) -> None:
    clip, lut = tmp_path / "clip.mp4", tmp_path / "grade.cube"
    clip.write_bytes(clips.encode(map(to_planes, [view(), view(3)]), WIDTH, HEIGHT, 16))
    lut.write_text(cube(grade), encoding="ascii")
    film = await shown(
        clip, lines_of(grade) or mixture_of(grade) or lut, tmp_path / "film.mp4", ffmpeg
    )
    sent = np.stack([apply(one, grade) for one in decode_rgb(clip)])
    off = film.astype(float) - sent
    assert np.abs(off.mean(axis=(0, 1, 2))).max() < 0.05
    assert np.abs(off).mean() < 0.7  # of a level: what yuv420p and its rounding change
    assert np.abs(film.astype(float) - decode_rgb(clip)).mean() > 1


def test_what_mixes_channels_or_bends_luma_is_no_line() -> None:
    assert lines_of(Grade(DRIFT, FLAT)) is None
    assert lines_of(Grade(IDENTITY, AT / 100)) is None
    assert lines_of(Grade(IDENTITY, FLAT)) == ((1, 0), (1, 0), (1, 0))


def test_only_gains_that_are_alike_move_luma_and_chroma_each_by_itself() -> None:
    def moves(*grades: Grade) -> bool:
        return move_planes_apart([(at, lines_of(one) or Path()) for at, one in enumerate(grades)])

    assert moves()
    assert moves(Grade(ALIKE, FLAT), Grade(IDENTITY, FLAT))
    assert not moves(Grade(ALIKE, FLAT), Grade(APART, FLAT))
    assert not moves(Grade(DRIFT, FLAT))
    assert not moves(Grade(IDENTITY, AT / 100))


def test_what_bends_luma_is_no_mixture() -> None:
    assert mixture_of(Grade(IDENTITY, AT / 100)) is None
    assert mixture_of(Grade(DRIFT, FLAT)) == (tuple(map(tuple, DRIFT.tolist())),)
