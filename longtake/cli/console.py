"""Output to terminals: plain text, in colour where there is one, without control characters.

All that reaches a terminal goes through a console of this module. What comes from files and from
the service is text and nothing else there: no markup is read in it (``[draft]`` stays), and no
control characters get through that would move the cursor or rename the window.
"""

from __future__ import annotations

import errno
import json
import os
import re
import sys
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Any, TextIO, cast

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from longtake.errors import LongtakeError, Problem, StoryboardError
from longtake.figures import counted

PIPE_WIDTH = 1000
"""In a pipe or a file no line is folded."""

_UNSAFE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def printable(text: str) -> str:
    """The text with a sign in place of whatever a terminal would obey or could not encode."""
    return _UNSAFE.sub(_sign, text)


def _sign(found: re.Match[str]) -> str:
    number = ord(found[0])
    return chr(0x2400 + number) if number < 0x20 else "\ufffd"


class Plain(Console):
    """A console that prints text as it is, once and for all that is printed on it."""

    def __init__(self, **options: Any) -> None:
        super().__init__(markup=False, emoji=False, highlight=False, **options)

    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterable[Segment]:
        """Render as rich does, then replace what is not printable."""
        for segment in super().render(renderable, options):
            text, style, control = segment
            is_safe = control or not _UNSAFE.search(text)
            yield segment if is_safe else Segment(printable(text), style)

    def on_broken_pipe(self) -> None:
        """The reader of the pipe has gone: the command ends without an error (see ``run``)."""
        raise BrokenPipeError(errno.EPIPE, "nobody reads any more")


class _Unfailing:
    """Standard error that may be closed: a render does not stop because of it."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        try:
            return self._stream.write(text)
        except (OSError, ValueError):  # no room, no reader, or closed
            return len(text)

    def flush(self) -> None:
        try:
            self._stream.flush()
        except (OSError, ValueError):
            return

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def open_streams() -> None:
    """Put the empty device in the place of standard streams that are closed (``2>&-``, a daemon).

    Else the next file to be opened, which may be the ledger, would get what is meant for them.
    """
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        with suppress(OSError):
            os.fstat(number)
            continue
        os.open(os.devnull, os.O_RDWR)  # gets the lowest number that is free: this one
        mode = "w" if number else "r"
        setattr(sys, name, os.fdopen(number, mode, encoding="utf-8", closefd=False))


def to_person() -> Console:
    """A console for what a person reads."""
    return Plain(file=cast(TextIO, _Unfailing(sys.stderr)), soft_wrap=True)


def results() -> Console:
    """A console on standard output, for what was asked for."""
    return Plain(width=None if sys.stdout.isatty() else PIPE_WIDTH)


def plain_table(*headings: str, numbers: Sequence[str] = ()) -> Table:
    """A table without a frame; the columns of ``numbers`` are aligned to the right."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in headings:
        table.add_column(heading, justify="right" if heading in numbers else "left")
    return table


def show_table(console: Console, table: Table) -> None:
    """A table without a frame. In a pipe or a file, where nothing is folded, as plain lines.

    rich folds and measures each cell on its own: of a thousand rows that takes a second.
    """
    if console.is_terminal:
        console.print(table)
        return
    padded = []
    for column in table.columns:
        cells = [str(cell) for cell in (column.header, *column.cells)]
        width = max(map(cell_len, cells))
        gaps = [" " * (width - cell_len(cell)) for cell in cells]
        right = column.justify == "right"
        padded.append(
            [gap + cell if right else cell + gap for cell, gap in zip(cells, gaps, strict=True)]
        )
    lines = ("  ".join(row).rstrip() for row in zip(*padded, strict=True))
    console.print(Text("\n".join(lines)), soft_wrap=True)


def print_json(answer: Any) -> None:
    """Print the answer to a script; in ASCII alone where standard output does not take UTF-8."""
    utf8 = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
    print(json.dumps(answer, indent=2, ensure_ascii=not utf8))


def say_notices(notices: Iterable[Problem]) -> None:
    """Print what is allowed but may be a mistake, one notice a line."""
    for notice in notices:
        to_person().print(Text.assemble(("note: ", "yellow"), str(notice)))


def say_error(error: LongtakeError) -> None:
    """Say an error: every problem of an authored file on a line of its own, or what went wrong."""
    console = to_person()
    if isinstance(error, StoryboardError):
        for problem in error.problems:
            console.print(str(problem))
        console.print(Text(counted(len(error.problems), "problem"), style="bold red"))
        return
    console.print(
        Text.assemble(
            ("error: ", "bold red"), "\n".join([str(error), *getattr(error, "__notes__", ())])
        )
    )
