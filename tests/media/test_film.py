"""The film is exactly the sum of its segments."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st

from longtake.errors import DamagedClip, MediaError
from longtake.media import (
    Chapter,
    Ffmpeg,
    FilmShape,
    Segment,
    Side,
    assemble,
    inspect_clip,
    normalise,
)
from longtake.media.film import film_texts, join_list

Draw = Callable[..., Path]
Codes = Callable[[Path], list[int]]

HARD = "a=b;c#d\\e\n[CHAPTER]\nf\u00fc\u65e5\U0001f3ac '\"%{x}"


@pytest.fixture
def segment(draw: Draw, tmp_path: Path, ffmpeg: Ffmpeg) -> Callable[..., Any]:
    """Make a segment of the frames first … first + frame_count - 1 of a fresh clip."""

    async def make_segment(name: str, first: int, frame_count: int, fps: int = 16) -> Segment:
        path = tmp_path / name
        await normalise(
            Side(draw(), first),
            path,
            ffmpeg=ffmpeg,
            frame_count=frame_count,
            shape=FilmShape(192, 112, fps),
        )
        return Segment(path, frame_count)

    return make_segment


def times(film: Path) -> list[Fraction]:
    with av.open(str(film)) as container:
        return [
            frame.pts * Fraction(frame.time_base)
            for frame in container.decode(video=0)
            if frame.pts is not None
        ]


@pytest.mark.parametrize(
    "fps", [7, *(pytest.param(each, marks=pytest.mark.slow) for each in (16, 24))]
)
async def test_a_film_has_every_frame_once_in_order_and_evenly(
    segment: Callable[..., Any], ffmpeg: Ffmpeg, tmp_path: Path, codes: Codes, fps: int
) -> None:
    shares = [(0, 21), (1, 20), (1, 1), (3, 13), (0, 2)]
    segments = [await segment(f"{at}.mp4", *share, fps) for at, share in enumerate(shares)]
    facts = await assemble(segments, tmp_path / "film.mp4", ffmpeg=ffmpeg, fps=fps)
    wanted = [index for first, count in shares for index in range(first, first + count)]
    assert codes(facts.path) == wanted
    assert times(facts.path) == [Fraction(index, fps) for index in range(57)]
    assert (facts.frame_count, facts.width, facts.height) == (57, 192, 112)
    assert facts.seconds == pytest.approx(57 / fps)
    assert facts.size_bytes == facts.path.stat().st_size


async def test_one_segment_alone_is_a_film(
    segment: Callable[..., Any], ffmpeg: Ffmpeg, tmp_path: Path, codes: Codes
) -> None:
    facts = await assemble(
        [await segment("s.mp4", 0, 21)], tmp_path / "film.mp4", ffmpeg=ffmpeg, fps=16
    )
    assert codes(facts.path) == list(range(21))


async def test_a_film_starts_playing_at_once_and_keeps_its_tags(
    segment: Callable[..., Any], ffmpeg: Ffmpeg, tmp_path: Path
) -> None:
    segments = [await segment("a.mp4", 0, 5), await segment("b.mp4", 1, 5)]
    film = (await assemble(segments, tmp_path / "film.mp4", ffmpeg=ffmpeg, fps=16)).path
    content = film.read_bytes()
    assert content.index(b"moov") < content.index(b"mdat")
    found = await inspect_clip(film, ffmpeg=ffmpeg)
    tags = (found.color_matrix, found.color_primaries, found.color_transfer, found.color_range)
    assert tags == ("bt709", "bt709", "bt709", "tv")


async def test_chapters_and_texts_can_be_read_back(
    segment: Callable[..., Any], ffmpeg: Ffmpeg, tmp_path: Path
) -> None:
    segments = [await segment("a.mp4", 0, 16), await segment("b.mp4", 0, 8)]
    chapters = [Chapter(HARD, 0, 16), Chapter("two " + "\u00fc" * 200, 16, 8)]
    facts = await assemble(
        segments,
        tmp_path / "film.mp4",
        ffmpeg=ffmpeg,
        fps=16,
        chapters=chapters,
        title=HARD,
        comment='{"seed": 42, "note": "a\nb"}',
    )
    with av.open(str(facts.path)) as container:
        found = container.chapters()
        texts = dict(container.metadata)
    assert texts["title"] == HARD
    assert texts["comment"] == '{"seed": 42, "note": "a\nb"}'
    assert [mark["metadata"]["title"] for mark in found] == [HARD, "two " + "\u00fc" * 125]
    assert [float(mark["start"] * mark["time_base"]) for mark in found] == [0.0, 1.0]
    assert float(found[1]["end"] * found[1]["time_base"]) == 1.5


async def test_odd_paths_are_only_paths(
    segment: Callable[..., Any], ffmpeg: Ffmpeg, tmp_path: Path, codes: Codes
) -> None:
    odd = "it's a \u00fcber folder %d # \\"
    segments = [await segment(f"{odd}/a '1'.mp4", 0, 3), await segment(f"{odd}/-b.mp4", 3, 3)]
    facts = await assemble(segments, tmp_path / odd / "fi'lm %d.mp4", ffmpeg=ffmpeg, fps=16)
    assert codes(facts.path) == list(range(6))


async def test_a_segment_that_is_not_as_told_is_named(
    segment: Callable[..., Any], ffmpeg: Ffmpeg, tmp_path: Path, draw: Draw
) -> None:
    whole = await segment("a.mp4", 0, 10)
    into = tmp_path / "out" / "film.mp4"
    with pytest.raises(MediaError, match=r"a\.mp4 has 10 frames instead of 11; normalise"):
        await assemble([whole, Segment(whole.path, 11)], into, ffmpeg=ffmpeg, fps=16)
    large = Segment(draw("large.mp4", width=320), 21)
    with pytest.raises(MediaError, match=r"large\.mp4 is 320x112, the film is 192x112"):
        await assemble([whole, large], into, ffmpeg=ffmpeg, fps=16)
    assert not into.parent.exists()


async def test_a_film_that_lost_frames_in_the_join_is_refused(
    segment: Callable[..., Any], ffmpeg: Ffmpeg, tmp_path: Path
) -> None:
    segments = [await segment("a.mp4", 0, 10), await segment("b.mp4", 0, 10)]
    into = tmp_path / "out" / "film.mp4"
    # It forgets the second file, as ffmpeg does with code 0 when it cannot open one.
    forgetful = tmp_path / "ffmpeg"
    forgetful.write_text(
        '#!/bin/sh\nfor each in "$@"; do case "$each" in *.ffconcat)\n'
        f"sed -i '/b\\.mp4/,$d' \"${{each#file:}}\";; esac; done\nexec '{ffmpeg.path}' \"$@\"\n"
    )
    forgetful.chmod(0o755)
    with pytest.raises(MediaError, match=r"film\.mp4 would have 10 frames instead of 20"):
        await assemble(segments, into, ffmpeg=replace(ffmpeg, path=str(forgetful)), fps=16)
    assert list(into.parent.iterdir()) == []


async def test_segments_of_another_rate_are_noticed(
    segment: Callable[..., Any], ffmpeg: Ffmpeg, tmp_path: Path
) -> None:
    segments = [await segment("a.mp4", 0, 10), await segment("b.mp4", 0, 10, 24)]
    with pytest.raises(MediaError, match="would not run evenly"):
        await assemble(segments, tmp_path / "film.mp4", ffmpeg=ffmpeg, fps=16)


async def test_a_segment_cannot_lead_to_another_file(
    segment: Callable[..., Any], ffmpeg: Ffmpeg, tmp_path: Path
) -> None:
    good = await segment("a.mp4", 0, 10)
    (tmp_path / "b.mp4").write_bytes(b"ffconcat version 1.0\nfile a.mp4\n")
    with pytest.raises(DamagedClip, match=r"b\.mp4 cannot be read"):
        await assemble(
            [good, Segment(tmp_path / "b.mp4", 10)], tmp_path / "f.mp4", ffmpeg=ffmpeg, fps=16
        )


async def test_a_segment_that_broke_since_stops_the_assembly_and_leaves_nothing(
    segment: Callable[..., Any], ffmpeg: Ffmpeg, tmp_path: Path
) -> None:
    broken = await segment("a.mp4", 0, 10)
    content = bytearray(broken.path.read_bytes())
    end = content.index(b"moov") - 4  # the last frames are small: their lengths are hit
    content[end - 300 : end] = b"\xff" * 300
    broken.path.write_bytes(content)
    into = tmp_path / "out" / "film.mp4"
    with pytest.raises(MediaError, match="ffmpeg ended with code"):
        await assemble([broken], into, ffmpeg=ffmpeg, fps=16)
    assert list(into.parent.iterdir()) == []


async def test_a_film_needs_a_segment(ffmpeg: Ffmpeg, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="at least one segment"):
        await assemble([], tmp_path / "film.mp4", ffmpeg=ffmpeg, fps=16)


def test_durations_in_the_list_are_the_counted_frames() -> None:
    listed = join_list([Segment(Path("/a/it's.mp4"), 81), Segment(Path("/b.mp4"), 80)], fps=16)
    assert listed.decode().splitlines() == [
        "ffconcat version 1.0",
        "file '/a/it'\\''s.mp4'",
        "duration 5.062500",
        "file '/b.mp4'",
        "duration 5.000000",
    ]


def test_a_line_break_in_a_path_is_refused() -> None:
    with pytest.raises(MediaError, match="line break"):
        join_list([Segment(Path("/a\nfile /etc/passwd"), 1)], fps=16)


@given(st.text(alphabet=st.sampled_from("ab=;#\\\n\r[]")))
def test_no_text_can_open_a_section_of_its_own(text: str) -> None:
    """Every line break inside a text is escaped, so that the reader does not see a new line."""
    written = film_texts(text, "", [], fps=16)
    assert written.replace("\\\\", "").replace("\\\n", "").count("\n") == 3
