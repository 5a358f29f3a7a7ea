"""A clip is whole, or it is refused."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import av
import numpy as np
import pytest

from longtake.emulator.odd_clips import odd_clip
from longtake.errors import DamagedClip, FfmpegFailed, UnfitClip
from longtake.media import Ffmpeg, inspect_clip
from longtake.media.run import Limits

Draw = Callable[..., Path]
Make = Callable[..., Awaitable[Path]]


def overwrite(clip: Path, share: float, size_bytes: int) -> Path:
    """Put noise over part of the pictures; ``share`` says how far into them."""
    content = bytearray(clip.read_bytes())
    first = content.index(b"mdat") + 4
    start = min(first + int((len(content) - first) * share), len(content) - size_bytes)
    content[start : start + size_bytes] = np.random.default_rng(7).bytes(size_bytes)
    clip.write_bytes(content)
    return clip


def cut(clip: Path, size_bytes: int) -> Path:
    clip.write_bytes(clip.read_bytes()[:size_bytes])
    return clip


async def test_a_whole_clip_is_described(draw: Draw, ffmpeg: Ffmpeg) -> None:
    clip = draw(width=1280, height=720, fps=24, frame_count=9)
    facts = await inspect_clip(clip, ffmpeg=ffmpeg)
    assert (facts.width, facts.height, facts.frame_count, facts.fps) == (1280, 720, 9, 24.0)
    assert (facts.codec, facts.size_bytes) == ("h264", clip.stat().st_size)
    assert (facts.color_matrix, facts.color_range) == (None, None)


@pytest.mark.parametrize(
    "options",
    [{"bf": "0"}, {"bf": "3", "g": "5"}, {"faststart": False}, {"frame_count": 1}],
    ids=["no B-frames", "many groups", "index at the end", "one frame"],
)
async def test_frames_are_counted_exactly(
    draw: Draw, ffmpeg: Ffmpeg, options: dict[str, object]
) -> None:
    facts = await inspect_clip(draw(**options), ffmpeg=ffmpeg)
    assert facts.frame_count == options.get("frame_count", 21)


@pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
async def test_a_truncated_download_is_refused(draw: Draw, ffmpeg: Ffmpeg, share: float) -> None:
    clip = draw()
    with pytest.raises(DamagedClip, match=r"clip\.mp4 is truncated.*fetch it again"):
        await inspect_clip(cut(clip, int(clip.stat().st_size * share)), ffmpeg=ffmpeg)


async def test_a_download_cut_exactly_between_two_frames_is_refused(
    draw: Draw, ffmpeg: Ffmpeg
) -> None:
    clip = draw()
    with av.open(str(clip)) as container:
        # Read while it is open: an index entry points into the container's own memory.
        end = container.streams.video[0].index_entries[15].pos
    with pytest.raises(DamagedClip, match="it holds 15 of 21 frames"):
        await inspect_clip(cut(clip, end), ffmpeg=ffmpeg)


async def test_a_truncated_clip_whose_index_stood_last_is_refused(
    draw: Draw, ffmpeg: Ffmpeg
) -> None:
    clip = draw(faststart=False)
    with pytest.raises(DamagedClip, match="is not a readable MP4"):
        await inspect_clip(cut(clip, int(clip.stat().st_size * 0.6)), ffmpeg=ffmpeg)


@pytest.mark.parametrize("share", [0.4, 1.0], ids=["middle", "tail"])
async def test_a_corrupt_clip_is_refused_every_time(
    draw: Draw, ffmpeg: Ffmpeg, share: float
) -> None:
    clip = overwrite(draw(crf="5"), share, size_bytes=400)
    # Again and again: a decoder with frame threads loses the error now and then (ffmpeg 5.1).
    for _ in range(12):
        with pytest.raises(DamagedClip, match=r"clip\.mp4 is damaged .*\n"):
            await inspect_clip(clip, ffmpeg=ffmpeg)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<!doctype html><title>403 Forbidden</title>",
        b"#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\nother.ts\n#EXT-X-ENDLIST\n",
        b"ffconcat version 1.0\nfile other.mp4\n",
    ],
    ids=["empty", "an error page", "a playlist", "a concat list"],
)
async def test_what_is_not_a_clip_is_refused_whatever_its_name(
    draw: Draw, ffmpeg: Ffmpeg, tmp_path: Path, content: bytes
) -> None:
    draw("other.mp4")
    draw("other.ts")
    clip = tmp_path / "clip.mp4"
    clip.write_bytes(content)
    with pytest.raises(DamagedClip, match=r"clip\.mp4 (is empty|is not a readable MP4)"):
        await inspect_clip(clip, ffmpeg=ffmpeg)


async def test_a_missing_file_is_refused(ffmpeg: Ffmpeg, tmp_path: Path) -> None:
    with pytest.raises(DamagedClip, match="cannot be read"):
        await inspect_clip(tmp_path / "none.mp4", ffmpeg=ffmpeg)


async def test_sound_without_pictures_is_refused(make: Make, ffmpeg: Ffmpeg) -> None:
    clip = await make("sound.mp4", "-f", "lavfi", "-i", "sine=d=1", "-c:a", "aac")
    with pytest.raises(DamagedClip, match="has no video stream"):
        await inspect_clip(clip, ffmpeg=ffmpeg)


@pytest.mark.parametrize(
    ("shape", "said"),
    [
        ("codec", "is coded as mpeg4"),
        ("size_change", "changes its size in the middle of a file"),
        ("wide", "a picture of 16384x16 pixels"),
        ("tiny", "a picture of 16x16 pixels"),
        ("sound_alone", "has no video stream"),
    ],
)
async def test_a_clip_that_no_film_can_be_made_of_is_told_from_a_damaged_one(
    shape: str, said: str, ffmpeg: Ffmpeg, tmp_path: Path
) -> None:
    clip = tmp_path / "clip.mp4"
    clip.write_bytes(odd_clip(shape))
    with pytest.raises(UnfitClip, match=said):
        await inspect_clip(clip, ffmpeg=ffmpeg)


async def test_sound_longer_than_the_pictures_changes_nothing(
    draw: Draw, make: Make, ffmpeg: Ffmpeg
) -> None:
    sound = ("-f", "lavfi", "-i", "sine=d=5", "-c:a", "aac")
    clip = await make("both.mp4", "-i", draw(), *sound, "-c:v", "copy")
    assert (await inspect_clip(clip, ffmpeg=ffmpeg)).frame_count == 21


async def test_only_frames_that_the_edit_list_shows_are_counted(
    draw: Draw, make: Make, ffmpeg: Ffmpeg, codes: Callable[[Path], list[int]]
) -> None:
    clip = await make("edited.mp4", "-ss", "0.3125", "-i", draw(bf="0"), "-c", "copy")
    facts = await inspect_clip(clip, ffmpeg=ffmpeg)
    assert codes(clip) == list(range(21 - facts.frame_count, 21))
    assert facts.frame_count < 21


async def test_of_two_pictures_streams_the_first_counts(
    draw: Draw, make: Make, ffmpeg: Ffmpeg
) -> None:
    inputs = ("-i", draw("a.mp4"), "-i", draw("b.mp4", 5, width=320))
    clip = await make("two.mp4", *inputs, "-map", "0:v", "-map", "1:v", "-c", "copy")
    facts = await inspect_clip(clip, ffmpeg=ffmpeg)
    assert (facts.width, facts.frame_count) == (192, 21)


async def test_an_uncommon_codec_is_refused(draw: Draw, ffmpeg: Ffmpeg) -> None:
    with pytest.raises(DamagedClip, match="is coded as mpeg4"):
        await inspect_clip(draw(codec="mpeg4"), ffmpeg=ffmpeg)


async def test_a_clip_beyond_the_limits_is_refused(draw: Draw, ffmpeg: Ffmpeg) -> None:
    clip = draw()
    with pytest.raises(DamagedClip, match="claims 21 frames, more than 20"):
        await inspect_clip(clip, ffmpeg=ffmpeg, max_frames=20)
    with pytest.raises(DamagedClip, match="bytes, more than 100"):
        await inspect_clip(clip, ffmpeg=ffmpeg, max_bytes=100)


async def test_a_clip_that_hides_its_length_is_refused_by_counting(
    draw: Draw, make: Make, ffmpeg: Ffmpeg
) -> None:
    flags = ("-c", "copy", "-movflags", "frag_keyframe+empty_moov")
    clip = await make("fragments.mp4", "-i", draw(), *flags)
    assert (await inspect_clip(clip, ffmpeg=ffmpeg)).frame_count == 21
    with pytest.raises(DamagedClip, match="more than 20"):
        await inspect_clip(clip, ffmpeg=ffmpeg, max_frames=20)


async def test_a_picture_beyond_the_limit_is_refused(draw: Draw, ffmpeg: Ffmpeg) -> None:
    clip = draw(frame_count=1, width=4096, height=2160, preset="ultrafast")
    with pytest.raises(DamagedClip, match="picture of 4096x2160"):
        await inspect_clip(clip, ffmpeg=ffmpeg)


async def test_a_check_that_ran_out_of_time_does_not_condemn_the_clip(
    draw: Draw, ffmpeg: Ffmpeg
) -> None:
    with pytest.raises(FfmpegFailed, match="stopped after"):
        await inspect_clip(draw(), ffmpeg=ffmpeg, limits=Limits(wall_seconds=0.001))


async def test_odd_names_are_only_names(draw: Draw, ffmpeg: Ffmpeg) -> None:
    for name in ("-x.mp4", "concat:a|b.mp4", "it's %03d \u00fc.mp4"):
        assert (await inspect_clip(draw(name), ffmpeg=ffmpeg)).frame_count == 21
