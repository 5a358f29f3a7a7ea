"""The exact frame, in its exact colours."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import get_args

import numpy as np
import pytest

from longtake.errors import DamagedClip, FfmpegFailed, MediaError
from longtake.media import Ffmpeg, FilmShape, Matrix, Side, fit_still, normalise
from longtake.media.frames import extract_frame
from longtake.media.run import Limits

Draw = Callable[..., Path]
Codes = Callable[[Path], list[int]]
Pictures = Callable[[Path], list[np.ndarray]]
Encode = Callable[..., Path]


def landscape(width: int = 192, height: int = 112) -> np.ndarray:
    """Smooth light with texture, in mid tones, as photographs have."""
    y, x = np.mgrid[:height, :width]
    bands = (x / width, y / height, 0.5 + 0.5 * np.sin(x / 17 + y / 11))
    grain = np.random.default_rng(3).normal(0, 4, (height, width, 1))
    return (np.stack(bands, axis=2) * 150 + 50 + grain).clip(0, 255).astype(np.uint8)


@pytest.mark.parametrize("options", [{}, {"bf": "0", "g": "7"}, {"faststart": False}], ids=str)
async def test_a_frame_is_exactly_the_one_of_that_index(
    draw: Draw, ffmpeg: Ffmpeg, tmp_path: Path, codes: Codes, options: dict[str, object]
) -> None:
    clip = draw(**options)
    for index in (0, 1, 13, 20):
        taken = await extract_frame(clip, index, tmp_path / f"{index}.png", ffmpeg=ffmpeg)
        assert codes(taken) == [index]


async def test_a_clip_without_that_frame_is_refused_and_leaves_nothing(
    draw: Draw, ffmpeg: Ffmpeg, tmp_path: Path
) -> None:
    clip = draw()
    with pytest.raises(DamagedClip, match=r"clip\.mp4 has no frame 21"):
        await extract_frame(clip, 21, tmp_path / "frames" / "x.png", ffmpeg=ffmpeg)
    assert list((tmp_path / "frames").iterdir()) == []


async def test_an_index_below_the_first_frame_is_a_mistake(draw: Draw, ffmpeg: Ffmpeg) -> None:
    with pytest.raises(ValueError, match="counts from 0"):
        await extract_frame(draw(), -1, Path("x.png"), ffmpeg=ffmpeg)


async def test_a_frame_of_another_shape_is_cropped_about_its_centre_not_stretched(
    encode: Encode, ffmpeg: Ffmpeg, tmp_path: Path, pictures: Pictures
) -> None:
    disc = np.full((112, 192, 3), 40, np.uint8)
    y, x = np.mgrid[:112, :192]
    disc[(y - 55.5) ** 2 + (x - 95.5) ** 2 < 40**2] = 220
    clip = encode(tmp_path / "disc.mp4", [disc] * 3, crf="5")
    taken = await extract_frame(clip, 2, tmp_path / "d.png", ffmpeg=ffmpeg, size=(224, 224))
    (picture,) = pictures(taken)
    lit = picture[..., 1] > 130
    assert picture.shape == (224, 224, 3)
    assert abs(int(lit.any(axis=0).sum()) - 160) <= 4
    assert abs(int(lit.any(axis=1).sum()) - 160) <= 4
    assert abs(np.argwhere(lit).mean(axis=0) - 111.5).max() < 1.5


async def test_a_picture_says_nothing_of_its_own_about_gamma_or_primaries(
    draw: Draw, ffmpeg: Ffmpeg, tmp_path: Path
) -> None:
    tagged = await normalise(
        Side(draw(), 0),
        tmp_path / "t.mp4",
        ffmpeg=ffmpeg,
        frame_count=3,
        shape=FilmShape(192, 112, 16),
    )
    taken = await extract_frame(tagged, 0, tmp_path / "t.png", ffmpeg=ffmpeg)
    content = taken.read_bytes()
    assert not [kind for kind in (b"gAMA", b"cHRM", b"cICP", b"sRGB", b"iCCP") if kind in content]


async def test_ten_handovers_do_not_shift_the_colours(
    encode: Encode, ffmpeg: Ffmpeg, tmp_path: Path, pictures: Pictures
) -> None:
    first = picture = landscape()
    for hop in range(10):
        clip = encode(tmp_path / f"{hop}.mp4", [picture] * 2, crf="0")
        taken = await extract_frame(clip, 1, tmp_path / f"{hop}.png", ffmpeg=ffmpeg)
        (picture,) = pictures(taken)
    bias = (picture.astype(float) - first).mean(axis=(0, 1))
    assert np.abs(bias).max() < 1.0


async def test_the_matrix_of_an_untagged_clip_can_be_stated(
    encode: Encode, ffmpeg: Ffmpeg, tmp_path: Path, pictures: Pictures
) -> None:
    first = landscape()
    clip = encode(tmp_path / "c.mp4", [first] * 2, crf="0")
    errors = {}
    for matrix in get_args(Matrix):
        into = tmp_path / f"{matrix}.png"
        await extract_frame(clip, 0, into, ffmpeg=ffmpeg, untagged_matrix=matrix)
        errors[matrix] = np.abs(pictures(into)[0].astype(float) - first).mean()
    assert errors["bt601"] < 2.5
    assert errors["bt709"] > errors["bt601"] + 2


async def test_a_tagged_clip_is_read_by_its_tags(
    encode: Encode, ffmpeg: Ffmpeg, tmp_path: Path, pictures: Pictures
) -> None:
    first = landscape()
    untagged = encode(tmp_path / "c.mp4", [first] * 2, crf="0")
    tagged = await normalise(
        Side(untagged, 0),
        tmp_path / "t.mp4",
        ffmpeg=ffmpeg,
        frame_count=2,
        shape=FilmShape(192, 112, 16, crf=1),
    )
    taken = await extract_frame(
        tagged, 0, tmp_path / "t.png", ffmpeg=ffmpeg, untagged_matrix="bt601"
    )
    difference = pictures(taken)[0].astype(float) - first
    assert np.abs(difference.mean(axis=(0, 1))).max() < 1.0
    assert np.abs(difference).mean() < 2.5


async def test_a_run_that_fails_leaves_what_was_there_before(
    draw: Draw, ffmpeg: Ffmpeg, tmp_path: Path
) -> None:
    clip, into = draw(), tmp_path / "out" / "x.png"
    await extract_frame(clip, 3, into, ffmpeg=ffmpeg)
    before = into.read_bytes()
    with pytest.raises(FfmpegFailed):
        await extract_frame(clip, 4, into, ffmpeg=ffmpeg, limits=Limits(wall_seconds=0.001))
    assert into.read_bytes() == before
    assert list(into.parent.iterdir()) == [into]


@pytest.mark.parametrize(
    ("codec", "pixels"), [("png", "rgb24"), ("mjpeg", "yuvj444p"), ("bmp", "bgr24")]
)
async def test_a_still_is_fitted_whatever_its_name(
    ffmpeg: Ffmpeg,
    tmp_path: Path,
    make: Callable[..., Awaitable[Path]],
    pictures: Pictures,
    codec: str,
    pixels: str,
) -> None:
    source = ("-f", "lavfi", "-i", "color=0xc82814:s=300x200", "-frames:v", "1")
    words = ("-c:v", codec, "-pix_fmt", pixels, "-f", "image2pipe")
    still = await make("still %d.original", *source, *words)
    fitted = await fit_still(still, tmp_path / "f.png", 96, 112, ffmpeg=ffmpeg)
    (picture,) = pictures(fitted)
    assert picture.shape == (112, 96, 3)
    assert np.abs(picture.reshape(-1, 3).mean(axis=0) - (200, 40, 20)).max() < 3


@pytest.mark.parametrize("content", [b"", b"<svg></svg>", b"#EXTM3U\nother.ts\n"])
async def test_what_is_no_picture_is_refused(
    ffmpeg: Ffmpeg, tmp_path: Path, content: bytes
) -> None:
    still = tmp_path / "still.png"
    still.write_bytes(content)
    with pytest.raises(MediaError, match=r"still\.png is (empty|text|an SVG)"):
        await fit_still(still, tmp_path / "f.png", 96, 112, ffmpeg=ffmpeg)


async def test_a_truncated_picture_is_refused(draw: Draw, ffmpeg: Ffmpeg, tmp_path: Path) -> None:
    still = await extract_frame(draw(), 0, tmp_path / "whole.png", ffmpeg=ffmpeg)
    still.write_bytes(still.read_bytes()[: still.stat().st_size // 2])
    with pytest.raises(MediaError, match=r"whole\.png is damaged"):
        await fit_still(still, tmp_path / "out" / "f.png", 96, 112, ffmpeg=ffmpeg)
    assert list((tmp_path / "out").iterdir()) == []
