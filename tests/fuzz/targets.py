"""What may be thrown at longtake, and what may come of it: an error of ours, and nothing else."""

from __future__ import annotations

import resource
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from longtake.cli.console import printable
from longtake.documents import load_plan
from longtake.errors import LongtakeError, MediaError, StoryboardError
from longtake.media.stills import check_still, still_as_png, trouble_with
from longtake.segmind import history, wire
from longtake.segmind.answers import Answer, ContractBroken

INPUT_SECONDS = 5
MEMORY_MB = 500
"""What one input may take at most, of the processor and of new memory; children count, too."""


def used_mb() -> int:
    """The most memory that this process, or the largest of its children, ever had."""
    whose = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return max(resource.getrusage(each).ru_maxrss for each in whose) // 1024


def used_seconds() -> float:
    """Processor time of this process and of its children that have ended."""
    used = [resource.getrusage(each) for each in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


@contextmanager
def within_limits() -> Iterator[None]:
    """The block takes no more than one input may."""
    seconds, megabytes = used_seconds(), used_mb()
    yield
    assert used_seconds() - seconds < INPUT_SECONDS
    assert used_mb() - megabytes < MEMORY_MB


def body(content: bytes) -> None:
    """A service's answer of any bytes, read as each kind of answer: a fact, or what is wrong."""
    text = content.decode(errors="replace")
    for status in (200, 202, 422, 500):
        answer = Answer(status, text)
        for read in READERS:
            with suppress(ContractBroken):
                printable(repr(read(answer))).encode()


def storyboard(content: bytes) -> None:
    """A storyboard of any bytes, as YAML and as JSON: a plan, or problems that can be printed."""
    with tempfile.TemporaryDirectory(prefix="longtake-fuzz-") as name:
        for ending in ("yaml", "json"):
            path = Path(name) / f"board.{ending}"
            path.write_bytes(content)
            try:
                load_plan(path, base_seed=1, examine=trouble_with)
            except StoryboardError as error:
                _is_printable(error)


def picture(content: bytes) -> None:
    """A picture of any bytes: decoded and made plain, or a MediaError that can be printed."""
    with tempfile.TemporaryDirectory(prefix="longtake-fuzz-") as name:
        path = Path(name) / "still.png"
        path.write_bytes(content)
        try:
            check_still(path, "still.png")
            still_as_png(path, Path(name) / "plain.png", 832, 480)
        except MediaError as error:
            _is_printable(error)


def _is_printable(error: LongtakeError) -> None:
    said = printable(str(error))
    said.encode()
    assert said
    assert all(len(line) < 2000 for line in said.splitlines())


READERS: tuple[Callable[[Answer], object], ...] = (
    wire.read_submitted,
    wire.read_failed,
    wire.read_terminal,
    wire.read_state,
    wire.read_uploaded,
    wire.read_balance,
    history.read_page,
    history.read_row,
)
TARGETS: dict[str, Callable[[bytes], None]] = {
    "storyboards": storyboard,
    "pictures": picture,
    "bodies": body,
}
