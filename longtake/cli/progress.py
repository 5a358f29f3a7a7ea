"""A render as it goes: one line a clip in flight on a terminal, plain lines where there is none."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from types import TracebackType

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from longtake.figures import clock, counted, dollars
from longtake.record import ClipRecord, FilmRecord, RunRecord, Stage, seconds_left
from longtake.story import Finding
from longtake.story.contract import is_departure
from longtake.story.schedule import CONCURRENCY

STARTING = "waiting for Prefect (a server of its own takes about 15 seconds the first time)"

_STYLES = {
    Stage.GENERATING: "cyan",
    Stage.QUEUED: "yellow",
    Stage.STORED: "green",
    Stage.OWN: "green",
    Stage.FAILED: "bold red",
    Stage.BLOCKED: "bold magenta",
    Stage.SKIPPED: "dim",
}


class Progress:
    """Follows one run on ``console``; hand ``watch`` to the reporter."""

    def __init__(
        self,
        console: Console,
        *,
        concurrency: int = CONCURRENCY,
        on_first_report: Callable[[], None] = lambda: None,
    ) -> None:
        self.run: RunRecord | None = None
        self.ui_url: str | None = None
        """Where Prefect's pages are; None where they are gone with the render."""
        self._console = console
        self._concurrency = concurrency
        self._on_first_report = on_first_report
        self._stages: dict[str, Stage] = {}
        self._film_is_there = False
        self._departed: set[str] = set()
        self._waiting = Spinner("dots", STARTING)
        self._live = (
            Live(console=console, get_renderable=self._picture, refresh_per_second=8)
            if console.is_terminal
            else None
        )

    def __enter__(self) -> Progress:
        if self._live is not None:
            self._live.start()
        else:
            self._console.print(STARTING)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._live is not None:
            self._live.stop()

    def watch(self, run: RunRecord, clip: ClipRecord | None) -> None:
        """Take a report: a clip that changed its stage gets a line, the live picture redraws."""
        if self.run is None:
            self.run = run
            self._console.print(_heading(run, self.ui_url), soft_wrap=True)
            self._on_first_report()
        self.run = run
        if clip is None and run.question is not None and run.state == "paused":
            self._console.print(_waiting_for(run))
        if run.film is not None and not self._film_is_there:
            self._film_is_there = True
            self._console.print(_film_line(run, run.film), soft_wrap=True)
        for finding in run.findings if clip is None else ():
            if is_departure(finding) and finding.rule not in self._departed:
                self._departed.add(finding.rule)
                self._console.print(_departure(finding))
        if clip is None or clip.stage in {self._stages.get(clip.id), Stage.WAITING}:
            return
        self._stages[clip.id] = clip.stage
        if self._live is None or not clip.stage.in_flight:
            self._console.print(_line(run, clip))

    def _picture(self) -> RenderableType:
        """What the terminal shows below the lines of clips that have ended."""
        if self.run is None:
            return self._waiting
        flying = [clip for clip in self.run.clips.values() if clip.stage.in_flight]
        table = Table.grid(padding=(0, 2))
        for clip in flying:
            table.add_row(*_row(clip))
        return Group(table, _sums(self.run, self._concurrency))


def run_page(run: RunRecord, ui_url: str | None) -> str | None:
    """Where the render's page in Prefect is; None without a lasting server."""
    if not ui_url or not run.flow_run_id:
        return None
    return f"{ui_url.rstrip('/')}/runs/flow-run/{run.flow_run_id}"


def missing_table(run: RunRecord) -> Table:
    """The clips that are missing from the film, and why."""
    table = Table("clip", "state", "why", box=None, header_style="bold", pad_edge=False)
    for clip in run.missing:
        table.add_row(clip.id, Text(clip.stage, style=_style(clip)), clip.error)
    return table


def _departure(finding: Finding) -> Text:
    return Text.assemble((finding.headline, "bold yellow"), f" ({finding.place}: {finding.says})")


def _waiting_for(run: RunRecord) -> Text:
    unit = run.question.unit if run.question else ""
    says = " is there, and waits for you: `longtake board`, or Resume on the run's page in Prefect"
    return Text.assemble((unit, "bold yellow"), says)


def _heading(run: RunRecord, ui_url: str | None) -> Text:
    page = run_page(run, ui_url)
    return Text.assemble(
        (run.title, "bold"),
        f"  {counted(len(run.clips), 'clip')}, expected {dollars(run.totals.expected_usd)}",
        f"\nPrefect run: {run.run_name}",
        f"\n{page}" if page else "",
    )


def _film_line(run: RunRecord, film: FilmRecord) -> Text:
    """It can be watched: what follows is the review of it."""
    place = f"{run.folder}/{film.file}"
    return Text.assemble(_since(run), f"{'film':<16}  ", (f"{'there':<11}  ", "bold green"), place)


def _line(run: RunRecord, clip: ClipRecord) -> Text:
    facts = [clip.error] if clip.error else []
    if clip.stage is Stage.STORED:
        facts = [f"{clip.frame_count} frames, {dollars(clip.usd or 0)}, seed {clip.seed}"]
    elif clip.stage is Stage.GENERATING:
        facts = [f"expects {clip.expected_seconds:.0f} s"]
    return Text.assemble(
        _since(run), f"{clip.id:<16}  ", (f"{clip.stage:<11}  ", _style(clip)), *facts
    )


def _since(run: RunRecord) -> tuple[str, str]:
    since = clock((datetime.now(UTC) - run.started_at).total_seconds())
    return f"{since:>6}  ", "dim"


def _row(clip: ClipRecord) -> tuple[RenderableType, ...]:
    """A clip in flight: id, stage, a bar of elapsed over expected seconds, both in numbers."""
    elapsed = _elapsed_seconds(clip)
    bar = ProgressBar(
        total=clip.expected_seconds, completed=min(elapsed, clip.expected_seconds), width=24
    )
    return (
        clip.id,
        Text(clip.stage, style=_style(clip)),
        bar,
        f"{clock(elapsed)} of about {clock(clip.expected_seconds)}",
    )


def _elapsed_seconds(clip: ClipRecord) -> float:
    if clip.submitted_at is None:
        return 0.0
    return (datetime.now(UTC) - clip.submitted_at).total_seconds()


def _sums(run: RunRecord, concurrency: int) -> Text:
    totals, now = run.totals, datetime.now(UTC)
    elapsed, left = (now - run.started_at).total_seconds(), seconds_left(run, now, concurrency)
    missing = f", {totals.missing} missing" if totals.missing else ""
    doing = "reading its seams" if run.film else "joining the film"
    joining = f"   {doing}" if totals.stored == totals.clips else ""
    return Text.assemble(
        (f"{totals.stored}/{totals.clips} clips{missing}", "bold"),
        f"   {dollars(totals.usd)} of about {dollars(totals.expected_usd)}   {clock(elapsed)}",
        f", about {clock(left)} left" if left else "",
        joining,
    )


def _style(clip: ClipRecord) -> str:
    return _STYLES.get(clip.stage, "")
