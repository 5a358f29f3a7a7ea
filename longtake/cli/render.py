"""``longtake render``: the main job."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from rich.text import Text

from longtake.blocking import wait_for
from longtake.cli.authoring import Flag, Json, Shots, StoryboardPath
from longtake.cli.console import say_error, to_person
from longtake.errors import LongtakeError, SettingsError
from longtake.figures import clock, counted, dollars

if TYPE_CHECKING:
    from rich.console import Console

    from longtake.record import RunRecord
    from longtake.rendering.preflight import Preflight


def render(
    storyboard: StoryboardPath | None = None,
    /,
    *,
    plan: Path | None = None,
    only: Shots = (),
    max_usd: float | None = None,
    emulated: Annotated[bool, Flag] = False,
    profile: str | None = None,
    out: Path | None = None,
    budget: float | None = None,
    retake_lost: Annotated[bool, Flag] = False,
    approve: Literal["each-shot", "each-scene", "anchors"] | None = None,
    pace: float = 60,
    captions: Annotated[bool, Flag] = False,
    json_: Json = False,
) -> int:
    """Render a storyboard: `DIR/film.mp4`, with `DIR/run.json` and every clip next to it.

    Needs `SEGMIND_API_KEY`, or `--emulated`. `longtake plan` shows the price first.

    To go on after a crash, an interruption or an edit, run the same command again: it takes what
    is there, picks up what is in flight, and pays only for the rest.

    Parameters
    ----------
    storyboard
        The storyboard file, YAML or JSON; `-` reads YAML from standard input. Not needed with
        `--plan`.
    plan
        Do exactly what this plan says, as saved by `longtake plan --out`; refuse it (exit code 6)
        if anything that it depends on has changed, and name the change.
    only
        Render only these shots (`arrival/2`), and the shots that they continue, as a trial.
    max_usd
        Refuse to begin (exit code 3) if more than that is to be paid, and never pay more.
    emulated
        Render on the built-in emulator: real video, no key, no cost.
    profile
        Settings to use: a name in configs/profiles, or a path to a profile.
    out
        Folder for the film and all that belongs to it; by default `renders/<storyboard's name>`.
    budget
        Stop submitting before this render would cost more than this many USD.
    retake_lost
        Pay again for clips that were paid for but whose files can no longer be fetched.
    approve
        Pause after each shot or scene, before what follows is paid for, until a person has looked:
        on `longtake board`, or by the form on the run's page in Prefect. A tree pauses at its
        anchors then, too; with `anchors` only there. `longtake anchors` answers as well.
    pace
        How many times faster than the real service the emulator works.
    captions
        With `--emulated`: write clip, beat and prompt into the picture.
    json_
        Print `run.json` on standard output when the render has ended, or a refusal as JSON.
    """
    from concurrent.futures import ThreadPoolExecutor

    from longtake.surroundings import settle, spare_memory
    from tasks.prefect_server import early_server, prepare_environment

    spare_memory()
    settle()
    prepare_environment()
    early_server()  # even before what is imported here: nothing else takes as long to start

    from longtake.cli.refusing import refusing
    from longtake.rendering.kept_plan import read_plan
    from longtake.rendering.planning import Wanted
    from longtake.rendering.preflight import preflight
    from longtake.rendering.promises import refuse_early

    kept = read_plan(plan) if plan is not None else None
    if kept is not None:
        basis = kept.basis
        storyboard = storyboard or Path(basis.storyboard)
        emulated, profile = emulated or basis.emulated, profile or basis.profile
        out, only = out or Path(basis.folder), only or basis.only
    if storyboard is None:
        raise SettingsError("name a storyboard, or a plan with --plan")
    if captions and (kept is not None or not emulated):
        raise SettingsError("--captions are the emulator's: add --emulated, and no --plan")
    source = _source(storyboard)
    _check_out(out)
    with ThreadPoolExecutor(1) as thread:  # imports go on while ffmpeg is asked what it can do
        checked = thread.submit(preflight, source, out, profile=profile, emulated=emulated)
        thread.submit(_certificates)
        import_module("longtake.rendering.early_submits")
        ready = checked.result()
    with refusing(json_):
        wanted = Wanted(profile=profile, emulated=emulated, out=out, only=tuple(only))
        refuse_early(ready.path, wanted, kept, max_usd)
        run, error = _rendered(
            ready,
            source,
            out,
            plan=str(plan) if plan else None,
            only=list(only),
            max_usd=max_usd,
            profile=profile,
            budget_usd=budget,
            retake_lost=retake_lost,
            approve=approve,
            emulated=emulated,
            pace=pace,
            captions=captions,
        )
    _say_end(to_person(), run, error)
    if json_:
        print(run.as_json(), end="")
    return error.exit_code if error else 0


def _certificates() -> None:
    """Read them ahead: what is wrong with them is said where they are needed."""
    from longtake.segmind import certificates

    certificates()


def _rendered(
    ready: Preflight, source: str, out: Path | None, **options: Any
) -> tuple[RunRecord, LongtakeError | None]:
    """The record of the render, shown while it goes; raises what ended it before it began."""
    from longtake.cli.interrupting import ending, take_back
    from longtake.cli.progress import Progress
    from longtake.record import watching
    from longtake.rendering.early_submits import submit_early
    from longtake.rendering.host import Host
    from longtake.rendering.render_identity import one_render
    from longtake.rendering.requests import RenderRequest
    from tasks.prefect_server import early_server, is_set_nowhere, lasting_ui, reach_server

    console, host, server = to_person(), Host(), early_server()

    def leave() -> None:
        _say_interrupted(console, progress.run)
        if server is not None:
            server.stop()

    def interrupted() -> bool:
        return progress.run is not None and progress.run.state == "interrupted"

    # Prefect takes SIGTERM when the flow begins; with the first report it is ours again.
    progress = Progress(console, concurrency=ready.settings.concurrency, on_first_report=take_back)
    money = ("profile", "budget_usd", "max_usd", "retake_lost")
    place = ("pace", "emulated", "captions")
    request = RenderRequest(
        source,
        out,
        only=tuple(options["only"]),
        plan_file=Path(options["plan"]) if options["plan"] else None,
        **{name: options[name] for name in (*money, *place)},
    )
    begun = one_render(host, **{name: options[name] for name in place})
    try:
        with progress, ending(interrupted, leave), begun:
            if server is not None:
                may_send = (lambda: True) if is_set_nowhere() else server.is_needed
                wait_for(submit_early(ready, request, host, may_send))
            import_module("flows.render")  # the server takes longer than that to come up
            reach_server()
            progress.ui_url = lasting_ui()
            with watching(progress.watch):
                error = _run(source, out, **options)
    except KeyboardInterrupt:
        _say_interrupted(console, progress.run)
        raise
    if progress.run is None:
        raise error or RuntimeError("the render ended before it began")
    return progress.run, error


def _source(storyboard: Path) -> str:
    """What is rendered: the path as it is, or the text of standard input."""
    from longtake.documents import STANDARD_INPUT, load_storyboard

    if storyboard != STANDARD_INPUT:
        return str(storyboard)
    return load_storyboard(storyboard).document.text


def _check_out(out: Path | None) -> None:
    """Refuse a folder's name that ffmpeg's lists or a terminal could not carry."""
    if out is not None and not str(out).isprintable():
        raise SettingsError(f"--out {str(out)!r}: a name with control characters cannot be used")


def _run(storyboard: str, out: Path | None, **options: Any) -> LongtakeError | None:
    """Run the flow; what went wrong on purpose is returned, since the record tells the rest."""
    from prefect.exceptions import TerminationSignal

    from flows.render import render_storyboard
    from longtake.cli.interrupting import terminated
    from longtake.garbage import imports_are_done

    imports_are_done()
    try:
        wait_for(render_storyboard(storyboard, str(out) if out else None, **options))
    except LongtakeError as error:
        return error
    except TerminationSignal:
        raise terminated() from None
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
        for line in _accepted(run):
            console.print(line, soft_wrap=True)
    made = totals.stored - totals.reused
    further = totals.usd and not made and not totals.missing
    spent = f"{dollars(totals.usd)} for {'further takes' if further else counted(made, 'new clip')}"
    if totals.reused:
        spent += f", {totals.reused} reused ({dollars(totals.reused_usd)} when they were made)"
    if run.emulated:
        jobs = counted(run.emulator_accepted_requests or 0, "job")
        spent += f"; emulated: nothing was paid, {jobs} accepted"
    console.print(f"{spent}, {clock(totals.seconds or 0)}")
    console.print(f"everything is in {run.folder}")
    for fact in _made(run):
        console.print(fact)


NOT_BILLED = frozenset({"GenerationFailed", "ContentBlocked", "RequestRefused"})
"""How clips end that the service took nothing for."""


def _accepted(run: RunRecord) -> Iterator[Text]:
    """The clips that the service accepted and that did not come: each with price and request id."""
    for clip in run.clips.values():
        if clip.request_id and clip.stage.ended_badly and clip.error_kind not in NOT_BILLED:
            price = f"about {dollars(clip.expected_usd)}" if clip.usd is None else dollars(clip.usd)
            yield Text(f"accepted: {clip.id}, {price}, request {clip.request_id}; it is kept")


def _made(run: RunRecord) -> Iterator[Text]:
    """What there is to look at: the run's page, the review, and the film as the last line."""
    from longtake.cli.progress import run_page
    from tasks.prefect_server import lasting_ui

    if page := run_page(run, lasting_ui()):
        yield Text(f"run page: {page}")
    if (review := Path(run.folder) / "review.html").is_file():
        yield Text(f"review: {review}")
    if (film := run.film) is not None:
        yield Text.assemble(
            "film: ",
            (f"{run.folder}/{film.file}", "bold green"),
            f"  {film.width}x{film.height}, {film.frame_count} frames, {film.seconds:.2f} s",
        )
