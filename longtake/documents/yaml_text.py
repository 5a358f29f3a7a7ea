"""YAML 1.2 as nodes that know their lines, bounded in number and depth while it is parsed."""

from __future__ import annotations

import warnings
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.composer import Composer
from ruamel.yaml.constructor import RoundTripConstructor
from ruamel.yaml.error import MarkedYAMLError, YAMLError

MAX_VALUES = 40_000
"""Values of one file, aliases followed: 1,000 shots with every key set are a third of it."""

MAX_DEPTH = 50
"""Lists and mappings within one another; a storyboard needs eight."""

_FIXES = {
    "mapping values are not allowed": "put a text that contains `: ` in quotes",
    "cannot start any token": "indent with spaces, and quote texts that begin with a special mark",
}
_MOST_DIGITS = 25


class Unreadable(Exception):
    """A text that is not YAML or JSON, with the line where that is known."""

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__(message)
        self.line = line


class HugeNumber(str):
    """The digits of a whole number that is longer than any authored file needs."""


def nodes_of(text: str) -> object:
    """The nodes of a YAML text; raises Unreadable with the line where it can."""
    yaml = YAML(typ="rt")
    yaml.Composer, yaml.Constructor = _Bounded, _Plain
    yaml.preserve_quotes = True  # a plain text may lose its end to a comment, a quoted one cannot
    try:
        with warnings.catch_warnings():
            # An anchor that is defined again is valid YAML: no cause to write to a terminal.
            warnings.simplefilter("ignore")
            return yaml.load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise Unreadable(_words(error), None if mark is None else mark.line + 1) from error
    except YAMLError as error:
        line = text.count("\n", 0, getattr(error, "position", 0)) + 1
        raise Unreadable(f"not YAML: {str(error).splitlines()[0]}", line) from error
    except (ValueError, OverflowError) as error:  # from `"\\UFFFFFFFF"` or `%YAML 1.99999…`
        raise Unreadable("not YAML: there is no such character or version", _read(yaml)) from error
    except RecursionError as error:
        raise Unreadable("nested too deeply") from error
    except Unreadable:
        raise
    except Exception as error:  # the parser has faults of its own, as with `&a {<<: *a}`
        raise Unreadable("not YAML: an anchor is used inside of what it names") from error


def _read(yaml: YAML) -> int:
    """The line up to which a parser has read."""
    line: int = yaml.reader.line
    return line + 1


class _Bounded(Composer):
    """Counts while it parses: what is too large or too deep is not read to its end."""

    values = depth = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        line = self.parser.peek_event().start_mark.line + 1
        self.values += 1
        if self.values > MAX_VALUES:
            raise Unreadable(too_many(), line)
        if self.depth >= MAX_DEPTH:
            raise Unreadable("nested too deeply", line)
        self.depth += 1
        try:
            return super().compose_node(parent, index)
        finally:
            self.depth -= 1


class _Plain(RoundTripConstructor):
    """Dates stay the text that they are, and a number without end stays its digits."""

    def construct_object(self, node: Any, deep: bool = False) -> Any:
        """The value; Unreadable for a text that is not what its tag says, as ``!!int x``."""
        try:
            return super().construct_object(node, deep=deep)
        except (LookupError, ValueError, OverflowError) as error:
            tag = str(node.tag).replace("tag:yaml.org,2002:", "!!")
            line = node.start_mark.line + 1
            raise Unreadable(f"not YAML: not a value of {tag}: leave the tag out", line) from error

    def whole_number(self, node: Any) -> object:
        """An ``int``, or its digits where they are too many."""
        if len(node.value) > _MOST_DIGITS:
            return HugeNumber(node.value)
        return self.construct_yaml_int(node)

    def text(self, node: Any) -> object:
        """A scalar as it is written."""
        return self.construct_scalar(node)


_Plain.add_constructor("tag:yaml.org,2002:int", _Plain.whole_number)
_Plain.add_constructor("tag:yaml.org,2002:timestamp", _Plain.text)


def too_many() -> str:
    """What is said of a file with more values than any storyboard."""
    return (
        f"more than {MAX_VALUES:,} values, aliases followed: not an authored file; "
        "divide a long film into several storyboards"
    )


def _words(error: MarkedYAMLError) -> str:
    """The parser's complaint, with a fix where the cause is usual."""
    problem = str(error.problem or error).splitlines()[0].split('  in "')[0].strip()
    if problem.startswith("found duplicate key"):
        key = problem.split('"')[1]
        return f"`{key}` is written twice in the same place: keep one of them"
    fix = next((fix for sign, fix in _FIXES.items() if sign in problem), "")
    return ": ".join(part for part in ("not YAML", problem, fix) if part)
