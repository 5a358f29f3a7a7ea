"""What a storyboard's sounds and captions are, read from disk, with everything wrong about them."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from longtake.errors import Place, Problem
from longtake.files import trouble_of_file
from longtake.own_clips import read_own_head
from longtake.plain_text import printable
from longtake.sound_files import CLIPPED_SHARE, SILENT_DB, listen
from longtake.story import Attached, ShownWords
from longtake.story.named_files import CLIP_SUFFIXES
from longtake.story.sound import SOUND_SUFFIXES
from longtake.story.words import CAPTION_SUFFIXES

MAX_CAPTION_BYTES = 16 << 20
MOST_CAPTION_LETTERS = 2000

_VTT_BLOCKS = re.compile(r"\n\n(?:NOTE|STYLE|REGION)\b.*?(?=\n\n|\Z)", re.DOTALL)
"""What stands in a VTT file besides captions (W3C WebVTT, 4.1)."""


def attach(data: object, folder: Path) -> tuple[Attached, list[Problem]]:
    """What is known of the files that a storyboard's data name, and what is wrong with them.

    ``data`` is looked at as it is, be it valid or not: what is no file's name is the model's to
    refuse. ``folder`` is where paths begin.
    """
    seconds: dict[str, float] = {}
    problems: list[Problem] = []
    for place, sound in _sounds(data):
        name, as_is = _file_of(sound)
        if name is None:
            continue
        path = folder / name
        trouble = _trouble_of_sound(path, name, as_is=as_is)
        if trouble is None:
            seconds[name] = listen(path).seconds
        else:
            where = (*place, "file") if isinstance(sound, Mapping) else place
            problems.append(Problem(where, trouble))
    clips, unfit = _own_clips(data, folder)
    lines, wrong = _captions(data, folder)
    attached = Attached(sound_seconds=seconds, clip_seconds=clips, captions=lines)
    return attached, [*problems, *unfit, *wrong]


def own_clips(data: object) -> Iterator[tuple[Place, str]]:
    """Every file that a shot has as its own clip, with its place; what is no name is left out."""
    for place, shot in _shots(data) if isinstance(data, Mapping) else ():
        name = shot.get("clip")
        named = isinstance(name, str) and name.lower().endswith(CLIP_SUFFIXES) and "://" not in name
        if named:
            yield (*place, "clip"), str(name)


def _own_clips(data: object, folder: Path) -> tuple[dict[str, float], list[Problem]]:
    """How long the clips are, by what their heads say."""
    seconds: dict[str, float] = {}
    problems = []
    for place, name in own_clips(data):
        if trouble := trouble_of_file(folder / name, name, "clip"):
            problems.append(Problem(place, trouble))
            continue
        head = read_own_head(folder / name)
        if head.trouble is not None:
            problems.append(Problem(place, f"`{name}` {head.trouble}"))
        else:
            seconds[name] = head.seconds
    return seconds, problems


def _trouble_of_sound(path: Path, name: str, *, as_is: bool) -> str | None:
    if trouble := trouble_of_file(path, name, "sound"):
        return trouble
    heard = listen(path)
    if heard.trouble is not None:
        return f"`{name}` {heard.trouble}"
    if heard.peak_db < SILENT_DB and not as_is:
        loudest = f"its loudest sample is at {heard.peak_db:.0f} dB"
        return f"`{name}` is silent: {loudest}; set `as_is: true` to take it all the same"
    if heard.clipped_share > CLIPPED_SHARE and not as_is:
        return (
            f"`{name}` is clipped: {heard.clipped_share:.1%} of its samples are cut off at full "
            "scale; record or export it softer, or set `as_is: true` to take it all the same"
        )
    return None


def _file_of(sound: object) -> tuple[str | None, bool]:
    """The name of the file, if it can be one, and whether it is to be taken as it is."""
    name = sound.get("file") if isinstance(sound, Mapping) else sound
    if not isinstance(name, str) or not name.lower().endswith(SOUND_SUFFIXES) or "://" in name:
        return None, False
    return name, isinstance(sound, Mapping) and sound.get("as_is") is True


def _sounds(data: object) -> Iterator[tuple[Place, object]]:
    """Everything in a storyboard that names a sound, with its place."""
    if not isinstance(data, Mapping):
        return
    yield ("soundtrack",), data.get("soundtrack")
    for place, shot in _shots(data):
        for key in ("voice", "sound"):
            value = shot.get(key)
            if isinstance(value, list):
                yield from (((*place, key, number), one) for number, one in enumerate(value))
            else:
                yield (*place, key), value


def _shots(data: Mapping[str, Any]) -> Iterator[tuple[Place, Mapping[str, Any]]]:
    scenes = data.get("scenes")
    for scene_index, scene in enumerate(scenes if isinstance(scenes, list) else ()):
        shots = scene.get("shots") if isinstance(scene, Mapping) else None
        for shot_index, shot in enumerate(shots if isinstance(shots, list) else ()):
            if isinstance(shot, Mapping) and not shot.get("skip"):
                yield ("scenes", scene_index, "shots", shot_index), shot


def _captions(data: object, folder: Path) -> tuple[tuple[ShownWords, ...], list[Problem]]:
    authored = data.get("captions") if isinstance(data, Mapping) else None
    name = authored.get("file") if isinstance(authored, Mapping) else authored
    if not isinstance(name, str) or not name.lower().endswith(CAPTION_SUFFIXES):
        return (), []
    place: Place = ("captions", "file") if isinstance(authored, Mapping) else ("captions",)
    path = folder / name
    if trouble := trouble_of_file(path, name, "caption file"):
        return (), [Problem(place, trouble)]
    try:
        lines = read_captions(path)
    except ValueError as error:
        return (), [Problem(place, f"`{name}` {error}")]
    return lines, []


def read_captions(path: Path) -> tuple[ShownWords, ...]:
    """The lines of an SRT or VTT file; ValueError, in words, where there are none."""
    import pysubs2

    if path.stat().st_size > MAX_CAPTION_BYTES:
        raise ValueError(f"is larger than {MAX_CAPTION_BYTES >> 20} MiB: these are no captions")
    try:
        form = path.suffix.lower().lstrip(".")
        text = path.read_text("utf-8-sig")
        if form == "vtt":
            text = _VTT_BLOCKS.sub("\n\n", text.replace("\r\n", "\n"))
        read = pysubs2.SSAFile.from_string(text, format_=form)
    except UnicodeDecodeError:
        raise ValueError("is no text in UTF-8: save it as UTF-8") from None
    except (pysubs2.Pysubs2Error, ValueError) as error:
        raise ValueError(f"cannot be read: {error}") from None
    lines = [
        ShownWords(
            begin_seconds=event.start / 1000,
            end_seconds=event.end / 1000,
            text=_plain(event.plaintext, form),
        )
        for event in read
        if not event.is_comment and _plain(event.plaintext, form)
    ]
    if not lines:
        raise ValueError("has no captions in it")
    for number, line in enumerate(lines, start=1):
        if line.end_seconds <= line.begin_seconds:
            raise ValueError(f"has a caption, number {number}, that ends before it begins")
        if len(line.text) > MOST_CAPTION_LETTERS:
            raise ValueError(
                f"has a caption, number {number}, of {len(line.text)} letters; "
                f"{MOST_CAPTION_LETTERS} can still be read at once"
            )
    return tuple(lines)


def _plain(text: str, form: str) -> str:
    """A caption's words, without what a terminal or a player would take for something else."""
    return printable(html.unescape(text) if form == "vtt" else text).strip()
