"""What is kept of a clip while it is checked is what its file decodes to."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from io import BufferedReader, BytesIO, RawIOBase
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from longtake.errors import DamagedClip, FfmpegFailed
from longtake.media import (
    Ffmpeg,
    Handed,
    calibrate,
    find_flash,
    inspect_clip,
    read_clip,
    read_pair,
    take_frame,
)
from longtake.media.handing_out import HandedOut
from longtake.media.measure.deflash import WATCHED_FRAMES
from longtake.media.measure.exposures import PAST_FRAMES
from longtake.media.measure.keeping import Keeper, ToKeep
from longtake.media.measure.kept import Decoded
from longtake.media.measure.pixels import decode_rgb
from longtake.media.measure.samples import sample_clip
from longtake.media.measure.tracking import small_size
from tests.media.test_colour import view
from tests.media.test_deflash import brighter

Draw = Callable[..., Path]
Make = Callable[..., Awaitable[Path]]


class NotClosed(RawIOBase):
    """Bytes that can be looked at once their reader is done with them."""

    def __init__(self, inside: BytesIO) -> None:
        self._inside = inside

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        return self._inside.readinto(buffer)


ALL = ToKeep(begin=True, last_frame_index=19, samples=True)
TAGS = {
    "untagged": (),
    "BT.709": ("-colorspace", "bt709", "-color_range", "tv"),
    "BT.601": ("-colorspace", "smpte170m", "-color_range", "tv"),
}


async def kept(clip: Path, ffmpeg: Ffmpeg, wanted: ToKeep = ALL) -> Decoded:
    keeper = Keeper(wanted, "bt601")
    await inspect_clip(clip, ffmpeg=ffmpeg, each=keeper.add)
    return keeper.kept(clip)


def away(decoded: Decoded) -> Decoded:
    """The same of a clip whose file is gone, so that nothing can be decoded."""
    return Decoded(**(vars(decoded) | {"path": Path("/gone.mp4")}))


@pytest.mark.parametrize("tags", TAGS.values(), ids=TAGS)
async def test_frames_that_are_kept_are_those_of_the_file(
    draw: Draw, make: Make, ffmpeg: Ffmpeg, tags: tuple[str, ...]
) -> None:
    plain = ("-i", draw(width=416, height=240), "-c:v", "libx264", "-pix_fmt", "yuv420p")
    clip = await make("tagged.mp4", *plain, *tags)
    found, small = away(await kept(clip, ffmpeg)), small_size(416, 240)
    for asked in (
        {"count": 2},
        {"first": 19, "count": 1},
        {"count": WATCHED_FRAMES, "size": small},
        {"first": 19 - PAST_FRAMES, "count": PAST_FRAMES + 1, "size": small},
    ):
        assert np.array_equal(decode_rgb(found, **asked), decode_rgb(clip, **asked)), asked


async def test_samples_that_are_kept_are_those_of_the_file(draw: Draw, ffmpeg: Ffmpeg) -> None:
    clip = draw(frame_count=40)
    mine, files = sample_clip(away(await kept(clip, ffmpeg))), sample_clip(clip)
    for name in ("rgb", "luma", "sharpness"):
        assert np.array_equal(getattr(mine, name), getattr(files, name), equal_nan=True), name
    assert (mine.scale, mine.first_frame_index) == (files.scale, files.first_frame_index)


async def test_a_clip_of_more_frames_than_it_claims_is_sampled_whole(draw: Draw) -> None:
    clip, keeper = draw(frame_count=30), Keeper(ALL, "bt601")
    with av.open(str(clip)) as container:
        for frame in container.decode(video=0):
            keeper.add(frame, 4)
    assert len(sample_clip(away(keeper.kept(clip)))) == 30


async def test_what_was_not_kept_is_decoded(draw: Draw, ffmpeg: Ffmpeg) -> None:
    clip = draw()
    found = await kept(clip, ffmpeg, ToKeep(begin=False, last_frame_index=None, samples=False))
    assert found.size_bytes == 0
    assert np.array_equal(decode_rgb(found, first=3, count=2), decode_rgb(clip, first=3, count=2))
    assert len(sample_clip(found)) == len(sample_clip(clip))
    other = decode_rgb(await kept(clip, ffmpeg), count=1, untagged_matrix="bt709")
    assert np.array_equal(other, decode_rgb(clip, count=1, untagged_matrix="bt709"))


async def test_what_nobody_asks_for_any_more_is_forgotten(draw: Draw, ffmpeg: Ffmpeg) -> None:
    found = await kept(draw(), ffmpeg)
    sizes = [found.size_bytes]
    for forget in (Decoded.without_begin, Decoded.without_end, Decoded.without_samples):
        found = forget(found)
        sizes.append(found.size_bytes)
    assert sizes == sorted(set(sizes), reverse=True)
    assert found.size_bytes == sum(frame.nbytes for frame in found.end_small.values()) > 0


async def test_a_frame_is_handed_on_without_the_file(
    draw: Draw, ffmpeg: Ffmpeg, tmp_path: Path
) -> None:
    clip, frames = draw(), []
    for source in (away(await kept(clip, ffmpeg)), clip):
        into = tmp_path / f"{len(frames)}.png"
        await take_frame(source, 19, into, ffmpeg=ffmpeg, width=192, height=112)
        frames.append(into.read_bytes())
    assert frames[0] == frames[1]


async def test_a_clip_reads_the_same_by_what_is_kept(
    encode: Callable[..., Path], ffmpeg: Ffmpeg, tmp_path: Path
) -> None:
    lit = [18.0 * max(1 - index / 9, 0) for index in range(26)]
    clip = encode(tmp_path / "a.mp4", [brighter(view(2 * at), one) for at, one in enumerate(lit)])
    sent, found = view(), await kept(clip, ffmpeg)
    flash = await find_flash(sent, found, handed=Handed(found, 19))
    assert flash.applied
    assert flash == await find_flash(sent, clip, handed=Handed(clip, 19))
    assert await calibrate(sent, found, flash=flash) == await calibrate(sent, clip, flash=flash)
    assert await read_pair(sent, found) == await read_pair(sent, clip)
    assert await read_clip(found) == await read_clip(clip)


async def test_a_clip_of_other_pixels_is_checked_and_nothing_of_it_kept(
    draw: Draw, make: Make, ffmpeg: Ffmpeg
) -> None:
    clip = await make("444.mp4", "-i", draw(), "-c:v", "libx264", "-pix_fmt", "yuv444p")
    keeper = Keeper(ALL, "bt601")
    assert (await inspect_clip(clip, ffmpeg=ffmpeg, each=keeper.add)).frame_count == 21
    assert keeper.kept(clip).size_bytes == 0


@pytest.mark.parametrize("share", [0.4, 0.7, 0.95])
async def test_damage_is_found_while_frames_are_kept(
    draw: Draw, ffmpeg: Ffmpeg, share: float
) -> None:
    clip = draw()
    content = bytearray(clip.read_bytes())
    at = int(len(content) * share)
    content[at : at + 120] = np.random.default_rng(7).bytes(120)
    clip.write_bytes(content)
    with pytest.raises(DamagedClip):
        await kept(clip, ffmpeg)


@pytest.mark.parametrize("times", ["N*4/TB", "N*N/16/TB", "N/1000/TB"])
async def test_frames_of_any_times_are_kept(
    draw: Draw, make: Make, ffmpeg: Ffmpeg, times: str
) -> None:
    vary = ("-vf", f"setpts='{times}'", "-fps_mode", "passthrough", "-enc_time_base", "1/16000")
    clip = await make("times.mp4", "-i", draw(), *vary, "-c:v", "libx264")
    assert (await kept(clip, ffmpeg)).frame_count == 21


async def test_an_error_of_the_one_who_looks_is_no_damage(draw: Draw, ffmpeg: Ffmpeg) -> None:
    def look(frame: av.VideoFrame, claimed: int) -> None:
        raise ZeroDivisionError(claimed)

    with pytest.raises(ZeroDivisionError, match="21"):
        await inspect_clip(draw(), ffmpeg=ffmpeg, each=look)


async def test_frames_that_cannot_be_read_prove_nothing_about_the_file(
    draw: Draw, ffmpeg: Ffmpeg, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = av.open

    def garbled(*args: Any, **options: Any) -> Any:
        if options.get("format") == "yuv4mpegpipe":
            raise av.error.InvalidDataError(1, "garbled")
        return plain(*args, **options)

    monkeypatch.setattr(av, "open", garbled)
    with pytest.raises(FfmpegFailed, match="not handed out whole"):
        await kept(draw(), ffmpeg)


def test_what_follows_a_frame_that_cannot_be_read_is_read_all_the_same() -> None:
    raw = BytesIO(b"YUV4MPEG2 no size\n" + bytes(3 << 20))
    output = BufferedReader(NotClosed(raw))
    reader = HandedOut(lambda frame, claimed: None, 21, 2, 0)
    assert (reader(output), reader.is_broken) == (0, True)
    assert raw.read() == b""
