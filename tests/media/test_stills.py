"""Stills: opened whole, within bounds, upright, in sRGB, and over a stated background."""

from __future__ import annotations

import io
import os
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageCms

from longtake.errors import MediaError
from longtake.media.stills import check_still, still_as_png

RED = (255, 0, 0)


def encoded(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def halves(left: Any = RED, right: Any = (0, 0, 255), mode: str = "RGB") -> Image.Image:
    """A picture of 120 x 80 pixels in two colours."""
    image = Image.new(mode, (120, 80), right)
    image.paste(left, (0, 0, 60, 80))
    return image


def as_seen(still: bytes, tmp_path: Path, size: tuple[int, int] = (120, 80), **how: Any) -> Any:
    """What a clip of that size sees of it, as an array."""
    path, into = tmp_path / "still.bin", tmp_path / "plain.png"
    path.write_bytes(still)
    still_as_png(path, into, *size, **how)
    with Image.open(into) as image:
        assert image.mode == "RGB"
        assert image.info == {}
        return np.asarray(image)


def png_of(width: int, height: int, mode: bytes = b"\x08\x00") -> bytes:
    """A PNG whose head promises so many pixels, and that holds none."""
    head = struct.pack(">II", width, height) + mode + b"\0\0\0"
    chunks = [(b"IHDR", head), (b"IDAT", zlib.compress(b"")), (b"IEND", b"")]
    made = [
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in chunks
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(made)


ANIMATED = {
    "save_all": True,
    "append_images": [halves((0, 255, 0)), halves((9, 9, 9))],
    "duration": 100,
}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty: replace it"),
        (b"a picture of a boat\n", "is text: name a picture"),
        (b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>', "an SVG drawing"),
        (b"<!DOCTYPE html><title>403</title>", "a web page: save the picture itself"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:00", "`git lfs pull`"),
        (b"\0\0\0\x20ftypisom\0\0\2\0", "a video: take the frame that is meant as a PNG"),
        (b"\0\0\0\x20ftypavif\0\0\2\0", "a damaged AVIF: replace it"),
        (b"%PDF-1.7", "a PDF"),
        (b"II*\0" + bytes(40), "a TIFF: convert it to PNG"),
        (b"\x00\x01\x02\x03" * 40, "no PNG, JPEG, WebP, AVIF, HEIC, BMP or GIF"),
        (encoded(halves())[:100], "is damaged"),
        (encoded(halves(), "JPEG")[:-40], "is damaged"),
        (encoded(halves(), "WEBP")[:-9], "is damaged"),
        (png_of(30_000, 30_000), "more than 64 million pixels: make it smaller"),
        (png_of(2**31 - 1, 1), "more than 64 million pixels"),
        (png_of(10_000, 10_000), "more than 64 million pixels"),
        (png_of(8_100, 8_000), "more than 64 million pixels"),
        (png_of(100, 100), "is damaged"),
        (encoded(halves(), "GIF", **ANIMATED), "is animated (3 frames)"),
        (encoded(halves(), "WEBP", **ANIMATED), "is animated (3 frames)"),
        (encoded(halves(), "PNG", **ANIMATED), "is animated (3 frames)"),
        (encoded(halves(), "AVIF", **ANIMATED), "is animated (3 frames)"),
        (encoded(halves(), "GIF")[:-1] + b"," + bytes(4) + b"\1\0\1\0\0", "is damaged"),
        (encoded(halves(), "TIFF"), "a TIFF"),
        (encoded(halves(), "ICO"), "no PNG, JPEG"),
    ],
)
def test_what_is_no_usable_picture_is_reported_with_what_it_is(
    content: bytes, said: str, tmp_path: Path
) -> None:
    path = tmp_path / "still.png"
    path.write_bytes(content)
    for still in (path, content):
        with pytest.raises(MediaError) as caught:
            check_still(still, "stills/still.png")
        assert str(caught.value).startswith("stills/still.png ")
        assert said in str(caught.value)
    with pytest.raises(MediaError):
        still_as_png(path, tmp_path / "plain.png", 832, 480)


def test_a_pipe_a_device_and_a_large_file_are_not_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.png")
    (tmp_path / "zero.png").symlink_to("/dev/zero")
    with (tmp_path / "large.png").open("wb") as file:
        file.truncate(2**27)
    for name, said in [("pipe", "not a regular"), ("zero", "not a regular"), ("large", "64 MiB")]:
        with pytest.raises(MediaError, match=f"cannot be read: .*{said}"):
            check_still(tmp_path / f"{name}.png")


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "AVIF", "BMP", "GIF", "HEIF", "MPO"])
def test_a_picture_is_recognised_by_its_content_in_every_format(kind: str, tmp_path: Path) -> None:
    if kind == "HEIF":
        pytest.importorskip("pillow_heif").register_heif_opener()
    still = encoded(halves(), kind)
    assert check_still(still) == (120, 80)
    seen = as_seen(still, tmp_path)
    assert np.abs(seen[40, 20].astype(int) - RED).max() < 12
    assert np.abs(seen[40, 100].astype(int) - (0, 0, 255)).max() < 12


def test_an_opaque_picture_of_eight_bits_is_kept_to_the_level(tmp_path: Path) -> None:
    levels = np.random.default_rng(1).integers(0, 256, (80, 120, 3), dtype=np.uint8)
    for options in ({}, {"icc_profile": srgb()}):
        seen = as_seen(encoded(Image.fromarray(levels), **options), tmp_path)
        assert np.array_equal(seen, levels)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_picture_is_upright_however_the_camera_was_held(
    orientation: int, kind: str, tmp_path: Path
) -> None:
    levels = np.zeros((80, 120, 3), np.uint8)
    levels[:30, :40] = 255  # the upper left corner, whatever way the file has it
    turns = {
        1: levels, 2: levels[:, ::-1], 3: levels[::-1, ::-1], 4: levels[::-1],
        5: levels.transpose(1, 0, 2), 6: np.rot90(levels, 1),
        7: levels[::-1, ::-1].transpose(1, 0, 2), 8: np.rot90(levels, -1),
    }  # fmt: skip
    exif = Image.Exif()
    exif[0x0112] = orientation
    still = encoded(Image.fromarray(np.ascontiguousarray(turns[orientation])), kind, exif=exif)
    assert check_still(still) == (120, 80)
    seen = as_seen(still, tmp_path)
    assert seen.shape == (80, 120, 3)
    assert seen[10, 10].min() > 240
    assert max(seen[10, 110].max(), seen[70, 10].max(), seen[70, 110].max()) < 16


def srgb() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def swapped() -> bytes:
    """A profile in which red stands for what sRGB calls green, and the other way round."""
    profile = bytearray(srgb())
    count = struct.unpack(">I", profile[128:132])[0]
    for index in range(count):
        at = 132 + 12 * index
        if profile[at : at + 4] in (b"rXYZ", b"gXYZ"):
            profile[at : at + 4] = b"gXYZ" if profile[at : at + 4] == b"rXYZ" else b"rXYZ"
    return bytes(profile)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "AVIF"])
def test_colours_are_what_the_profile_says(kind: str, tmp_path: Path) -> None:
    seen = as_seen(encoded(halves(), kind, icc_profile=swapped()), tmp_path)
    assert np.abs(seen[40, 20].astype(int) - (0, 255, 0)).max() < 16


@pytest.mark.parametrize("profile", [b"none", srgb()[:200], bytes(500)])
def test_a_profile_that_cannot_be_read_is_taken_for_srgb(profile: bytes, tmp_path: Path) -> None:
    seen = as_seen(encoded(halves(), icc_profile=profile), tmp_path)
    assert tuple(seen[40, 20]) == RED


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "AVIF"])
def test_what_is_transparent_shows_the_background_and_no_hidden_colour(
    kind: str, tmp_path: Path
) -> None:
    still = encoded(halves((255, 0, 0, 0), (0, 0, 255, 255), "RGBA"), kind)
    seen = as_seen(still, tmp_path)
    assert np.abs(seen[40, 20].astype(int) - 255).max() < 3
    seen = as_seen(still, tmp_path, background="#102030")
    assert np.abs(seen[40, 20].astype(int) - (16, 32, 48)).max() < 3
    assert np.abs(seen[40, 100].astype(int) - (0, 0, 255)).max() < 12


def test_a_transparent_colour_of_a_palette_or_of_grey_is_transparent(tmp_path: Path) -> None:
    palette = halves().convert("P", palette=Image.Palette.ADAPTIVE, colors=4)
    clear = palette.getpixel((20, 40))
    for still in (
        encoded(palette, transparency=clear),
        encoded(palette, "GIF", transparency=clear),
        encoded(halves(100, 200, "L"), transparency=100),
    ):
        assert tuple(as_seen(still, tmp_path)[40, 20]) == (255, 255, 255)


@pytest.mark.parametrize(
    ("image", "left"),
    [
        (halves(90, 10, "L"), (90, 90, 90)),
        (halves(1, 0, "1"), (255, 255, 255)),
        (halves().convert("P"), RED),
        (Image.fromarray(np.full((80, 120), 257 * 90, np.uint16)), (90, 90, 90)),
        (halves((0, 0, 0, 255), (255, 255, 255, 0), "CMYK"), (0, 0, 0)),
    ],
    ids=["grey", "black and white", "palette", "16 bits", "CMYK"],
)
def test_every_kind_of_pixel_becomes_rgb(
    image: Image.Image, left: tuple[int, int, int], tmp_path: Path
) -> None:
    still = encoded(image, "JPEG" if image.mode == "CMYK" else "PNG")
    assert np.abs(as_seen(still, tmp_path)[40, 20].astype(int) - left).max() <= 3


def test_a_picture_of_extreme_shape_is_cut_before_it_is_scaled(tmp_path: Path) -> None:
    strip = np.zeros((10, 20_000, 3), np.uint8)
    strip[:, 9_990:10_010] = 255
    seen = as_seen(encoded(Image.fromarray(strip)), tmp_path, size=(832, 480))
    assert seen.shape[0] == 10
    assert seen.shape[1] < 60
    assert np.array_equal(seen, seen[:, ::-1])  # the middle has stayed the middle


def test_a_large_picture_is_reduced_to_no_less_than_twice_the_clip(tmp_path: Path) -> None:
    seen = as_seen(encoded(Image.new("RGB", (6000, 4000), RED)), tmp_path, size=(832, 480))
    height, width, _ = seen.shape
    assert 2 * 832 <= width < 3 * 832
    assert 2 * 480 <= height < 3 * 480
    assert tuple(seen[0, 0]) == RED
