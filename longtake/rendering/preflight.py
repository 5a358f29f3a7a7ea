"""What can be wrong before anything is started, found without Prefect: cheapest first."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

from longtake.documents import load_plan
from longtake.errors import OperatorError
from longtake.media.binary import Ffmpeg, find_ffmpeg, require_lettering
from longtake.media.examining import trouble_with
from longtake.media.fonts import find_font
from longtake.rendering.film_recipe import draws_words
from longtake.rendering.storyboard_input import as_file, folder_for
from longtake.settings import Settings, load_settings
from longtake.story import NOTHING, Attached, Storyboard


class Preflight(NamedTuple):
    """What a render has before anything is sent or started.

    ``path`` is the storyboard's file and ``sha256`` that of its bytes, ``attached`` what was read
    of its sounds and captions. What else was read of it,
    the place of every line, is dropped: it would fill the memory for as long as the film renders.
    """

    storyboard: Storyboard
    path: Path
    sha256: str
    settings: Settings
    ffmpeg: Ffmpeg
    folder: Path
    attached: Attached = NOTHING


def preflight(
    storyboard: str | Path,
    out: Path | None = None,
    *,
    profile: str | None = None,
    emulated: bool = False,
) -> Preflight:
    """Find everything that can be wrong before money is spent, or raise what is."""
    settings = load_settings(profile)
    path = as_file(storyboard)
    loaded, plan = load_plan(path.resolve(), rates=settings.rates, examine=trouble_with)
    if not emulated and settings.api_key_block is None:
        settings.key()
    ffmpeg = chosen_ffmpeg(settings)
    if draws_words(plan):
        require_lettering(ffmpeg)
        find_font(settings.font)
    folder = (out or folder_for(path)).resolve()
    prepare(folder)
    return Preflight(
        loaded.storyboard, loaded.path, loaded.sha256, settings, ffmpeg, folder, loaded.attached
    )


def chosen_ffmpeg(settings: Settings) -> Ffmpeg:
    """The ffmpeg that the settings name, else the one that is found."""
    return find_ffmpeg(str(settings.ffmpeg) if settings.ffmpeg else None)


def prepare(folder: Path) -> None:
    """Make the render's folder; an OperatorError where nothing can be written there."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OperatorError(
            f"cannot make {folder}: {error.strerror}; choose another --out"
        ) from None
    if not os.access(folder, os.W_OK):
        raise OperatorError(f"cannot write to {folder}; choose another --out")
