"""A film's own tables say what libav says of it; of what is not plain they say nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av

from longtake.errors import DamagedClip
from longtake.media import Chapter, Ffmpeg, FilmShape, Segment, Side, assemble, normalise
from longtake.media.film import CaptionTrack
from longtake.media.lettering import as_srt
from longtake.media.mixing import PlacedSound
from longtake.media.packets import read_packets, read_tracks
from longtake.media.sound import make_sound
from longtake.media.tables import tables_of
from longtake.story import ShownWords, SoundCue
from tests.media.sounds import tone, write_sound

Draw = Callable[..., Path]


async def film_of(ffmpeg: Ffmpeg, draw: Draw, tmp_path: Path) -> Path:
    """Seventeen frames with sound, captions and chapters."""
    one = tmp_path / "one.mp4"
    size = FilmShape(192, 112, 16)
    await normalise(Side(draw(), 0), one, ffmpeg=ffmpeg, frame_count=17, shape=size)
    cue = SoundCue(kind="music", file="m.wav", begin_seconds=0, seconds=1)
    placed = PlacedSound(cue, write_sound(tmp_path / "m.wav", tone(2)))
    sound = tmp_path / "s.m4a"
    await make_sound([placed], sound, ffmpeg=ffmpeg, frame_count=34, fps=16)
    words = tmp_path / "c.srt"
    line = ShownWords(begin_seconds=0.25, end_seconds=0.5, text="Hello")
    words.write_text(as_srt([line]), encoding="utf-8")
    made = await assemble(
        [Segment(one, 17), Segment(one, 17)],
        tmp_path / "film.mp4",
        ffmpeg=ffmpeg,
        fps=16,
        chapters=[Chapter("One", 0, 17), Chapter("Two", 17, 17)],
        sound=sound,
        captions=CaptionTrack(words),
    )
    return made.path


def demuxed(path: Path) -> dict[str, list[tuple[bytes, Fraction]]]:
    """Every packet and its time, by libav."""
    found: dict[str, list[tuple[bytes, Fraction]]] = {}
    with av.open(str(path)) as container:
        for one in container.demux():
            if one.size and one.pts is not None and one.stream.type != "data":
                at = one.pts * (one.time_base or Fraction(1))
                found.setdefault(one.stream.type, []).append((bytes(one), at))
    return found


async def test_packets_and_times_are_those_of_libav(
    ffmpeg: Ffmpeg, draw: Draw, tmp_path: Path
) -> None:
    film = await film_of(ffmpeg, draw, tmp_path)
    tables = tables_of(film)
    assert tables is not None
    with film.open("rb") as file:
        found = {table.kind: list(table.packets(file)) for table in tables}
    there = demuxed(film)
    assert {kind: [one for one, _ in packets] for kind, packets in there.items()} == found
    shown = {table.kind: [at * table.tick for at in table.shown.tolist()] for table in tables}
    assert [at for _, at in there["video"]] == shown["video"]
    sums = {
        kind: (hashlib.sha256(b"".join(one for one, _ in packets)).hexdigest(), len(packets))
        for kind, packets in there.items()
        if kind != "video"
    }
    assert sums == {track.kind: (track.digest, track.packets) for track in read_tracks(film)}
    assert not read_packets(film).uneven(16)
    assert read_packets(film).uneven(24)


async def test_what_an_edit_list_cuts_off_is_not_plain_and_is_not_shown(
    ffmpeg: Ffmpeg, draw: Draw, tmp_path: Path
) -> None:
    """Two frames at the beginning: the edit begins at the third."""
    film = await film_of(ffmpeg, draw, tmp_path)
    content = bytearray(film.read_bytes())
    at = content.index(b"elst") + 16
    assert int.from_bytes(content[at : at + 4], "big") == 0
    content[at : at + 4] = (2 * 1024).to_bytes(4, "big")
    film.write_bytes(content)
    assert tables_of(film) is None
    read = read_packets(film)
    assert len(read.digests) == 34
    assert read.shown[:2] == (None, None)
    assert read.uneven(16)


async def test_no_damage_to_the_tables_ends_in_anything_but_a_word_about_it(
    ffmpeg: Ffmpeg, draw: Draw, tmp_path: Path
) -> None:
    film = await film_of(ffmpeg, draw, tmp_path)
    whole = film.read_bytes()
    begin = whole.index(b"moov")
    intact = read_packets(film).digests
    for at in range(begin, begin + 900, 7):
        film.write_bytes(whole[:at] + bytes([whole[at] ^ 0x41]) + whole[at + 1 :])
        try:
            read_tracks(film)
            assert len(read_packets(film).digests) <= len(intact)
        except DamagedClip:
            continue
    film.write_bytes(whole[:-40])
    assert tables_of(film) is None
