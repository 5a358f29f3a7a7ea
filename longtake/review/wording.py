"""Numbers and names as the page writes them."""

from __future__ import annotations

import math
from base64 import b64encode
from datetime import datetime
from urllib.parse import quote

UNKNOWN = "\u2013"
"""A dash, for what is not known."""


def timecode(seconds: float) -> str:
    """``0:05.1``, or ``1:02:03.0`` from an hour on."""
    tenths = round(seconds * 10)
    minutes, rest = divmod(tenths, 600)
    hours, minutes = divmod(minutes, 60)
    clock = f"{minutes:02}" if hours else str(minutes)
    return (f"{hours}:" if hours else "") + f"{clock}:{rest // 10:02}.{rest % 10}"


def lasting(seconds: float | None) -> str:
    """A time that passed: ``54 s``, ``3 min 20 s``; empty where it is not known."""
    if seconds is None:
        return ""
    if seconds < 90:
        return f"{seconds:.0f} s" if seconds >= 10 else f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s"


def moment(at: datetime | None) -> str:
    """``2026-11-21 11:13 UTC``; empty where it is not known."""
    return "" if at is None else f"{at:%Y-%m-%d %H:%M} UTC"


def number(value: float | None, digits: int = 2) -> str:
    """A measured value with a true minus sign; a dash where there is none."""
    if value is None or not math.isfinite(value):
        return UNKNOWN
    return f"{value:.{digits}f}".replace("-", "\u2212")


def address(file: str) -> str:
    """A file of the run's folder as the page links it: relative, and nothing but a path."""
    return quote(file.lstrip("/"), safe="/")


def jpeg(picture: bytes) -> str:
    """A JPEG as a data URI."""
    return f"data:image/jpeg;base64,{b64encode(picture).decode('ascii')}"


def in_short(prompt: str, length: int = 90) -> str:
    """The beginning of a prompt, cut between words."""
    text = " ".join(prompt.split())
    if len(text) <= length:
        return text
    return text[:length].rsplit(" ", 1)[0].rstrip(" .,;:") + "…"
