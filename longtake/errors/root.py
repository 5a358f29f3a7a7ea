"""The root of every error, and the exit code that a branch has."""

from __future__ import annotations

from typing import Any, ClassVar

from longtake.plain_text import safe


class LongtakeError(Exception):
    """The root: whatever longtake raises on purpose.

    Its words are fit to be printed and logged wherever they came from (``plain_text.safe``).
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, *words: Any) -> None:
        super().__init__(*(safe(each) if isinstance(each, str) else each for each in words))
