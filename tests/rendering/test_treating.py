"""A clip's first frames are measured while the rest of it is decoded."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import anyio
import pytest

from longtake.errors import DamagedClip
from longtake.media import Handed, calibrate, find_ffmpeg, find_flash, inspect_clip, read_pair
from longtake.media.helpers import Helpers
from longtake.media.measure.deflash import WATCHED_FRAMES
from longtake.media.measure.keeping import Begun, Keeper, ToKeep
from longtake.media.measure.kept import ClipFile, Decoded, path_of
from longtake.media.measure.pixels import Picture, write_png
from longtake.media.shape import Matrix
from longtake.rendering.folder import RenderFolder
from longtake.rendering.media_work import MediaWork
from longtake.rendering.remembered_measures import MeasureTools
from longtake.rendering.takes import StoredTake
from longtake.rendering.treating import Treating
from longtake.rendering.urgency import WorkSlots
from longtake.story import PairReading
from longtake.story.continuity import Continuity
from tests.media.conftest import write_clip
from tests.media.test_colour import view
from tests.media.test_deflash import brighter
from tests.rendering.test_measuring import RIGHT, TAKES

KEPT = ToKeep(begin=True, last_frame_index=None, samples=False)


class Watched(MediaWork):
    """Says whether it compared a pair from a file's path, or from frames alone."""

    def __init__(self) -> None:
        super().__init__(find_ffmpeg(None), Helpers(0))
        self.paths: list[Path | None] = []
        self.begun = asyncio.Event()

    async def read_pair(
        self, sent: Picture, clip: ClipFile, *, untagged_matrix: Matrix
    ) -> PairReading:
        kept = isinstance(clip, Decoded) and clip.begin
        self.paths.append(None if kept else path_of(clip))
        self.begun.set()
        return await super().read_pair(sent, clip, untagged_matrix=untagged_matrix)


class Busy(Helpers):
    """The one that stands back never comes to it."""

    async def stand_back(self, work: Any, /, *args: Any) -> Any:
        await asyncio.Event().wait()


@pytest.fixture
def media() -> Watched:
    return Watched()


@pytest.fixture
def folder(tmp_path: Path) -> RenderFolder:
    return RenderFolder(tmp_path, tmp_path)


def take_of(colour: str = "paired") -> StoredTake:
    continuity = Continuity.model_validate({"colour": colour})
    return TAKES[1]._replace(clip=RIGHT.model_copy(update={"continuity": continuity}))


@pytest.fixture
def unchecked(folder: RenderFolder, tmp_path: Path) -> Path:
    """A clip that flares up, and what it was started from."""
    write_png(view(), folder.image(RIGHT, "start"))
    levels = [18 * max(1 - index / 9, 0) for index in range(WATCHED_FRAMES + 6)]
    frames = [brighter(view(2 * index), one) for index, one in enumerate(levels)]
    return write_clip(tmp_path / "unchecked.mp4", frames)


@pytest.fixture
def treating(media: Watched, folder: RenderFolder) -> Treating:
    return Treating(MeasureTools(folder, media, WorkSlots(2)), "bt601")


async def decoded(media: MediaWork, clip: Path, begun: Begun | None) -> Decoded:
    keeper = Keeper(KEPT, "bt601", begun)
    await inspect_clip(clip, ffmpeg=media.ffmpeg, each=keeper.add)
    return keeper.kept(clip)


async def test_what_was_measured_on_the_way_is_what_the_whole_clip_tells(
    treating: Treating, media: Watched, folder: RenderFolder, unchecked: Path
) -> None:
    take = take_of()
    with treating.ahead(take, None, unchecked) as begun:
        await decoded(media, unchecked, begun)
    await anyio.Path(unchecked).rename(folder.clip(take))
    found = await treating.treatment(take, None)
    sent, came = folder.image(RIGHT, "start"), folder.clip(take)
    assert media.paths == [None], "once, of the frames that had come"
    assert found.flash == await find_flash(sent, came)
    assert found.flash is not None
    assert found.flash.applied
    assert found.calibration == await calibrate(sent, came, flash=found.flash)
    assert found.pair == await read_pair(sent, came)


async def test_it_begins_before_all_frames_have_come(
    treating: Treating, media: Watched, unchecked: Path
) -> None:
    with treating.ahead(take_of(), None, unchecked) as begun:
        assert begun is not None
        frames = (await decoded(media, unchecked, None)).begin
        begun(Decoded(Path(), "bt601", 2, (832, 480), frames))
        await media.begun.wait()


async def test_what_two_frames_tell_does_not_wait_for_those_in_which_light_is_followed(
    treating: Treating, media: Watched, folder: RenderFolder, unchecked: Path
) -> None:
    take = take_of()
    with treating.ahead(take, None, unchecked) as begun:
        assert begun is not None
        kept = await decoded(media, unchecked, None)
        begun(kept)
        await media.begun.wait()
        begun(kept)
    await anyio.Path(unchecked).rename(folder.clip(take))
    found = await treating.treatment(take, None)
    assert media.paths == [None]
    assert found.flash == await find_flash(folder.image(RIGHT, "start"), folder.clip(take))


async def test_a_clip_that_turns_out_damaged_leaves_nothing_behind(
    treating: Treating, media: Watched, folder: RenderFolder, unchecked: Path
) -> None:
    take = take_of()

    async def fails(begun: Begun | None) -> None:
        await decoded(media, unchecked, begun)
        raise DamagedClip("its end is missing")

    with pytest.raises(DamagedClip), treating.ahead(take, None, unchecked) as begun:
        await fails(begun)
    await anyio.Path(unchecked).rename(folder.clip(take))
    await treating.treatment(take, None)
    assert media.paths[-1] == folder.clip(take), "measured on the file that was fetched again"


@pytest.mark.parametrize("count", [2, WATCHED_FRAMES - 1])
async def test_a_clip_that_ends_before_is_measured_when_it_is_there(
    treating: Treating, media: Watched, folder: RenderFolder, unchecked: Path, count: int
) -> None:
    take = take_of()
    short = write_clip(unchecked, [view(2 * index) for index in range(count)])
    with treating.ahead(take, None, short) as begun:
        await decoded(media, short, begun)
    await anyio.Path(short).rename(folder.clip(take))
    found = await treating.treatment(take, None)
    assert media.paths[-1] == folder.clip(take), "whatever was measured of its first two frames"
    assert found.flash == await find_flash(folder.image(RIGHT, "start"), folder.clip(take))


async def test_a_clip_whose_file_has_gone_meanwhile_is_looked_at_under_its_name(
    treating: Treating, media: Watched, folder: RenderFolder, unchecked: Path
) -> None:
    take = take_of()
    there = write_clip(folder.clip(take), [view(2 * index) for index in range(WATCHED_FRAMES)])
    with treating.ahead(take, None, unchecked.with_name("gone.mp4")) as begun:
        await decoded(media, there, begun)
    found = await treating.treatment(take, None)
    assert found.pair == await read_pair(folder.image(RIGHT, "start"), there)


@pytest.fixture
def before(folder: RenderFolder) -> Handed:
    """A clip that grew brighter by the frame, up to the one that was handed over."""
    frames = [brighter(view(2 * (20 - index)), 0.6 * index - 12) for index in range(21)]
    return Handed(write_clip(folder.root / "before.mp4", frames), 20)


async def test_how_light_went_before_is_seen_while_the_service_is_at_work(
    treating: Treating, folder: RenderFolder, unchecked: Path, before: Handed
) -> None:
    sent = folder.image(RIGHT, "start")
    expected = await find_flash(sent, unchecked, handed=before)
    assert expected != await find_flash(sent, unchecked)
    await treating.look_back(RIGHT, "b" * 64, before)
    await anyio.Path(path_of(before.clip)).unlink()
    looked_back = treating.looked_back("b" * 64, before)
    assert await find_flash(sent, unchecked, handed=looked_back) == expected
    assert treating.looked_back("c" * 64, before) == before, "another take, in the same file"


async def test_a_clip_does_not_wait_until_that_has_been_seen(
    folder: RenderFolder, unchecked: Path, before: Handed
) -> None:
    media = Watched()
    media.helpers = Busy(0)
    treating = Treating(MeasureTools(folder, media, WorkSlots(2)), "bt601")
    looking = treating.look_back(RIGHT, "b" * 64, before)
    assert treating.looked_back("b" * 64, before) == before
    expected = await find_flash(folder.image(RIGHT, "start"), unchecked, handed=before)
    await anyio.Path(unchecked).rename(folder.clip(take_of()))
    assert (await treating.treatment(take_of(), before)).flash == expected
    assert not looking.done()
    await treating.drop()
    assert looking.cancelled()


async def test_a_drift_that_is_followed_inside_waits_for_the_whole_clip(
    treating: Treating, unchecked: Path
) -> None:
    with treating.ahead(take_of("tracked"), None, unchecked) as begun:
        assert begun is None
