"""``longtake review``: the page on which a person judges a render."""

from __future__ import annotations

import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter
from rich.text import Text

from longtake.blocking import wait_for
from longtake.cli.authoring import Flag, Json
from longtake.cli.console import print_json, say_error, to_person
from longtake.errors import MediaError, OperatorError

if TYPE_CHECKING:
    from longtake.record import RunRecord
    from longtake.rendering.review import Reviewed
    from longtake.story import Finding

SAID_AT_MOST = 5
"""How many findings are printed; the page has all of them."""

_STYLES = {"bad": "bold red", "warning": "yellow", "note": "cyan"}


def review(
    run: Path,
    /,
    *,
    open_: Annotated[bool, Flag, Parameter("--open")] = False,
    profile: str | None = None,
    json_: Json = False,
) -> int:
    """Make the review page of a render: `DIR/review.html`, with `DIR/review/seams.mp4`.

    The page has the film, every seam as the two frames that meet there, the takes, and what should
    be looked at, the worst first. It opens from disk and needs no network. A render makes it at its
    end; this makes it again from what is there, for old and for incomplete renders, too.

    Parameters
    ----------
    run
        The render's folder, or its `run.json`.
    open_
        Open the page in the browser.
    profile
        Settings to use (ffmpeg, colours): a name in configs/profiles, or a path to a profile.
    json_
        Print the page's path, the reel's, what could not be made, and all findings as JSON.
    """
    folder, record = read_record(run)
    made = wait_for(_make(folder, record, profile))
    if json_:
        print_json(_as_data(record, made))
    else:
        _say(record, made)
    for remark in made.remarks:
        say_error(MediaError(remark))
    if open_ and not webbrowser.open(made.page.resolve().as_uri()):
        raise OperatorError(f"no browser could be started; open {made.page} yourself")
    return MediaError.exit_code if made.remarks else 0


def read_record(run: Path) -> tuple[Path, RunRecord]:
    """The render's folder and its record; OperatorError where there is none that can be read."""
    from longtake.record import read_run

    path = run / "run.json" if run.is_dir() else run
    if not path.is_file():
        raise OperatorError(
            f"{path} is not there; name the folder of a render, such as renders/my-film"
        )
    record = read_run(path)
    if record is None:
        raise OperatorError(
            f"{path} is no record of a render that this longtake can read; "
            "render again: what was paid for is kept"
        )
    return path.parent, record


async def _make(folder: Path, record: RunRecord, profile: str | None) -> Reviewed:
    from longtake.rendering.preflight import chosen_ffmpeg
    from longtake.rendering.review import make_review
    from longtake.rendering.urgency import WorkSlots
    from longtake.settings import load_settings

    settings = load_settings(profile)
    return await make_review(
        folder,
        record,
        ffmpeg=chosen_ffmpeg(settings),
        untagged_matrix=settings.picture.untagged_matrix,
        ffmpeg_slots=WorkSlots(settings.ffmpeg_processes).review,
    )


def _as_data(record: RunRecord, made: Reviewed) -> dict[str, Any]:
    """What a script gets: all findings, the worst first."""
    return {
        "page": str(made.page),
        "reel": str(made.reel) if made.reel else None,
        "remarks": list(made.remarks),
        "missing": [clip.id for clip in record.missing],
        "findings": [finding.model_dump(mode="json") for finding in _worst(record)],
    }


def _say(record: RunRecord, made: Reviewed) -> None:
    """The path on standard output; to a person what is missing and the worst findings."""
    from longtake.review import is_measured

    console = to_person()
    if missing := [clip.id for clip in record.missing]:
        console.print(Text.assemble(("missing: ", "bold red"), ", ".join(missing)))
    findings = _worst(record)
    for finding in findings[:SAID_AT_MOST]:
        mark = (f"{finding.severity:8}", _STYLES[finding.severity])
        console.print(Text.assemble(mark, f"{finding.place}  {finding.rule}: {finding.says}"))
    if len(findings) > SAID_AT_MOST:
        console.print(f"and {len(findings) - SAID_AT_MOST} more")
    if not findings and not missing:
        console.print("nothing was found to look at" if is_measured(record) else "never measured")
    print(made.page)


def _worst(record: RunRecord) -> list[Finding]:
    from longtake.story import worst_first

    return worst_first(record.findings)
