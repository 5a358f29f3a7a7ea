"""What an author must fix."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from longtake.errors.root import LongtakeError

Place = tuple[str | int, ...]
"""The path of keys and 0-based list positions to a value, in the author's own words:
``("scenes", 0, "shots", 1, "seconds")``."""


@dataclass(frozen=True)
class Problem:
    """One thing to fix in an authored file; ``line`` is 1-based, None where unknown."""

    place: Place
    message: str
    file: str | None = None
    line: int | None = None

    def __str__(self) -> str:
        where = ":".join(str(part) for part in (self.file, self.line) if part is not None)
        path = ".".join(str(part) for part in self.place)
        return ": ".join(part for part in (where, path, self.message) if part)


class StoryboardError(LongtakeError):
    """The storyboard (or another authored file) cannot be used; carries every problem at once."""

    exit_code = 2

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))
