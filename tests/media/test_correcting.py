"""A grade that keeps red, green and blue apart is done by lines, and shows what its LUT would."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from longtake.emulator.drawing import clips
from longtake.emulator.drawing.pictures import to_planes
from longtake.media import Ffmpeg, FilmShape, film_commands
from longtake.media.measure.correcting import cube, lines_of
from longtake.media.measure.fitting import IDENTITY
from longtake.media.measure.grading import AT, FLAT, Grade
from longtake.media.measure.pixels import Rgb, decode_rgb
from longtake.media.run import run
from tests.media.drifts import DRIFT, HEIGHT, WIDTH, view

APART = np.array([[1.03, 0, 0, -0.011], [0, 0.98, 0, 0.004], [0, 0, 1, 0.0013]])


async def shown(clip: Path, how: film_commands.Lines | Path, into: Path, ffmpeg: Ffmpeg) -> Rgb:
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
    )
    await run(command, subject="grading")
    return decode_rgb(into)


async def test_lines_show_what_the_lut_shows(tmp_path: Path, ffmpeg: Ffmpeg) -> None:
    clip, lut = tmp_path / "clip.mp4", tmp_path / "grade.cube"
    clip.write_bytes(clips.encode(map(to_planes, [view(), view(3)]), WIDTH, HEIGHT, 16))
    grade = Grade(APART, FLAT)
    lut.write_text(cube(grade), encoding="ascii")
    lines = lines_of(grade)
    assert lines is not None
    by_lines = await shown(clip, lines, tmp_path / "lines.mp4", ffmpeg)
    assert np.array_equal(by_lines, await shown(clip, lut, tmp_path / "lut.mp4", ffmpeg))
    assert not np.array_equal(by_lines, decode_rgb(clip))


def test_what_mixes_channels_or_bends_luma_is_no_line() -> None:
    assert lines_of(Grade(DRIFT, FLAT)) is None
    assert lines_of(Grade(IDENTITY, AT / 100)) is None
    assert lines_of(Grade(IDENTITY, FLAT)) == ((1, 0), (1, 0), (1, 0))
