"""Parsed nodes as plain data: text keys, lists and scalars, and all that is wrong with them."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from ruamel.yaml.comments import CommentedMap, CommentedSeq, TaggedScalar
from ruamel.yaml.scalarbool import ScalarBoolean

from longtake.documents.yaml_text import MAX_DEPTH, MAX_VALUES, HugeNumber, Unreadable, too_many
from longtake.errors import Place, Problem
from longtake.story.explain import shown

_MAX_INT = 2**63
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f]")
_ODD_KINDS = {"bytes": "what `!!binary` makes", "tuple": "a pair of `!!pairs`"}
_SURROGATE = re.compile(r"[\ud800-\udfff]")


def plain(node: object) -> tuple[Any, list[Problem]]:
    """The node as plain data, with a harmless value in place of each that has a problem.

    Raises Unreadable where there are too many values, aliases followed, or too deep ones.
    """
    walk = _Walk()
    return walk.value(node, ()), walk.problems


class _Walk:
    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self._values = 0

    def value(self, node: object, place: Place) -> Any:
        """One value, with all that is in it.

        The parser's scalars are subclasses that know their style, which is of no use here.
        """
        self._values += 1
        if self._values > MAX_VALUES:
            raise Unreadable(too_many())
        if len(place) > MAX_DEPTH:
            raise Unreadable("nested too deeply")
        match node:
            case CommentedMap() | dict():
                return self._mapping(node, place)
            case CommentedSeq() | list():
                return [self.value(each, (*place, index)) for index, each in enumerate(node)]
            case HugeNumber():
                return self._refused(place, "a number of so many digits is of no use here", 0)
            case str():
                return self._text(str(node), place)
            case None | bool():
                return node
            case ScalarBoolean():  # an anchored one: an int that is no bool
                return bool(node)
            case int():
                return self._int(int(node), place)
            case float():
                return float(node)
            case TaggedScalar():
                message = f"tags such as `{node.tag.value}` are not supported"
                return self._refused(place, message, None)
            case _:
                kind = type(node).__name__.removeprefix("Commented").lower()
                message = f"{_ODD_KINDS.get(kind, f'a {kind}')} is no text, number, list or mapping"
                return self._refused(place, message, None)

    def _mapping(self, node: dict[Any, Any], place: Place) -> dict[str, Any]:
        data: dict[str, Any] = {}
        for key, value in node.items():
            if not isinstance(key, str):
                self._refuse_key(node, key, place)
                continue
            name = self._text(str(key), (*place, key))
            data[name] = self.value(value, (*place, name))
        return data

    def _refuse_key(self, node: dict[Any, Any], key: object, place: Place) -> None:
        """A key that is no text is no place to look for: its line is told here."""
        message = f"a key must be text, not {shown(key)}: quote it, or take it out"
        line = node.lc.key(key)[0] + 1 if isinstance(node, CommentedMap) else None
        self.problems.append(Problem(place, message, line=line))

    def _int(self, number: int, place: Place) -> int:
        if abs(number) < _MAX_INT:
            return number
        return int(self._refused(place, "a number as large as this is of no use here", 0))

    def _text(self, text: str, place: Place) -> str:
        """The text; JSON writes one character outside of the basic plane as two halves."""
        if _SURROGATE.search(text):
            try:
                text = text.encode("utf-16", "surrogatepass").decode("utf-16")
            except UnicodeDecodeError:
                message = "half of a character (a lone surrogate) is in the text: write it again"
                return str(self._refused(_shown(place), message, "?"))
        if found := _CONTROL.search(text):
            name = unicodedata.name(found[0], "a control character")
            message = f"U+{ord(found[0]):04X} ({name}) is in the text: take it out"
            return str(self._refused(_shown(place), message, "?"))
        return text

    def _refused(self, place: Place, message: str, instead: object) -> Any:
        self.problems.append(Problem(place, message))
        return instead


def _shown(place: Place) -> Place:
    """The place, without what no terminal can show (its last key may be what is refused)."""
    return tuple(
        part if isinstance(part, int) else _CONTROL.sub("?", _SURROGATE.sub("?", part))
        for part in place
    )
