"""How what is asked of a clip differs from what was asked before: by parameter and by word."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from pydantic import JsonValue

from longtake.story.explain import brief
from longtake.story.family import family_of
from longtake.story.planned import Planned

SAID_AT_MOST = 4
"""So many places of a text are told to a person; a script is told all of them."""


class WordChange(Planned):
    """Words of a text that were replaced; one of both is empty where words came or went."""

    before: str
    after: str


class Change(Planned):
    """One thing that is asked for and was asked for otherwise."""

    what: str
    """`prompt`, another parameter's name on the wire, `model`, `seed`, or `start image` and
    `end image`."""
    before: JsonValue = None
    after: JsonValue = None
    words: tuple[WordChange, ...] = ()
    """Of a text: the very words that differ."""

    @property
    def says(self) -> str:
        """The change in words."""
        if not self.words:
            return f"{self.what} {_shown(self.before)} → {_shown(self.after)}"
        said = [_said(each) for each in self.words[:SAID_AT_MOST]]
        more = len(self.words) - SAID_AT_MOST
        return f"{self.what}: {', '.join(said)}" + (f" and {more} more" if more > 0 else "")


class Asked(NamedTuple):
    """All that a take asks for, but for its seed."""

    model: str
    parameters: Mapping[str, Any]


def changes_between(before: Asked, after: Asked) -> tuple[Change, ...]:
    """What differs, the prompt first; seeds are no part of it."""
    fields = family_of(after.model).fields
    names = before.parameters.keys() | after.parameters.keys()
    changed: list[Change] = []
    for name in sorted(names, key=lambda name: (name != fields["prompt"], name)):
        old, new = before.parameters.get(name), after.parameters.get(name)
        if name != fields["seed"] and old != new:
            texts = isinstance(old, str) and isinstance(new, str) and " " in old + new
            words = words_that_differ(str(old), str(new)) if texts else ()
            what = "prompt" if name == fields["prompt"] else name
            changed.append(Change(what=what, before=old, after=new, words=words))
    if before.model != after.model:
        changed.append(Change(what="model", before=before.model, after=after.model))
    return tuple(changed)


def words_that_differ(before: str, after: str) -> tuple[WordChange, ...]:
    """The words that were replaced, came or went, in order; white space is no difference."""
    old, new = before.split(), after.split()
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    return tuple(
        WordChange(before=" ".join(old[a:b]), after=" ".join(new[c:d]))
        for kind, a, b, c, d in matcher.get_opcodes()
        if kind != "equal"
    )


def in_words(changes: Iterable[Change]) -> str:
    """All of them, for a person."""
    return "; ".join(each.says for each in changes)


def _said(change: WordChange) -> str:
    if not change.before:
        return f"with “{change.after}”"
    if not change.after:
        return f"without “{change.before}”"
    return f"“{change.before}” → “{change.after}”"


def _shown(value: JsonValue) -> str:
    return brief(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
