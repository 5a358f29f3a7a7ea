"""A file's content as plain data, with the lines of its values and what was wrong while reading."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from ruamel.yaml.comments import CommentedMap, CommentedSeq

from longtake.documents.comments import lost_ends
from longtake.documents.json_text import data_of, lines_of
from longtake.documents.plain import plain
from longtake.documents.yaml_text import Unreadable, nodes_of
from longtake.errors import Place, Problem, StoryboardError
from longtake.files import read_regular

MAX_BYTES = 2 * 2**20
"""Larger YAML is refused unread: a thousand shots take a tenth of it, and YAML is slow to read."""

MAX_JSON_BYTES = 32 * 2**20
"""Larger JSON is refused unread."""

STANDARD_INPUT = Path("-")
"""Names standard input in place of a file."""


@dataclass(frozen=True)
class Document:
    """A file's content as plain data (mappings with text keys, lists, scalars)."""

    path: Path
    data: Any
    sha256: str
    """Of the file's bytes, as 64 hex digits."""
    text: str = field(repr=False, compare=False)
    """As it was read."""
    problems: tuple[Problem, ...] = ()
    """Values that no authored file can hold; in ``data`` something harmless stands for them."""
    notices: tuple[Problem, ...] = ()
    """What is allowed but may be a mistake."""
    _parse: Callable[[], object] = field(default=lambda: None, repr=False, compare=False)

    @cached_property
    def _nodes(self) -> object:
        return self._parse()

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


def read(path: Path | str, text: str | None = None) -> Document:
    """Read a YAML 1.2 or JSON file, or standard input (``-``); or a ``text`` as if it lay there.

    Raises StoryboardError where it cannot be read at all. What is wrong with single values is in
    the document's ``problems``: the caller has to raise them (``load`` does).
    """
    path = Path(path)
    is_json = path.suffix.lower() == ".json"
    most = MAX_JSON_BYTES if is_json else MAX_BYTES
    content = _bytes(path, most) if text is None else text.encode("utf-8", "surrogatepass")
    if len(content) > most:
        raise refused(path, f"larger than {most // 2**20} MiB: not an authored file")
    text = _text(path, content)
    try:
        return (_from_json if is_json else _from_yaml)(path, text, _sha256(content))
    except Unreadable as error:
        raise refused(path, str(error), error.line) from error


def data_in(text: str) -> Any:
    """The data of an authored text, YAML or JSON; None where it cannot be read."""
    try:
        data, _ = plain(nodes_of(text))
    except Unreadable:
        return None
    return data


def locate(problems: Iterable[Problem], document: Document) -> list[Problem]:
    """The problems with the document's name and the lines of their places."""
    return [
        replace(problem, file=str(document.path), line=problem.line or document.line(problem.place))
        for problem in problems
    ]


def refused(path: Path, message: str, line: int | None = None) -> StoryboardError:
    """The error for a file that cannot be used at all."""
    return StoryboardError([Problem((), message, file=str(path), line=line)])


def _from_json(path: Path, text: str, sha256: str) -> Document:
    data, problems = plain(data_of(text))
    return _document(
        Document(path, data, sha256, text, tuple(problems), (), lambda: lines_of(text))
    )


def _from_yaml(path: Path, text: str, sha256: str) -> Document:
    nodes = nodes_of(text)
    data, problems = plain(nodes)
    lost, notices = lost_ends(nodes, text.splitlines())
    every = (*problems, *lost)
    return _document(Document(path, data, sha256, text, every, tuple(notices), lambda: nodes))


def _document(read: Document) -> Document:
    """The document, unless it is empty; its problems and notices get their lines."""
    if read.data is None and not read.problems:
        raise refused(read.path, "the file is empty")
    return replace(
        read, problems=tuple(locate(read.problems, read)), notices=tuple(locate(read.notices, read))
    )


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _bytes(path: Path, most: int) -> bytes:
    """The file's content, within reason."""
    if path == STANDARD_INPUT:
        content = sys.stdin.buffer.read(most + 1)
        if len(content) > most:
            raise refused(path, f"larger than {most // 2**20} MiB: not an authored file")
        return content
    try:
        if path.is_dir():
            raise refused(path, "this is a folder: name the file in it")
        return read_regular(path, most)
    except FileNotFoundError:
        raise refused(path, "there is no such file") from None
    except (OSError, ValueError) as error:
        said = getattr(error, "strerror", None) or error
        raise refused(path, f"cannot be read: {said}") from error


def _text(path: Path, content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise refused(path, "not text in UTF-8: save the file as UTF-8", line) from error
