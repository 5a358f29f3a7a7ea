"""docs/performance.md, section by section: tables, spreads and goals as text.

A part of ``bench/all.py`` that is run alone puts its own section into the page and leaves the
others as they are; each section says when it was made, and on what.
"""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

HEAD = """# Performance

Made by `python -m bench.all`, whose parts can be run apart (`--parts growth`, `--parts pace1`).
The emulator runs on the same cores as what is measured. Figures are medians, with the least and
the most in brackets; where two things are compared, they took turns.
"""
ORDER = (
    "Whole commands",
    "Goals",
    "From clips that are there to a film",
    "Starting",
    "At the service's own pace",
    "Growth",
    "Another sound or word",
)


class Goal(NamedTuple):
    """What was meant to be reached, and why it was not, where it was not."""

    what: str
    measured: float
    limit: float
    reason: str
    """What it is bound by; said where the goal is missed."""

    def row(self) -> str:
        """A line of the table; one digit more where a miss would not be seen."""
        is_met = self.measured <= self.limit
        digits = 3 if not is_met and round(self.measured, 2) <= self.limit else 2
        met = "met" if is_met else f"**missed**: {self.reason}"
        return f"| {self.what} | {self.measured:.{digits}f} | {self.limit:g} | {met} |"


def goals(found: Sequence[Goal]) -> str:
    """All of them."""
    head = "| what | measured | goal | |\n|---|---|---|---|\n"
    return head + "\n".join(goal.row() for goal in found)


def table(
    columns: Mapping[str, Sequence[object]], lines: Mapping[str, Callable[[Any], float | None]]
) -> str:
    """A column for each kind; a line for each of the values of its runs."""
    text = [f"| | {' | '.join(columns)} |", f"|{'---|' * (len(columns) + 1)}"]
    for name, value in lines.items():
        cells = [spread([value(run) for run in runs]) for runs in columns.values()]
        text.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(text)


def rows(head: Sequence[str], lines: Sequence[Sequence[object]]) -> str:
    """A plain table."""
    text = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    return "\n".join([*text, *(f"| {' | '.join(map(str, line))} |" for line in lines)])


def spread(values: Sequence[float | None]) -> str:
    """The median, and what it lies between."""
    known = [value for value in values if value is not None]
    if not known:
        return ""
    digits = 0 if max(known) >= 100 else 2 if max(known) < 10 else 1
    middle = f"{median(known):.{digits}f}"
    if len(known) == 1:
        return middle
    return f"{middle} ({min(known):.{digits}f}-{max(known):.{digits}f})"


def write(into: Path, sections: Mapping[str, str]) -> None:
    """Put the sections into the page, in the page's order; others stay as they are."""
    known = dict(_sections(into.read_text(encoding="utf-8"))) if into.exists() else {}
    made = (
        f"*{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores ({platform.machine()}), "
        f"Python {platform.python_version()}*"
    )
    known |= {name: f"{made}\n\n{text.strip()}" for name, text in sections.items()}
    parts = [f"## {name}\n\n{known[name]}\n" for name in ORDER if name in known]
    into.write_text("\n".join([HEAD, *parts]), encoding="utf-8")


def _sections(text: str) -> Iterator[tuple[str, str]]:
    for part in re.split(r"^## ", text, flags=re.MULTILINE)[1:]:
        name, _, rest = part.partition("\n")
        yield name.strip(), rest.strip()
