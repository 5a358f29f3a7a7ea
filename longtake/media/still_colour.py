"""Colour profiles: a still's colours converted to sRGB."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image, ImageCms

_SAME_LEVELS = 1
"""A profile that moves no colour by more than this many levels is sRGB under another name."""


def in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """The picture as RGB in sRGB, without its alpha.

    A picture without a profile, or with one that cannot be read or is for other kinds of pictures,
    is taken for sRGB, as browsers do.
    """
    plain = image.convert("RGB") if image.mode == "RGBA" else image
    if profile:
        try:
            transform = _to_srgb(profile, plain.mode)
            if plain.mode != "RGB" or _moves(transform):
                return ImageCms.applyTransform(plain, transform) or plain.convert("RGB")
        except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
            return plain.convert("RGB")
    return plain.convert("RGB")


def _to_srgb(profile: bytes, mode: str) -> ImageCms.ImageCmsTransform:
    return ImageCms.buildTransform(
        ImageCms.ImageCmsProfile(io.BytesIO(profile)),
        ImageCms.createProfile("sRGB"),
        mode,
        "RGB",
        ImageCms.Intent.RELATIVE_COLORIMETRIC,
        ImageCms.Flags.BLACKPOINTCOMPENSATION,
    )


def _moves(transform: ImageCms.ImageCmsTransform) -> bool:
    """Whether any of 16 x 16 x 16 colours comes out as another."""
    steps = np.linspace(0, 255, 16).round().astype(np.uint8)
    colours = np.stack(np.meshgrid(steps, steps, steps), axis=-1).reshape(64, 64, 3)
    came = ImageCms.applyTransform(Image.fromarray(colours), transform)
    moved = np.abs(np.asarray(came, np.int16) - colours.astype(np.int16))
    return bool(moved.max() > _SAME_LEVELS)
