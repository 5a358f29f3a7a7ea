"""Every frame of every kind of file is the one that was asked for; damaged files are refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from longtake.errors import DamagedClip, MediaError
from longtake.media import Ffmpeg, inspect_clip
from longtake.media.binary import find_every_ffmpeg
from longtake.media.frames import extract_frame
from longtake.media.measure.pixels import iterate_luma, read_png
from longtake.media.measure.samples import sample_clip
from tests.media.corpus.build import DAMAGED, GOOD, QUICK, Builder, Sample
from tests.media.corpus.pictures import read_index

Of = Callable[[str], Sample]


def sorted_by_speed(names: dict[str, object]) -> list[object]:
    return [name if name in QUICK else pytest.param(name, marks=pytest.mark.slow) for name in names]


@pytest.fixture(scope="session")
def sample_of(tmp_path_factory: pytest.TempPathFactory) -> Of:
    """A file of the corpus by its name, made once."""
    builder = Builder(tmp_path_factory.mktemp("corpus"), find_every_ffmpeg()[0].path)
    made: dict[str, Sample] = {}

    def sample(name: str) -> Sample:
        if name not in made:
            (made[name],) = builder.build((name,))
        return made[name]

    return sample


@pytest.mark.thorough
@pytest.mark.parametrize("name", sorted_by_speed(dict(GOOD)))
async def test_the_last_frame_and_any_other_is_exactly_that_frame(
    name: str, sample_of: Of, ffmpeg: Ffmpeg, tmp_path: Path
) -> None:
    sample = sample_of(name)
    facts = await inspect_clip(sample.path, ffmpeg=ffmpeg)
    assert facts.frame_count == len(sample.shown)
    last = facts.frame_count - 1
    for index in sorted({0, last // 2, last}):
        into = tmp_path / f"{index}.png"
        taken = await extract_frame(sample.path, index, into, ffmpeg=ffmpeg)
        assert read_index(read_png(taken)) == sample.shown[index]


@pytest.mark.parametrize("name", sorted_by_speed(dict(GOOD)))
async def test_there_is_no_frame_behind_the_last_one(
    name: str, sample_of: Of, ffmpeg: Ffmpeg, tmp_path: Path
) -> None:
    sample = sample_of(name)
    with pytest.raises(DamagedClip, match=f"has no frame {len(sample.shown)}"):
        await extract_frame(sample.path, len(sample.shown), tmp_path / "x.png", ffmpeg=ffmpeg)


@pytest.mark.parametrize("name", sorted_by_speed(dict(DAMAGED)))
async def test_a_damaged_file_gives_an_error_and_never_an_earlier_frame(
    name: str, sample_of: Of, ffmpeg: Ffmpeg, tmp_path: Path
) -> None:
    sample, into = sample_of(name), tmp_path / "x.png"
    with pytest.raises(DamagedClip):
        await inspect_clip(sample.path, ffmpeg=ffmpeg)
    with pytest.raises(MediaError):
        await extract_frame(sample.path, 32, into, ffmpeg=ffmpeg)
    assert not into.exists()


@pytest.mark.parametrize("name", sorted_by_speed(dict(GOOD)))
def test_readings_are_made_of_the_same_frames(name: str, sample_of: Of) -> None:
    sample = sample_of(name)
    samples = sample_clip(sample.path)
    assert [read_index(picture) for picture in samples.rgb] == list(sample.shown)
    assert len(list(iterate_luma(sample.path))) == len(sample.shown)
