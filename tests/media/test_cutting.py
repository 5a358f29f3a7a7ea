"""What did not change is cut out of the film before; words are drawn only where they are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from longtake.errors import MediaError
from longtake.media import Ffmpeg, FilmShape, Segment, Side, assemble, normalise
from longtake.media.cutting import cut_out
from longtake.media.film import CaptionTrack
from longtake.media.fonts import find_font
from longtake.media.lettering import Lettering, as_ass, as_srt
from longtake.media.packets import read_packets, read_tracks
from longtake.story import ShownWords

Draw = Callable[..., Path]
SIZE = FilmShape(192, 112, 16)


async def segment(clip: Path, into: Path, ffmpeg: Ffmpeg, first: int, **more: Any) -> Segment:
    count = more.pop("count", 7)
    await normalise(Side(clip, first), into, ffmpeg=ffmpeg, frame_count=count, shape=SIZE, **more)
    return Segment(into, count, read_packets(into))


async def test_a_piece_is_cut_out_of_a_film_and_joined_again_without_an_encode(
    ffmpeg: Ffmpeg, draw: Draw, tmp_path: Path, codes: Callable[[Path], list[int]]
) -> None:
    clip = draw()
    made = [
        await segment(clip, tmp_path / f"{first}.mp4", ffmpeg, first, count=count)
        for first, count in ((0, 7), (7, 1), (8, 9))
    ]
    film = await assemble(made, tmp_path / "film.mp4", ffmpeg=ffmpeg, fps=16)
    again = [
        cut_out(
            film.path,
            tmp_path / f"again-{first}.mp4",
            first_frame_index=first,
            digests=one.packets.digests if one.packets else (),
            fps=16,
        )
        for first, one in zip((0, 7, 8), made, strict=True)
    ]
    second = await assemble(again, tmp_path / "second.mp4", ffmpeg=ffmpeg, fps=16)
    assert codes(second.path) == list(range(17))
    assert read_packets(second.path).digests == read_packets(film.path).digests


async def test_a_piece_that_is_not_as_it_was_is_not_taken(
    ffmpeg: Ffmpeg, draw: Draw, tmp_path: Path
) -> None:
    one = await segment(draw(), tmp_path / "a.mp4", ffmpeg, 0)
    into = tmp_path / "b.mp4"
    with pytest.raises(MediaError, match="not as they were made"):
        cut_out(one.path, into, first_frame_index=0, digests=[b"12345678"] * 7, fps=16)
    assert not into.exists()


async def test_words_are_drawn_for_as_long_as_asked(
    ffmpeg: Ffmpeg, encode: Callable[..., Path], tmp_path: Path, pictures: Any
) -> None:
    clip = encode(tmp_path / "c.mp4", [np.full((112, 192, 3), 60, np.uint8)] * 16)
    line = ShownWords(begin_seconds=0.25, end_seconds=0.5, text="Hello {b} \\N there")
    drawn = Lettering((line,), 192, 112, find_font())
    one = await segment(clip, tmp_path / "s.mp4", ffmpeg, 0, count=16, lettering=drawn)
    bright = [int(picture.max()) > 180 for picture in pictures(one.path)]
    assert bright == [False] * 4 + [True] * 4 + [False] * 8


async def test_the_font_that_is_shipped_draws_too(
    ffmpeg: Ffmpeg,
    encode: Callable[..., Path],
    tmp_path: Path,
    pictures: Any,
) -> None:
    font = find_font(folders=())
    assert font.family.startswith("Aileron")
    clip = encode(tmp_path / "c.mp4", [np.full((112, 192, 3), 60, np.uint8)] * 4)
    drawn = Lettering((ShownWords(begin_seconds=0, end_seconds=1, text="Hello"),), 192, 112, font)
    one = await segment(clip, tmp_path / "s.mp4", ffmpeg, 0, count=4, lettering=drawn)
    assert all(picture.max() > 180 for picture in pictures(one.path))


async def test_captions_become_a_track_with_a_language(
    ffmpeg: Ffmpeg, draw: Draw, tmp_path: Path
) -> None:
    import av

    one = await segment(draw(), tmp_path / "a.mp4", ffmpeg, 0, count=16)
    words = tmp_path / "c.srt"
    lines = (ShownWords(begin_seconds=0.25, end_seconds=0.75, text="Grüße\nzwei"),)
    words.write_text(as_srt(lines), encoding="utf-8")
    film = await assemble(
        [replace(one)],
        tmp_path / "film.mp4",
        ffmpeg=ffmpeg,
        fps=16,
        captions=CaptionTrack(words, "deu"),
    )
    assert [track.kind for track in film.tracks] == ["subtitle"]
    with av.open(str(film.path)) as container:
        (track,) = container.streams.subtitles
        assert track.language == "deu"
        packets = [bytes(packet) for packet in container.demux(track) if packet.size > 2]
    assert b"Gr\xc3\xbc\xc3\x9fe\nzwei" in packets[0]
    assert read_tracks(film.path) == film.tracks


def test_no_text_can_become_a_command() -> None:
    text = as_ass(
        Lettering(
            (ShownWords(begin_seconds=0, end_seconds=1, text="{\\pos(0,0)}a"),), 8, 8, find_font()
        )
    )
    assert "{" not in text.split("[Events]")[1]
