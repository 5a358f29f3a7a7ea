"""The pictures that a storyboard names, whatever else is wrong with it."""

from __future__ import annotations

import base64
from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

from longtake.attachments import own_clips
from longtake.documents.document import STANDARD_INPUT, Document
from longtake.errors import Place, Problem
from longtake.files import trouble_of_file
from longtake.plain_text import shortened
from longtake.story import is_remote
from longtake.story.named_files import PICTURE_SUFFIXES

Examine = Callable[[Path | bytes, str], str]
"""What is wrong with a picture (its file or its bytes, and how it is called), "" if nothing is."""


def local_image(document_path: Path, uri: str) -> Path | None:
    """The file that an authored picture names, None for an address.

    Relative paths begin at the folder of the file that names them.
    """
    return None if is_remote(uri) else document_path.parent / uri


def picture_problems(document: Document, examine: Examine | None = None) -> list[Problem]:
    """Pictures that are not there, or that ``examine`` finds of no use.

    Looks at the data as it is, be it valid or not. Remote pictures are not asked for.
    """
    said: dict[str, str] = {}
    problems = []
    for place, uri in authored_pictures(document.data):
        if uri not in said:
            said[uri] = _trouble(document.path, uri, examine)
        if said[uri]:
            problems.append(Problem(place, said[uri]))
    return problems


def clip_problems(
    document: Document, known: Collection[str], examine: Examine | None = None
) -> list[Problem]:
    """Clips of the author's own that ``examine`` finds of no use, of those whose head is right."""
    if examine is None:
        return []
    found = (
        Problem(place, examine(document.path.parent / name, f"`{name}`"))
        for place, name in own_clips(document.data)
        if name in known
    )
    return [problem for problem in found if problem.message]


def _trouble(document_path: Path, uri: str, examine: Examine | None) -> str:
    """What is wrong with one picture, "" if nothing is."""
    image = local_image(document_path, uri)
    if image is None:
        content = _in_data_url(uri)
        return examine(content, "the data URL") if examine and content is not None else ""
    if document_path == STANDARD_INPUT and not image.is_absolute():
        return "a storyboard from standard input lies in no folder: give the whole path"
    if trouble := trouble_of_file(image, shortened(uri), "picture"):
        return trouble
    return examine(image, f"`{uri}`") if examine else ""


def _in_data_url(uri: str) -> bytes | None:
    """The bytes that a data URL holds; None for another address, or one that cannot be read."""
    if uri[:5].lower() != "data:":
        return None
    try:
        return base64.b64decode(uri.partition(",")[2], validate=True)
    except ValueError:  # which is the model's to refuse
        return None


def authored_pictures(data: object) -> Iterable[tuple[Place, str]]:
    """Every text in a scene or shot that names a picture or its address, with its place."""
    scenes = data.get("scenes") if isinstance(data, Mapping) else None
    for scene_index, scene in enumerate(scenes if isinstance(scenes, list) else ()):
        if not isinstance(scene, Mapping):
            continue
        shots, named = scene.get("shots"), [*_along(scene)]
        for shot_index, shot in enumerate(shots if isinstance(shots, list) else ()):
            if isinstance(shot, Mapping) and shot.get("skip"):
                continue
            place: Place = ("shots", shot_index)
            named += [((*place, *keys), uri) for keys, uri in _named(shot)]
        for keys, uri in named:
            # What is no picture's name is the model's to refuse.
            if isinstance(uri, str) and (_is_name(uri) or is_remote(uri)):
                yield ("scenes", scene_index, *keys), uri


def _is_name(uri: str) -> bool:
    return uri.lower().endswith(PICTURE_SUFFIXES) and "://" not in uri


def _along(holder: Mapping[str, Any]) -> Iterable[tuple[Place, object]]:
    """The stills along a scene or a shot."""
    stills = holder.get("stills")
    for number, uri in enumerate(stills if isinstance(stills, list) else ()):
        yield ("stills", number), uri


def _named(shot: object) -> Iterable[tuple[Place, object]]:
    """What stands in a shot where pictures are named; a dissolve has one, too."""
    if not isinstance(shot, Mapping):
        return
    yield from _along(shot)
    start = shot.get("start")
    yield ("start",), start
    if isinstance(start, Mapping):
        yield ("start", "from"), start.get("from")
    yield ("end_image",), shot.get("end_image")
