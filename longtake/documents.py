"""Authored files: YAML or JSON from disk, with every problem told by file, line and place."""

from __future__ import annotations

import datetime
import hashlib
import json
import warnings
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq, TaggedScalar
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.scalarbool import ScalarBoolean

from longtake.errors import Problem, StoryboardError
from longtake.story import Plan, Rates, Storyboard, build_plan, explain, is_remote
from longtake.story.storyboard import PICTURE_SUFFIXES

Place = tuple[str | int, ...]
Loaded = TypeVar("Loaded", bound=BaseModel)
Used = TypeVar("Used")

MAX_BYTES = 64 * 2**20
"""Larger files are refused unread: even with pictures as data URLs no storyboard is that large."""

_YAML_MENDS = {
    "mapping values are not allowed": "put a text that contains `: ` in quotes",
    "cannot start any token": "indent with spaces, and quote texts that begin with a special mark",
}


@dataclass(frozen=True)
class Document:
    """A file's content as plain data (mappings with text keys, lists, scalars)."""

    path: Path
    data: Any
    sha256: str
    """Of the file's bytes, as 64 hex digits."""
    _nodes: object = field(default=None, repr=False, compare=False)

    def line(self, place: Place) -> int | None:
        """The 1-based line of the value's key or list item.

        Of a place that does not exist (a missing key) it is the line of the nearest parent that
        does; None where lines are not known at all.
        """
        if not isinstance(self._nodes, CommentedMap | CommentedSeq):
            return None
        node: object = self._nodes
        line: int = self._nodes.lc.line
        for part in place:
            try:
                if isinstance(node, CommentedMap):
                    line, node = node.lc.key(part)[0], node[part]
                elif isinstance(node, CommentedSeq):
                    line, node = node.lc.item(part)[0], node[part]
                else:
                    break
            except (KeyError, IndexError, TypeError):
                break
        return line + 1


@dataclass(frozen=True)
class LoadedStoryboard:
    """A storyboard together with the file it was read from."""

    storyboard: Storyboard
    document: Document

    @property
    def path(self) -> Path:
        """The file it was read from."""
        return self.document.path

    @property
    def sha256(self) -> str:
        """SHA-256 of the file's bytes."""
        return self.document.sha256


def read(path: Path | str) -> Document:
    """Read a YAML 1.2 or JSON file; raises StoryboardError where that cannot be done."""
    path = Path(path)
    content = _bytes(path)
    text = _text(path, content)
    if path.suffix.lower() == ".json":
        data, nodes = _parse_json(path, text), _lines_of_json(text)
    else:
        nodes = _parse_yaml(path, text)
        data = _plain(path, nodes)
    if data is None:
        raise _refused(path, "the file is empty")
    return Document(path, data, hashlib.sha256(content).hexdigest(), nodes)


def load(path: Path | str, model: type[Loaded]) -> Loaded:
    """Read the file and validate it; raises StoryboardError with every problem, with its line."""
    return _validated(read(path), model)


def load_storyboard(path: Path | str) -> LoadedStoryboard:
    """Read a storyboard; raises StoryboardError with every problem, missing pictures included."""
    return _load_storyboard(path, lambda loaded: loaded)


def load_plan(
    path: Path | str, *, base_seed: int | None = None, rates: Rates | None = None
) -> tuple[LoadedStoryboard, Plan]:
    """Read a storyboard and plan it; raises StoryboardError with every problem of both."""
    return _load_storyboard(
        path, lambda loaded: (loaded, plan_of(loaded, base_seed=base_seed, rates=rates))
    )


def _load_storyboard(path: Path | str, use: Callable[[LoadedStoryboard], Used]) -> Used:
    """What ``use`` makes of the storyboard; its problems and the missing pictures, together."""
    document = read(path)
    missing = locate(_missing_pictures(document), document)
    try:
        used = use(LoadedStoryboard(_validated(document, Storyboard), document))
    except StoryboardError as error:
        raise StoryboardError(_in_file_order([*error.problems, *missing])) from error
    if missing:
        raise StoryboardError(missing)
    return used


def plan_of(
    loaded: LoadedStoryboard, *, base_seed: int | None = None, rates: Rates | None = None
) -> Plan:
    """``build_plan`` for a storyboard from a file: its problems get the file's name and lines."""
    try:
        return build_plan(
            loaded.storyboard, base_seed=base_seed, rates=rates, source_sha256=loaded.sha256
        )
    except StoryboardError as error:
        raise StoryboardError(locate(error.problems, loaded.document)) from error


def locate(problems: Iterable[Problem], document: Document) -> list[Problem]:
    """The problems with the document's name and the lines of their places."""
    return [
        replace(problem, file=str(document.path), line=document.line(problem.place))
        for problem in problems
    ]


def local_image(document_path: Path, uri: str) -> Path | None:
    """The file that an authored picture names, None for an address.

    Relative paths begin at the folder of the file that names them.
    """
    return None if is_remote(uri) else document_path.parent / uri


def _refused(path: Path, message: str, line: int | None = None) -> StoryboardError:
    return StoryboardError([Problem((), message, file=str(path), line=line)])


def _in_file_order(problems: Iterable[Problem]) -> list[Problem]:
    return sorted(problems, key=lambda problem: problem.line or 0)


def _bytes(path: Path) -> bytes:
    """The file's content, within reason."""
    try:
        if path.is_dir():
            raise _refused(path, "this is a folder: name the file in it")
        if path.stat().st_size > MAX_BYTES:
            raise _refused(path, f"larger than {MAX_BYTES // 2**20} MiB: not an authored file")
        return path.read_bytes()
    except FileNotFoundError:
        raise _refused(path, "there is no such file") from None
    except OSError as error:
        raise _refused(path, f"cannot be read: {error.strerror or error}") from error


def _text(path: Path, content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise _refused(path, "not text in UTF-8: save the file as UTF-8", line) from error


def _parse_yaml(path: Path, text: str) -> object:
    """The file's nodes, which know their lines."""
    try:
        with warnings.catch_warnings():
            # An anchor that is defined again is valid YAML: no cause to write to a terminal.
            warnings.simplefilter("ignore")
            return YAML(typ="rt").load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = None if mark is None else mark.line + 1
        raise _refused(path, _yaml_words(error), line) from error
    except (YAMLError, ValueError) as error:
        line = text.count("\n", 0, getattr(error, "position", 0)) + 1
        raise _refused(path, f"not YAML: {str(error).splitlines()[0]}", line) from error
    except RecursionError as error:
        raise _refused(path, "nested too deeply") from error


def _yaml_words(error: MarkedYAMLError) -> str:
    """The parser's complaint, with a mend where the cause is usual."""
    problem = str(error.problem or error).splitlines()[0].split('  in "')[0].strip()
    if problem.startswith("found duplicate key"):
        key = problem.split('"')[1]
        return f"`{key}` is written twice in the same place: keep one of them"
    mend = next((mend for sign, mend in _YAML_MENDS.items() if sign in problem), "")
    return ": ".join(part for part in ("not YAML", problem, mend) if part)


def _parse_json(path: Path, text: str) -> object:
    """A .json file by JSON's own rules: YAML would refuse tabs and split surrogate pairs."""

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        keys = [key for key, _ in pairs]
        twice = next((key for key in keys if keys.count(key) > 1), None)
        if twice is not None:
            raise _refused(path, f"`{twice}` is written twice in the same place: keep one of them")
        return dict(pairs)

    try:
        return json.loads(text, object_pairs_hook=unique) if text.strip() else None
    except json.JSONDecodeError as error:
        raise _refused(path, f"not JSON: {error.msg}", error.lineno) from error
    except RecursionError as error:
        raise _refused(path, "nested too deeply") from error


def _lines_of_json(text: str) -> object:
    """The nodes of a JSON file, for their lines only; None where they cannot be had."""
    try:
        return YAML(typ="rt").load(text.replace("\t", " "))
    except (YAMLError, ValueError, RecursionError):
        return None


def _plain(path: Path, node: object) -> Any:
    """The node as plain data; StoryboardError for what no authored file needs.

    The parser's scalars are subclasses that know their style, which is of no use here.
    """
    match node:
        case CommentedMap():
            return {_key(path, node, key): _plain(path, value) for key, value in node.items()}
        case CommentedSeq():
            return [_plain(path, value) for value in node]
        case None | bool() | datetime.date():
            return node
        case str():
            return str(node)
        case ScalarBoolean():  # an anchored one: an int that is no bool
            return bool(node)
        case int():
            return int(node)
        case float():
            return float(node)
        case TaggedScalar():
            raise _refused(path, f"tags such as `{node.tag.value}` are not supported")
        case _:
            raise _refused(path, f"`{node}` is no text, number, list or mapping")


def _key(path: Path, node: CommentedMap, key: object) -> str:
    """A mapping's key, which must be text."""
    if isinstance(key, str):
        return str(key)
    raise _refused(path, f"the key `{key}` must be text: quote it", node.lc.line + 1)


def _validated(document: Document, model: type[Loaded]) -> Loaded:
    if not isinstance(document.data, Mapping):
        raise _refused(document.path, "must be a mapping: `key: value` lines at the top", 1)
    try:
        return model.model_validate(document.data)
    except ValidationError as error:
        problems = locate(explain(error, model, document.data), document)
        raise StoryboardError(_in_file_order(problems)) from error


def _missing_pictures(document: Document) -> list[Problem]:
    """Local pictures that are not there; looks at the data as it is, be it valid or not."""
    problems = []
    for place, uri in _pictures(document.data):
        image = local_image(document.path, uri)
        if image is not None and not image.is_file():
            message = f"there is no picture `{uri}` in the storyboard's folder"
            problems.append(Problem(place, message))
    return problems


def _pictures(data: object) -> Iterable[tuple[Place, str]]:
    """Every text in a shot that names a picture, with its place."""
    scenes = data.get("scenes") if isinstance(data, Mapping) else None
    for scene_index, scene in enumerate(scenes if isinstance(scenes, list) else ()):
        shots = scene.get("shots") if isinstance(scene, Mapping) else None
        for shot_index, shot in enumerate(shots if isinstance(shots, list) else ()):
            place: Place = ("scenes", scene_index, "shots", shot_index)
            for keys, uri in _named(shot) if isinstance(shot, Mapping) else ():
                # What is no picture's name is the model's to refuse.
                if isinstance(uri, str) and uri.lower().endswith(PICTURE_SUFFIXES):
                    yield (*place, *keys), uri


def _named(shot: Mapping[str, Any]) -> Iterable[tuple[Place, object]]:
    """What stands in a shot where pictures are named; a dissolve has one, too."""
    start = shot.get("start")
    yield ("start",), start
    if isinstance(start, Mapping):
        yield ("start", "from"), start.get("from")
    yield ("end_image",), shot.get("end_image")
