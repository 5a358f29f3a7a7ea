"""What is heard and read in a film: made once for what it is, and made again when that changes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import anyio.to_thread

from longtake.files import sha256_of
from longtake.media import Ffmpeg
from longtake.media.film import CaptionTrack
from longtake.media.lettering import as_srt
from longtake.media.mixing import PlacedSound
from longtake.media.sound import Loudness, make_sound
from longtake.profile_parts import Sound
from longtake.rendering.film_recipe import digest
from longtake.story import CaptionsPlan, Plan

MIXING = "sound-1"
"""The version of everything that makes the film's sound."""


async def sound_recipe(plan: Plan, pictures: Path, settings: Sound) -> str:
    """Names what is heard, by the files' content; "" for a silent film."""
    if not plan.sound.cues:
        return ""
    files = dict.fromkeys(cue.file for cue in plan.sound.cues)
    hashes = {name: await anyio.to_thread.run_sync(sha256_of, pictures / name) for name in files}
    parts: dict[str, Any] = {
        "mixing": MIXING,
        "cues": plan.sound.model_dump(mode="json"),
        "files": hashes,
        "length": [plan.frame_count, plan.fps],
        "settings": settings.model_dump(),
    }
    return digest(parts)


async def film_sound(
    plan: Plan, pictures: Path, folder: Path, recipe: str, settings: Sound, ffmpeg: Ffmpeg
) -> Path | None:
    """The film's sound as a file in ``folder``, which keeps it for the next time; None if silent.

    ``pictures`` is the folder from which the storyboard names its files.
    """
    if not recipe:
        return None
    into = folder / f"{recipe[:16]}.m4a"
    if await anyio.Path(into).is_file():
        return into
    async for older in anyio.Path(folder).glob("*.m4a"):
        await older.unlink(missing_ok=True)
    loudness = None
    if settings.loudness_lufs is not None:
        loudness = Loudness(lufs=settings.loudness_lufs, peak_db=settings.peak_db)
    await make_sound(
        [PlacedSound(cue, pictures / cue.file) for cue in plan.sound.cues],
        into,
        ffmpeg=ffmpeg,
        frame_count=plan.frame_count,
        fps=plan.fps,
        duck_db=plan.sound.duck_db,
        loudness=loudness,
    )
    return into


@contextmanager
def caption_file(captions: CaptionsPlan) -> Iterator[CaptionTrack | None]:
    """The captions as a file for as long as the block lasts; None where there are none."""
    if not captions.lines:
        yield None
        return
    with TemporaryDirectory(prefix="longtake-captions-") as folder:
        path = Path(folder, "captions.srt")
        path.write_text(as_srt(captions.lines), encoding="utf-8")
        yield CaptionTrack(path, captions.language)
