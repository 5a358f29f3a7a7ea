"""Files and addresses that a storyboard names: which can be a picture's, which a clip's."""

from __future__ import annotations

import base64
import re

from longtake.story.addresses import web_address
from longtake.story.explain import brief

PICTURE_SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".avif", ".heic", ".heif", ".bmp", ".gif")
CLIP_SUFFIXES = (".mp4", ".mov", ".m4v")

_LONGEST_NAME = 255


def is_remote(uri: str) -> bool:
    """Whether an image is an http(s) or data URL, and not a file next to the storyboard."""
    return uri.partition(":")[0].strip().lower() in ("http", "https", "data")


def is_web(uri: str) -> bool:
    """Whether it is an http(s) address, whose content has to be fetched."""
    return uri.partition(":")[0].strip().lower() in ("http", "https")


def image_name(value: str) -> str:
    """Refuse what cannot be the address of a picture."""
    scheme = value.partition(":")[0].strip().lower()
    if scheme == "data":
        if not _holds_picture(value):
            raise ValueError("a data URL must hold a picture in base64: `data:image/png;base64,…`")
    elif scheme in ("http", "https"):
        web_address(value)
    elif "://" in value:
        raise ValueError(f"must be a file, an http(s) URL or a data URL, not {scheme}://")
    else:
        _check_file(value, "picture", PICTURE_SUFFIXES)
    return value


def _holds_picture(data_url: str) -> bool:
    """Whether a data URL says that it is a picture, and its base64 can be read."""
    head, _, content = data_url.partition(",")
    if not re.fullmatch(r"data:image/[\w.+-]+;base64", head, re.IGNORECASE):
        return False
    try:
        return bool(base64.b64decode(content, validate=True))
    except ValueError:
        return False


def own_clip_name(value: str) -> str:
    """Refuse what cannot be the name or the address of a clip."""
    if is_web(value):
        web_address(value)
        return value
    if "://" in value or is_remote(value):
        raise ValueError("must be a file next to the storyboard or an http(s) address")
    _check_file(value, "clip", CLIP_SUFFIXES)
    return value


def _check_file(value: str, kind: str, suffixes: tuple[str, ...]) -> None:
    """Refuse what cannot be the name of such a file."""
    if not value.lower().endswith(suffixes):
        raise ValueError(f"must be a {kind} ({', '.join(suffixes)}), not `{brief(value)}`")
    if any(len(part.encode()) > _LONGEST_NAME for part in value.split("/")):
        raise ValueError(f"no file has a name of more than {_LONGEST_NAME} bytes")
