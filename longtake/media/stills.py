"""Stills of any origin: decoded completely, within limits, and converted to sRGB.

Pillow decodes them, in this process, one at a time. What bounds it: the file's size, the formats
(those below and no other of Pillow's many), the pixels that the head promises, no animations.
"""

from __future__ import annotations

import io
import threading
import warnings
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageColor, UnidentifiedImageError

from longtake.errors import MediaError
from longtake.files import read_regular
from longtake.media.still_colour import in_srgb
from longtake.media.still_names import what_it_is

STILL_MAX_BYTES = 64 * 2**20
"""The largest file of a still."""

STILL_MAX_PIXELS = 64_000_000
"""The largest still: a full-frame camera's picture; a clip has one million pixels at most."""

BACKGROUND = "#ffffff"
"""What is seen where a still is transparent: white, as on the pages that people see it on."""

_FORMATS = ["PNG", "JPEG", "WEBP", "AVIF", "BMP", "GIF"]  # two pictures in one JPEG are "MPO"
_TOO_MANY = (
    f"more than {STILL_MAX_PIXELS // 1_000_000} million pixels: make it smaller (a clip has one "
    "million)"
)
_MARGIN = 16  # pixels kept around the crop, so that scaling sees what lies next to its border
_SPARE = 2  # a still is reduced by whole factors to no less than this many times its clip's size
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_ORIENTATION = 0x0112
_one_at_a_time = threading.Lock()


class StillSize(NamedTuple):
    """Width and height in pixels, as the still is seen."""

    width: int
    height: int


def check_still(still: Path | bytes, name: str | None = None) -> StillSize:
    """Open a still and decode all of it; raises MediaError where it is of no use.

    ``name`` says in errors what it is called. Blocking: a second for a camera's picture.
    """
    with _one_at_a_time:
        return _checked(still, name or _name(still))


def trouble_with(still: Path | bytes, name: str) -> str:
    """What is wrong with a picture, "" if nothing is: a ``documents.Examine``."""
    try:
        check_still(still, name)
    except MediaError as error:
        return str(error)
    return ""


def still_as_png(
    still: Path, into: Path, width: int, height: int, *, background: str = BACKGROUND
) -> None:
    """Write what a clip of ``width`` x ``height`` sees of a still as an 8-bit RGB PNG in sRGB.

    Upright, without transparency, cropped about its centre to little more than the clip's shape,
    and of no less than the clip's pixels where the still has them. Raises MediaError. Blocking.
    """
    with _one_at_a_time:
        name = str(still)
        image = _opened(still, name)
        turn = _turn(image)
        size = (height, width) if turn in _SIDEWAYS else (width, height)
        try:
            plain = _over(background, _near(_eight_bits(image), size))
            upright = plain if turn is None else plain.transpose(turn)
        except Exception as error:  # Pillow raises whatever its parts raise
            raise _damaged(name, error) from error
        upright.save(into, "PNG", compress_level=1)


_SIDEWAYS = {_TURNS[number] for number in (5, 6, 7, 8)}


def _checked(still: Path | bytes, name: str) -> StillSize:
    image = _opened(still, name)
    width, height = image.size
    return StillSize(height, width) if _turn(image) in _SIDEWAYS else StillSize(width, height)


def _name(still: Path | bytes) -> str:
    return "the picture" if isinstance(still, bytes) else str(still)


def _opened(still: Path | bytes, name: str) -> Image.Image:
    """The still, decoded; MediaError says what it is instead."""
    content = _content(still, name)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # odd EXIF is nothing to write to a terminal about
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            return _decoded(content, name)
    except MediaError:
        raise
    except UnidentifiedImageError:
        raise MediaError(f"{name} is {what_it_is(content)}") from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise MediaError(f"{name} has {_TOO_MANY}") from None
    except Exception as error:  # Pillow raises whatever its parts raise
        raise _damaged(name, error) from error


def _decoded(content: bytes, name: str) -> Image.Image:
    """The picture, as Pillow gives it, once its head has been looked at."""
    image = Image.open(io.BytesIO(content), formats=_formats())
    if image.width * image.height > STILL_MAX_PIXELS:
        raise MediaError(f"{name} has {_TOO_MANY}")
    frame_count = getattr(image, "n_frames", 1)
    if frame_count > 1 and image.format in ("PNG", "WEBP", "GIF", "AVIF"):
        raise MediaError(
            f"{name} is animated ({frame_count} frames): save the frame that is meant as a PNG"
        )
    image.load()
    return image


def _content(still: Path | bytes, name: str) -> bytes:
    if isinstance(still, bytes):
        return still
    try:
        return read_regular(still, STILL_MAX_BYTES)
    except OSError as error:
        raise MediaError(f"{name} cannot be read: {error.strerror or error}") from error


def _formats() -> list[str]:
    """The formats that may be opened; HEIC where the library for it is installed."""
    try:
        import pillow_heif
    except ImportError:
        return _FORMATS
    pillow_heif.register_heif_opener()
    return [*_FORMATS, "HEIF"]


def _damaged(name: str, error: Exception) -> MediaError:
    said = (str(error) or type(error).__name__).splitlines()[0][:120]
    return MediaError(f"{name} is damaged ({said}): replace it")


def _turn(image: Image.Image) -> Image.Transpose | None:
    """What makes the picture upright; cameras write down how they were held."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _TURNS.get(image.getexif().get(_ORIENTATION, 1))
    except Exception:  # EXIF of a kind that cannot be read says nothing
        return None


def _eight_bits(image: Image.Image) -> Image.Image:
    """The picture in a mode that can be reduced and converted: L, RGB, CMYK, or with alpha."""
    icc = image.info.get("icc_profile")
    if image.mode.startswith("I;16") or image.mode in ("I", "F"):
        levels = np.clip(np.asarray(image), 0, 65535).astype(np.uint16)
        image = Image.fromarray(((levels + 128 - (levels >> 8)) >> 8).astype(np.uint8))
    elif image.has_transparency_data:
        image = image.convert("RGBA")
    elif image.mode not in ("L", "RGB", "CMYK"):
        image = image.convert("RGB")
    image.info = {"icc_profile": icc} if icc else {}
    return image


def _near(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """The middle of the picture, as wide or high as needed, and no larger than is of use.

    As much is cut from either side, so that the middle stays the middle.
    """
    wide, high = image.size
    width, height = size
    cut = max(0, (wide - -(-high * width // height)) // 2 - _MARGIN)
    cut_high = max(0, (high - -(-wide * height // width)) // 2 - _MARGIN)
    box = (cut, cut_high, wide - cut, high - cut_high)
    factor = min((box[2] - box[0]) // (_SPARE * width), (box[3] - box[1]) // (_SPARE * height))
    info = image.info
    image = image.reduce(factor, box=box) if factor > 1 else image.crop(box)
    image.info = info
    return image


def _over(background: str, image: Image.Image) -> Image.Image:
    """The picture in sRGB, laid over one colour where it is transparent."""
    alpha = image.getchannel("A") if image.mode == "RGBA" else None
    plain = in_srgb(image, image.info.get("icc_profile"))
    if alpha is not None:
        colour = Image.new("RGB", plain.size, ImageColor.getrgb(background)[:3])
        plain = Image.composite(plain, colour, alpha)
    plain.info = {}  # a picture that says nothing about itself is shown alike everywhere
    return plain
