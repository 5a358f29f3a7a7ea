"""``longtake export``: a render as a timeline for an editing program."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from longtake.cli.console import to_person
from longtake.errors import OperatorError


def export(
    run: Path,
    /,
    *,
    to: Literal["otio", "edl", "fcpxml"],
    out: Path | None = None,
    media: Literal["relative", "copied"] = "relative",
    start: Annotated[int, Parameter(name="--start-seconds")] = 0,
) -> int:
    """Write a finished render as a timeline: clips with handles, dissolves, sound and captions.

    Needs the extra `longtake[export]`. What the format cannot express is listed.

    Parameters
    ----------
    run
        A render's folder.
    to
        OpenTimelineIO, a CMX 3600 EDL, or Final Cut Pro X XML.
    out
        The file to write; by default `film.otio` (or `.edl`, `.fcpxml`) in the folder.
    media
        Link the clips relative to the file, or copy them next to it.
    start
        Where the timeline's time begins.
    """
    try:
        from longtake.rendering.exporting import export_run
    except ModuleNotFoundError as error:
        if not (error.name or "").startswith("opentimelineio"):
            raise
        raise OperatorError(
            "export needs OpenTimelineIO: install the extra, `pip install 'longtake[export]'`"
        ) from None

    folder = run.parent if run.is_file() else run
    into = out or folder / f"film.{to}"
    done = export_run(folder, into, to, media=media, start_seconds=start)
    console = to_person()
    console.print(f"wrote {done.path}")
    for one in done.unsaid:
        console.print(f"not in it: {one}")
    return 0
