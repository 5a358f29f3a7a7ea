"""The pictures that a storyboard names, whatever else is wrong with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from longtake.documents.document import STANDARD_INPUT, Document
from longtake.documents.plain import Place
from longtake.errors import Problem
from longtake.story import is_remote
from longtake.story.storyboard import PICTURE_SUFFIXES


def local_image(document_path: Path, uri: str) -> Path | None:
    """The file that an authored picture names, None for an address.

    Relative paths begin at the folder of the file that names them.
    """
    return None if is_remote(uri) else document_path.parent / uri


def missing_pictures(document: Document) -> list[Problem]:
    """Local pictures that are not there; looks at the data as it is, be it valid or not."""
    problems = []
    for place, uri in authored_pictures(document.data):
        image = local_image(document.path, uri)
        if image is None:
            continue
        if document.path == STANDARD_INPUT and not image.is_absolute():
            message = "a storyboard from standard input lies in no folder: give the whole path"
            problems.append(Problem(place, message))
        elif not _is_there(image):
            message = f"there is no picture `{uri}` in the storyboard's folder"
            problems.append(Problem(place, message))
    return problems


def _is_there(image: Path) -> bool:
    """Whether it is a file; a name that no file can have (too long, a zero byte) is none."""
    try:
        return image.is_file()
    except (OSError, ValueError):
        return False


def authored_pictures(data: object) -> Iterable[tuple[Place, str]]:
    """Every text in a shot that names a picture or its address, with its place."""
    scenes = data.get("scenes") if isinstance(data, Mapping) else None
    for scene_index, scene in enumerate(scenes if isinstance(scenes, list) else ()):
        shots = scene.get("shots") if isinstance(scene, Mapping) else None
        for shot_index, shot in enumerate(shots if isinstance(shots, list) else ()):
            place: Place = ("scenes", scene_index, "shots", shot_index)
            for keys, uri in _named(shot) if isinstance(shot, Mapping) else ():
                # What is no picture's name is the model's to refuse.
                if isinstance(uri, str) and (
                    uri.lower().endswith(PICTURE_SUFFIXES) or is_remote(uri)
                ):
                    yield (*place, *keys), uri


def _named(shot: Mapping[str, Any]) -> Iterable[tuple[Place, object]]:
    """What stands in a shot where pictures are named; a dissolve has one, too."""
    start = shot.get("start")
    yield ("start",), start
    if isinstance(start, Mapping):
        yield ("start", "from"), start.get("from")
    yield ("end_image",), shot.get("end_image")
