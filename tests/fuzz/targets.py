"""What may be thrown at longtake, and what may come of it: an error of ours, and nothing else."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from longtake.cli.console import printable
from longtake.documents import load_plan
from longtake.errors import LongtakeError, MediaError, StoryboardError
from longtake.media.stills import check_still, still_as_png, trouble_with


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


TARGETS: dict[str, Callable[[bytes], None]] = {"storyboards": storyboard, "pictures": picture}
