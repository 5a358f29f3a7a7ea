"""A storyboard's texts changed in its file, and nothing else of it: comments and order stay.

Only the characters of the changed values are replaced. What came of it is read again, and must
differ in these values alone.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from longtake.documents.document import Document, read
from longtake.errors import OperatorError, Place, SettingsError, StoryboardError
from longtake.files import replaced

_PLAIN = re.compile(r"[^\W\d_][\w .,;()'/+-]*")
"""What may stand in YAML without quotes wherever it is; the rest is quoted."""


@dataclass(frozen=True)
class TextField:
    """A text of a storyboard that can be changed: ``place`` as problems name it."""

    place: str
    label: str
    text: str


@dataclass(frozen=True)
class Edited:
    """A storyboard's file with changed texts; ``sha256`` is that of the file as it lies there."""

    path: Path
    text: str
    sha256: str


def text_fields(document: Document) -> list[TextField]:
    """The prompts and beats of a storyboard, shot by shot, and the style that all share."""
    data = document.data if isinstance(document.data, Mapping) else {}
    found = [TextField(*field) for field in _fields(data)]
    return [field for field in found if isinstance(field.text, str)]


def edited(path: Path, texts: Mapping[str, str]) -> Edited:
    """The file's text with those of ``texts``, by their places.

    Raises SettingsError where a place cannot be changed by itself, StoryboardError for a file that
    cannot be read. Blocking.
    """
    document = read(path)
    known = {field.place: field.text for field in text_fields(document)}
    wanted = {place: text for place, text in texts.items() if known.get(place) != text}
    unknown = next((place for place in wanted if place not in known), None)
    if unknown is not None:
        raise SettingsError(f"{path} has no text at {unknown}: reload the page")
    text = document.text
    if wanted:
        text = _replaced(document, {_as_place(place): new for place, new in wanted.items()})
    return Edited(path, text, document.sha256)


def keep_text(change: Edited) -> None:
    """Write the file, whole or not at all; OperatorError where it cannot be, or has changed."""
    if read(change.path).sha256 != change.sha256:
        raise OperatorError(f"{change.path} was changed by another program: reload the page")
    try:
        replaced(change.path, change.text.encode("utf-8"))
    except OSError as error:
        raise OperatorError(f"cannot write {change.path}: {error.strerror}") from error


def _fields(data: Mapping[str, Any]) -> Iterator[tuple[str, str, Any]]:
    look = data.get("look")
    if isinstance(look, Mapping) and "style" in look:
        yield "look.style", "Style of the film", look["style"]
    scenes = data.get("scenes")
    for s, scene in enumerate(scenes if isinstance(scenes, list) else []):
        shots = scene.get("shots") if isinstance(scene, Mapping) else None
        name = scene.get("name", f"scene {s + 1}") if isinstance(scene, Mapping) else ""
        for n, shot in enumerate(shots if isinstance(shots, list) else []):
            place, label = f"scenes.{s}.shots.{n}", f"{name}, shot {n + 1}"
            if not isinstance(shot, Mapping):
                yield place, label, shot
                continue
            yield f"{place}.prompt", label, shot.get("prompt")
            beats = shot.get("beats")
            for b, beat in enumerate(beats if isinstance(beats, list) else []):
                yield f"{place}.beats.{b}", f"{label}, beat {b + 1}", beat


def _as_place(place: str) -> Place:
    return tuple(int(part) if part.isdecimal() else part for part in place.split("."))


def _replaced(document: Document, wanted: Mapping[Place, str]) -> str:
    root = _composed(document)
    found = {place: _node(root, place) for place in wanted}
    nodes = {place: node for place, node in found.items() if isinstance(node, ScalarNode)}
    if len(nodes) < len(wanted):
        raise SettingsError(f"{document.path} cannot be changed here: edit the file")
    expected = deepcopy(document.data)
    for place, text in wanted.items():
        _put(expected, place, text)
    for quoted in (False, True):
        text = document.text
        for place in sorted(wanted, key=lambda each: -nodes[each].start_mark.index):
            text = _with(text, nodes[place], wanted[place], quoted=quoted)
        if _says(document.path, text, expected):
            return text
    raise SettingsError(
        f"{document.path} cannot be changed here without changing more of it: edit the file"
    )


def _composed(document: Document) -> Node:
    try:
        node: Node = YAML(typ="rt").compose(document.text)
    except (YAMLError, ValueError) as error:
        raise SettingsError(f"{document.path} cannot be changed here: edit the file") from error
    return node


def _node(node: Node | None, place: Place) -> Node | None:
    for part in place:
        if isinstance(node, MappingNode):
            found = (value for key, value in node.value if key.value == part)
            node = next(found, None)
        elif isinstance(node, SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
        else:
            return None
    return node


def _with(text: str, node: Node, new: str, *, quoted: bool) -> str:
    begin, end = node.start_mark.index, node.end_mark.index
    old = text[begin:end]
    tail = old[len(old.rstrip()) :]  # of a block text, the end of its last line
    bare = not quoted and _PLAIN.fullmatch(new)
    return text[:begin] + (new if bare else json.dumps(new, ensure_ascii=False)) + tail + text[end:]


def _put(data: Any, place: Place, text: str) -> None:
    *way, last = place
    for part in way:
        data = data[part]
    data[last] = text


def _says(path: Path, text: str, expected: Any) -> bool:
    """Whether the text reads as expected, and not as anything else."""
    try:
        return bool(read(path, text).data == expected)
    except StoryboardError:
        return False
