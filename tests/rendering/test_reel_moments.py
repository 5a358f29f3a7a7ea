"""Which moments of a render its seam reel has, and from which files they are cut."""

from __future__ import annotations

from pathlib import Path

import pytest

from longtake.record import FilmRecord, RunRecord, Stage
from longtake.rendering.reel_moments import moments_of, shape_of
from longtake.story import SeamReading
from tests.rendering.taken import plan_of


@pytest.fixture
def record() -> RunRecord:
    """A finished film of two clips, without any file of it."""
    plan = plan_of("a boat", "it sails on")
    record = RunRecord.of(plan, storyboard="x", folder="x")
    for clip in record.clips.values():
        clip.stage = Stage.STORED
    seam = plan.seams[0]
    record.seams = [
        SeamReading(left=seam.left, right=seam.right, kind=seam.kind, frame_index=81, pair=None)
    ]
    record.film = FilmRecord(
        file="film.mp4",
        sha256="",
        size_bytes=1,
        frame_count=plan.frame_count,
        seconds=plan.seconds,
        fps=plan.fps,
        width=plan.width,
        height=plan.height,
    )
    return record


async def test_a_seam_is_shown_from_the_key_frame_before_it_until_half_a_second_after_it(
    record: RunRecord, tmp_path: Path
) -> None:
    (after,) = await moments_of(tmp_path, record, 16, frozenset())
    (stretch,) = after.part.stretches
    assert (stretch.path, stretch.first_frame_index, stretch.frame_count) == (
        tmp_path / "film.mp4",
        81 - 13,
        13 + 8,
    )
    assert after.frames_before == 13


async def test_without_a_film_and_without_segments_there_is_nothing_to_show(
    record: RunRecord, tmp_path: Path
) -> None:
    assert await moments_of(tmp_path, record, 16, frozenset({"film.mp4"})) == []
    record.film = None
    assert await shape_of(tmp_path, record, "bt601") is None


async def test_the_reel_has_the_films_shape(record: RunRecord, tmp_path: Path) -> None:
    shape = await shape_of(tmp_path, record, "bt601")
    assert shape is not None
    assert (shape.width, shape.height, shape.fps) == (832, 480, 16)
