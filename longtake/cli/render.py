"""``longtake render``: the main job."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from longtake.cli.authoring import Flag
from longtake.cli.console import clock, dollars, say_error, to_person
from longtake.errors import LongtakeError

if TYPE_CHECKING:
    from rich.console import Console

    from longtake.record import RunRecord

# Prefect reads these when it is imported: no tracking, time enough for a first start (it sets up
# its database), and no log lines between ours (they are in Prefect's UI).
PREFECT_ENVIRONMENT = {
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120",
    "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "CRITICAL",
}


def render(
    storyboard: Path,
    /,
    *,
    emulated: Annotated[bool, Flag] = False,
    profile: str | None = None,
    out: Path | None = None,
    budget: float | None = None,
    retake_lost: Annotated[bool, Flag] = False,
    pace: float = 60,
    json_: Annotated[bool, Flag, Parameter("--json")] = False,
) -> int:
    """Render a storyboard: `DIR/film.mp4`, with `DIR/run.json` and every clip beside it.

    Needs `SEGMIND_API_KEY`, or `--emulated`. See the price first with `longtake plan`.

    To go on after a crash, an interruption or an edit, run the same command again: it takes what
    is there, picks up what is in flight, and pays for the rest only.

    Parameters
    ----------
    storyboard
        The storyboard file, YAML or JSON.
    emulated
        Render on the built-in emulator: real video, no key, no cost.
    profile
        Settings to use: a name in configs/profiles, or a path to a profile.
    out
        Folder for the film and all that belongs to it; by default `renders/<storyboard's name>`.
    budget
        Stop submitting before this render would cost more than this many USD.
    retake_lost
        Pay once more for clips that were paid for and whose files cannot be had any more.
    pace
        How many times faster than the real service the emulator works.
    json_
        Print `run.json` on standard output when the render has ended.
    """
    from longtake.rendering.preflight import preflight

    preflight(storyboard, out, profile=profile, emulated=emulated)
    for name, value in PREFECT_ENVIRONMENT.items():
        os.environ.setdefault(name, value)

    from longtake.cli.interrupting import release
    from longtake.cli.progress import Progress
    from longtake.record import watching

    console = to_person()
    # The first report comes once Prefect is up: only then may Ctrl-C come through.
    with Progress(console, on_first_report=release) as progress, watching(progress.watch):
        try:
            error = _run(
                storyboard,
                out,
                profile=profile,
                budget_usd=budget,
                retake_lost=retake_lost,
                emulated=emulated,
                pace=pace,
            )
        except KeyboardInterrupt:
            _say_interrupted(console, progress.run)
            raise
    if progress.run is None:
        raise error or RuntimeError("the render ended before it began")
    _say_end(console, progress.run, error)
    if json_:
        print(progress.run.as_json(), end="")
    return error.exit_code if error else 0


def _run(storyboard: Path, out: Path | None, **options: Any) -> LongtakeError | None:
    """Run the flow; what went wrong on purpose is returned, since the record tells the rest."""
    from flows.render import render_storyboard
    from longtake.cli.interrupting import held_back

    try:
        with held_back():
            asyncio.run(render_storyboard(str(storyboard), str(out) if out else None, **options))
    except LongtakeError as error:
        return error
    return None


def _say_interrupted(console: Console, run: RunRecord | None) -> None:
    """What is still under way at the service, and that nothing of it is lost."""
    flying = [clip.id for clip in run.clips.values() if clip.stage.in_flight] if run else []
    if flying:
        console.print(f"still under way at the service: {', '.join(flying)}")
    console.print("nothing is lost: run the same command again to go on")


def _say_end(console: Console, run: RunRecord, error: LongtakeError | None) -> None:
    from longtake.cli.progress import missing_table

    totals = run.totals
    if error is not None:
        say_error(error)
        console.print(missing_table(run))
    spent = f"{dollars(totals.usd)} for {totals.stored - totals.reused} new clips"
    if totals.reused:
        spent += f", {totals.reused} reused ({dollars(totals.reused_usd)} when they were made)"
    if run.emulated:
        spent += f"; emulated: nothing was paid, {run.emulator_accepted_requests} jobs accepted"
    console.print(f"{spent}, {clock(totals.seconds or 0)}")
    console.print(f"everything is in {run.folder}")
    if run.film:
        film = run.film
        console.print(
            f"[bold green]{run.folder}/{film.file}[/]  {film.width}x{film.height}, "
            f"{film.frame_count} frames, {film.seconds:.2f} s"
        )
