"""The contact sheet's pictures, made as clips come."""

from __future__ import annotations

from pathlib import Path

from longtake.record import RunRecord, Stage
from longtake.rendering.run_page.thumbnails import Thumbnails
from tests.review.renders import draw, small_plan


async def test_each_clip_that_came_has_one_picture_and_none_is_made_twice(tmp_path: Path) -> None:
    plan = small_plan()
    run = RunRecord.of(plan, storyboard="film.yaml", folder=str(tmp_path))
    first, second, lost, *_ = plan.clips
    for number, clip in enumerate((first, second, lost)):
        name = f"clips/{number}.mp4"
        run.note(clip.id, stage=Stage.STORED, file=name)
        if clip is not lost:
            draw(tmp_path / name, clip.frame_count, number)
    thumbnails = Thumbnails(run)
    await thumbnails.make(1)
    assert list(thumbnails.made) == [], "the next clip is sent first"
    await thumbnails.make(1)
    assert list(thumbnails.made) == [first.id]
    picture = thumbnails.made[first.id]
    assert picture.startswith(b"\xff\xd8"), "a JPEG"
    await thumbnails.finish()
    assert list(thumbnails.made) == [first.id, second.id], "a file that is gone is no fault"
    assert thumbnails.made[first.id] is picture


async def test_once_no_clip_is_to_come_none_waits(tmp_path: Path) -> None:
    plan = small_plan()
    run = RunRecord.of(plan, storyboard="film.yaml", folder=str(tmp_path))
    for clip in plan.clips:
        run.note(clip.id, stage=Stage.FAILED)
    run.note(plan.clips[0].id, stage=Stage.STORED, file="clips/0.mp4")
    draw(tmp_path / "clips/0.mp4", plan.clips[0].frame_count, 0)
    thumbnails = Thumbnails(run)
    await thumbnails.make(5)
    assert list(thumbnails.made) == [plan.clips[0].id]
