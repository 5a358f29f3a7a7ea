"""The flags that matter, as text."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from longtake.media import FilmShape, commands, film_commands

CLIP, INTO = Path("/c/-odd:%d.mp4"), Path("/o/%03d.part")


def count() -> list[str]:
    return commands.count_frames("ffmpeg", CLIP, max_frames=401)


def extract(size: tuple[int, int] | None = None) -> list[str]:
    return commands.extract_frame(
        "ffmpeg",
        CLIP,
        INTO,
        frame_index=80,
        colour={"in_color_matrix": "bt601", "in_range": "tv"},
        size=size,
    )


def normalise(*, same_size: bool = True) -> list[str]:
    return film_commands.normalise(
        "ffmpeg",
        CLIP,
        INTO,
        skip_frames=1,
        frame_count=80,
        shape=FilmShape(832, 480, 16),
        same_size=same_size,
        colour={},
    )


def options(argv: list[str], *, before: str) -> dict[str, str]:
    """Options and their values up to the given word."""
    words = argv[: argv.index(before)]
    return {name: value for name, value in itertools.pairwise(words) if name[0] == "-"}


@pytest.mark.parametrize(
    "argv", [count(), extract(), normalise()], ids=["count", "frame", "encode"]
)
def test_every_reader_of_a_clip_is_guarded(argv: list[str]) -> None:
    given = options(argv, before="file:/c/-odd:%d.mp4")
    assert {"-nostdin", "-xerror"} <= set(given)
    assert given["-err_detect"] == "explode"
    assert given["-format_whitelist"] == "mov,mp4,m4a,3gp,3g2,mj2"
    assert given["-protocol_whitelist"] == "file,pipe"
    assert given["-max_pixels"] == "8294400"
    assert given["-threads"] == "1"
    assert given["-progress"] == "pipe:1"


def test_a_count_is_bounded_and_shows_every_frame() -> None:
    given = options(count(), before="-")
    assert given["-map"] == "0:V:0"
    assert given["-frames:v"] == "401"
    assert given["-fps_mode"] == "passthrough"


def test_a_frame_is_picked_by_its_index_and_converted_accurately() -> None:
    graph = options(extract(), before="file:/o/%03d.part")["-filter_complex"]
    assert graph.startswith("[0:V:0]trim=end_frame=81:start_frame=80")
    assert "flags=accurate_rnd+full_chroma_int+full_chroma_inp+bicubic" in graph
    assert "in_color_matrix=bt601:in_range=tv:out_range=pc" in graph
    assert "crop" not in graph


def test_a_frame_of_another_size_is_scaled_and_cropped_never_stretched() -> None:
    graph = options(extract((832, 480)), before="file:/o/%03d.part")["-filter_complex"]
    assert "force_original_aspect_ratio=increase" in graph
    assert "crop=832:480" in graph


def test_a_picture_is_written_by_a_muxer_that_knows_no_name_patterns() -> None:
    assert options(extract(), before="file:/o/%03d.part")["-f"] == "image2pipe"


def test_a_segment_is_tagged_and_independent_of_the_machine() -> None:
    given = options(normalise(), before="file:/o/%03d.part")
    assert (given["-crf"], given["-preset"], given["-threads"]) == ("17", "superfast", "2")
    assert given["-x264-params"] == "mbtree=1:rc-lookahead=10"
    assert given["-video_track_timescale"] == "16384"
    tags = ("-colorspace", "-color_primaries", "-color_trc", "-color_range")
    assert [given[tag] for tag in tags] == ["bt709", "bt709", "bt709", "tv"]
    assert "out_color_matrix=bt709:out_range=tv" in given["-filter_complex"]


def test_a_segment_is_padded_only_where_the_size_differs() -> None:
    def graph(argv: list[str]) -> str:
        return options(argv, before="file:/o/%03d.part")["-filter_complex"]

    assert "pad" not in graph(normalise())
    assert "pad=832:480" in graph(normalise(same_size=False))


def test_a_join_copies_and_takes_its_texts_from_the_second_input() -> None:
    argv = film_commands.assemble("ffmpeg", Path("/l"), Path("/m"), Path("/o.mp4"), fps=16)
    given = options(argv, before="file:/o.mp4")
    assert argv.index("file:/l") < argv.index("file:/m")
    assert (given["-vcodec"], given["-movflags"]) == ("copy", "+faststart")
    assert (given["-map_metadata"], given["-map_chapters"]) == ("1", "1")


def test_a_still_may_only_be_opened_as_the_png_that_it_was_made() -> None:
    argv = commands.fit_still("ffmpeg", Path("/s.png"), INTO, width=832, height=480)
    given = options(argv, before="file:/s.png")
    assert given["-f"] == given["-format_whitelist"] == "png_pipe"
