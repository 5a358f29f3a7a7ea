"""The seam reel: the very frames around a seam, and nothing else."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from longtake.errors import MediaError
from longtake.media import Ffmpeg, FilmShape, Segment, Side, assemble, normalise
from longtake.media.packets import read_packets
from longtake.media.reel import (
    Piece,
    ReelPart,
    Stretch,
    captions_of,
    cut_part,
    join_reel,
)

Draw = Callable[..., Path]
Codes = Callable[[Path], list[int]]
Pictures = Callable[[Path], list[np.ndarray]]

WIDTH, HEIGHT = 192, 112


@pytest.fixture
def film(draw: Draw, tmp_path: Path, ffmpeg: Ffmpeg) -> Callable[..., Any]:
    """Make a film of two segments: the frames 0 … 20 of a clip, and once more 1 … 20."""

    async def make_film(fps: int = 16) -> Path:
        segments = []
        for skip, count in ((0, 21), (1, 20)):
            segment = tmp_path / f"{skip}.mp4"
            await normalise(
                Side(draw(), skip),
                segment,
                ffmpeg=ffmpeg,
                frame_count=count,
                shape=FilmShape(WIDTH, HEIGHT, fps),
            )
            segments.append(Segment(segment, count))
        into = tmp_path / "film.mp4"
        await assemble(segments, into, ffmpeg=ffmpeg, fps=fps)
        return into

    return make_film


def decoded(jpeg: bytes) -> np.ndarray:
    with av.open(io.BytesIO(jpeg), format="jpeg_pipe") as container:
        (frame,) = container.decode(video=0)
        picture: np.ndarray = frame.to_ndarray(format="rgb24")
    return picture


@pytest.mark.parametrize(
    "fps", [7, *(pytest.param(each, marks=pytest.mark.slow) for each in (16, 24))]
)
async def test_a_stretch_has_exactly_its_frames_wherever_it_begins(
    film: Callable[..., Any], ffmpeg: Ffmpeg, tmp_path: Path, codes: Codes, fps: int
) -> None:
    whole = await film(fps)
    # Within a segment, before and at the key frame where the next begins, and at the film's end.
    stretches = tuple(Stretch(whole, first, 8) for first in (0, 1, 13, 20, 21, 22, 33))
    part = ReelPart("seam", stretches)
    shape = FilmShape(WIDTH, HEIGHT, fps)
    piece = await cut_part(part, tmp_path / "cut", ffmpeg=ffmpeg, shape=shape)
    shown = codes(whole)
    for stretch, segment in zip(stretches, piece.segments, strict=True):
        first = stretch.first_frame_index
        assert codes(segment.path) == shown[first : first + 8]


async def test_what_begins_with_a_key_frame_is_copied_and_a_segment_ends_with_such_a_part(
    film: Callable[..., Any], ffmpeg: Ffmpeg, tmp_path: Path
) -> None:
    whole = await film()
    beginnings = (0, 8, 21, 28)  # of both segments, and the last thirteen frames of each
    part = ReelPart("seam", tuple(Stretch(whole, first, 8) for first in beginnings))
    shape = FilmShape(WIDTH, HEIGHT, 16)
    piece = await cut_part(part, tmp_path / "cut", ffmpeg=ffmpeg, shape=shape)
    digests = read_packets(whole).digests
    for first, segment in zip(beginnings, piece.segments, strict=True):
        assert read_packets(segment.path).digests == digests[first : first + 8]


async def test_the_pictures_are_the_frames_that_meet_and_keep_their_colours(
    film: Callable[..., Any], ffmpeg: Ffmpeg, tmp_path: Path, pictures: Pictures
) -> None:
    whole = await film()
    part = ReelPart("seam", (Stretch(whole, 13, 16, pictures=(7, 8)),))
    piece = await cut_part(
        part, tmp_path / "cut", ffmpeg=ffmpeg, shape=FilmShape(WIDTH, HEIGHT, 16)
    )
    frames = pictures(whole)
    for jpeg, frame in zip(piece.jpegs, frames[20:22], strict=True):
        difference = decoded(jpeg).astype(float) - frame
        # ffmpeg 9.0 itself turns green by up to two levels on the way to JPEG, both frames alike.
        assert abs(difference.mean(axis=(0, 1))).max() < 2.5
        assert abs(difference).mean() < 4


async def test_a_clip_as_it_came_is_brought_into_the_films_shape(
    film: Callable[..., Any], ffmpeg: Ffmpeg, tmp_path: Path, draw: Draw, codes: Codes
) -> None:
    whole = await film()
    larger = draw("larger.mp4", width=384, height=224)
    part = ReelPart("seam", (Stretch(whole, 13, 8), Stretch(larger, 1, 8, as_it_came=True)))
    shape = FilmShape(WIDTH, HEIGHT, 16)
    piece = await cut_part(part, tmp_path / "cut", ffmpeg=ffmpeg, shape=shape)
    reel = await join_reel([piece], tmp_path / "reel.mp4", ffmpeg=ffmpeg, shape=shape)
    assert codes(reel)[:8] == list(range(13, 21))
    shown = ReelPart("again", (Stretch(whole, 13, 8), Stretch(whole, 21, 8, pictures=(0,))))
    again = await cut_part(shown, tmp_path / "again", ffmpeg=ffmpeg, shape=shape, known=piece.cut)
    assert again.segments[0] is piece.segments[0]  # what was encoded for one part serves another
    assert len(again.jpegs) == 1
    with av.open(str(reel)) as container:
        stream = container.streams.video[0]
        assert (stream.width, stream.height, stream.frames) == (WIDTH, HEIGHT, 16)


async def test_the_reel_has_a_chapter_and_a_caption_for_each_part(
    film: Callable[..., Any], ffmpeg: Ffmpeg, tmp_path: Path
) -> None:
    whole = await film()
    shape = FilmShape(WIDTH, HEIGHT, 16)
    pieces: list[Piece] = []
    for at, caption in enumerate(("a → b", "b → c")):
        part = ReelPart(caption, (Stretch(whole, 13 + at, 16),))
        pieces.append(await cut_part(part, tmp_path / str(at), ffmpeg=ffmpeg, shape=shape))
    reel = await join_reel(pieces, tmp_path / "reel.mp4", ffmpeg=ffmpeg, shape=shape, title="t")
    with av.open(str(reel)) as container:
        chapters = [
            (chapter["metadata"]["title"], float(chapter["start"] * chapter["time_base"]))
            for chapter in container.chapters()
        ]
    assert chapters == [("a → b", 0.0), ("b → c", 1.0)]
    cues = (tmp_path / "reel.vtt").read_text(encoding="utf-8")
    assert "00:00:01.000 --> 00:00:02.000 line:90%\nb → c\n" in cues


async def test_a_stretch_beyond_the_end_is_refused(
    film: Callable[..., Any], ffmpeg: Ffmpeg, tmp_path: Path
) -> None:
    whole = await film()
    part = ReelPart("seam", (Stretch(whole, 36, 8),))
    with pytest.raises(MediaError, match=r"film\.mp4 has no frame 43"):
        await cut_part(part, tmp_path / "cut", ffmpeg=ffmpeg, shape=FilmShape(WIDTH, HEIGHT, 16))


def test_a_caption_stays_one_line_of_text_whatever_it_holds() -> None:
    part = ReelPart("a\n\n00:00:00.000 --> <b>b</b> & c", (Stretch(Path("x"), 0, 8),))
    lines = captions_of([part], fps=16).splitlines()
    assert lines[2] == "00:00:00.000 --> 00:00:00.500 line:90%"
    assert lines[3] == "a 00:00:00.000 --&gt; &lt;b&gt;b&lt;/b&gt; &amp; c"


def test_the_clock_of_captions_carries_over() -> None:
    parts = [ReelPart(str(at), (Stretch(Path("x"), 0, 16 * 1830),)) for at in range(2)]
    assert "01:01:00.000" in captions_of(parts, fps=16)
