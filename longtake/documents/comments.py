"""Texts cut off by a comment: ``prompt: A boat #cinematic`` says only "A boat".

``#word`` is hardly ever meant as a comment, and is a problem. One blank and ``# word`` may be
either, and is worth a notice. Two blanks before the ``#`` are how comments are set off.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.scalarstring import ScalarString

from longtake.errors import Place, Problem
from longtake.story.explain import brief


def lost_ends(nodes: object, lines: list[str]) -> tuple[list[Problem], list[Problem]]:
    """Problems and notices: where a comment may be the end of a text. ``lines``: of the file."""
    problems, notices = [], []
    for place, comment in _after_texts(nodes, (), set()):
        said = comment.value.splitlines()[0]
        before = lines[comment.start_mark.line][: comment.start_mark.column]
        shown = brief(said)
        if not said[1:2].isspace() and said[1:].strip("#- "):
            message = f"`{shown}` is a comment in YAML, and not in the text: put the text in quotes"
            fix = ", or leave a blank after the `#` if it is a comment"
            problems.append(Problem(place, message + fix))
        elif before[-2:-1].strip() and said[1:].strip():
            message = (
                f"`{shown}` is taken for a comment: put the text in quotes if it belongs to it"
            )
            notices.append(Problem(place, message + ", or leave two blanks before the `#`"))
    return problems, notices


def _after_texts(node: object, place: Place, seen: set[int]) -> Iterator[tuple[Place, Any]]:
    """Every comment that stands on the last line of a plain text, with the text's place."""
    if not isinstance(node, CommentedMap | CommentedSeq) or id(node) in seen:
        return
    seen.add(id(node))
    items = node.items() if isinstance(node, CommentedMap) else enumerate(node)
    for key, value in items:
        if type(value) is str or (isinstance(value, ScalarString) and _is_plain(value)):
            tokens = node.ca.items.get(key) or ()
            for token in tokens:
                if token is not None and str(getattr(token, "value", "")).startswith("#"):
                    yield (*place, key), token
        else:
            yield from _after_texts(value, (*place, key), seen)


def _is_plain(value: ScalarString) -> bool:
    return type(value).__name__ == "PlainScalarString"
