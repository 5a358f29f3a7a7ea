"""Looking at clips: each measure is taken once, and without an eye only recalled."""

from __future__ import annotations

from pathlib import Path

import pytest

from longtake.ledger import Ledger
from longtake.media import calibrate, find_ffmpeg, find_flash, read_pair
from longtake.media.helpers import Helpers
from longtake.media.measure.pixels import write_png
from longtake.rendering.folder import RenderFolder
from longtake.rendering.measure_cache import SplicePoint, reading_of, splice_of, tail_of
from longtake.rendering.measuring import Measuring
from longtake.rendering.media_work import MediaWork
from longtake.rendering.remembered_measures import MeasureTools
from longtake.rendering.scored import repeats_handover
from longtake.rendering.takes import Images, StoredTake
from longtake.rendering.urgency import WorkSlots
from longtake.story import ClipReading, PairReading
from longtake.story.continuity import Continuity
from tests.media.conftest import write_clip
from tests.media.test_colour import view
from tests.media.test_deflash import brighter
from tests.rendering.taken import NO_IMAGES, plan_of

SHOT = {"prompt": "a boat", "seconds": 9, "handover": "best"}
LEFT, RIGHT = plan_of(SHOT).clips
TAKES = (StoredTake("a" * 64, "f1", LEFT, 1), StoredTake("b" * 64, "f2", RIGHT, 1))


@pytest.fixture
def measuring(ledger: Ledger) -> Measuring:
    """Nobody looks."""
    return Measuring(ledger, "bt601")


async def test_where_nobody_looked_a_clip_hands_over_at_its_last_frame(
    measuring: Measuring, ledger: Ledger
) -> None:
    last = LEFT.last_kept_frame_index
    assert await measuring.handover_frame(TAKES[0]) == last
    assert await measuring.splice(*TAKES) is None
    assert await measuring.treatment(TAKES[1], NO_IMAGES, TAKES[0]) is None
    tail = tail_of("a" * 64, last, LEFT.handle_frame_count, "bt601")
    seam = splice_of("a" * 64, "b" * 64, last, LEFT.handle_frame_count)
    for subject, point in (
        (tail, SplicePoint(left_frame_index=last - 3)),
        (seam, SplicePoint(left_frame_index=last - 2, right_frame_index=4)),
    ):
        await ledger.remember_measure(subject, point.model_dump_json())
    assert await measuring.handover_frame(TAKES[0]) == last - 3
    found = await measuring.splice(*TAKES)
    assert found is not None
    assert (found.left_frame_index, found.right_frame_index) == (last - 2, 4)


async def test_a_reading_that_was_never_taken_cannot_be_recalled(measuring: Measuring) -> None:
    with pytest.raises(ValueError, match="only a render can take"):
        await measuring.reading(TAKES[0])


@pytest.mark.parametrize("peak", [18.0, 0.0], ids=["a flash", "no flash"])
async def test_colours_are_fitted_on_a_first_frame_without_its_flash(
    ledger: Ledger, tmp_path: Path, peak: float
) -> None:
    folder = RenderFolder(tmp_path, tmp_path)
    take = TAKES[1]._replace(clip=RIGHT.model_copy(update={"continuity": Continuity()}))
    tools = MeasureTools(folder, MediaWork(find_ffmpeg(None), Helpers(0)), WorkSlots(2))
    sent, came = folder.image(RIGHT, "start"), folder.clip(take)
    write_png(view(), sent)
    levels = [peak * max(1 - index / 9, 0) for index in range(26)]
    write_clip(came, [brighter(view(2 * index), one) for index, one in enumerate(levels)])
    found = await Measuring(ledger, "bt601", tools).treatment(take, Images("s" * 64), None)
    assert found is not None
    assert found.flash is not None
    assert found.flash.applied is (peak > 0)
    assert found.flash == await find_flash(sent, came)
    assert found.calibration == await calibrate(sent, came, flash=found.flash)
    assert found.pair == await read_pair(sent, came)


@pytest.mark.parametrize(("repeats", "moved"), [(True, False), (False, False), (True, True)])
def test_a_frame_repeats_the_one_handed_over_where_it_was_measured_and_not_moved(
    repeats: bool, moved: bool
) -> None:
    pair = PairReading.model_construct(repeats=repeats)
    left = LEFT.model_copy(update={"kept_frame_count": LEFT.kept_frame_count - int(moved)})
    assert repeats_handover(left, RIGHT, pair) is (repeats and not moved)
    assert not repeats_handover(left, RIGHT, None)


def test_readings_of_other_files_and_colours_are_others(tmp_path: Path) -> None:
    names = {reading_of(sha256, matrix) for sha256 in "ab" for matrix in ("bt601", "bt709")}
    assert len(names) == 4
    assert ClipReading.model_fields
