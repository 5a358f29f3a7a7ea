"""What is wrong with a file that an author hands in, be it a picture or a clip."""

from __future__ import annotations

from pathlib import Path

from longtake.story.named_files import CLIP_SUFFIXES


def trouble_with(file: Path | bytes, name: str) -> str:
    """What is wrong with it, "" if nothing is: a ``documents.Examine``. All of it is decoded."""
    if isinstance(file, Path) and file.suffix.lower() in CLIP_SUFFIXES:
        from longtake.media.own import trouble_with_clip

        return trouble_with_clip(file, name)
    from longtake.media.stills import trouble_with as trouble_with_still

    return trouble_with_still(file, name)
