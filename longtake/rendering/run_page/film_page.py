"""A film's page, Markdown: how it stands, what it waits for, its clips, and their pictures."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from longtake.figures import clock, counted, dollars
from longtake.record import RunRecord
from longtake.record.error_rates import error_rates
from longtake.rendering.run_page.clip_table import table
from longtake.rendering.run_page.contact_sheet import sheet
from longtake.rendering.run_page.names import key_of
from longtake.rendering.run_page.progress import bar
from longtake.rendering.run_page.snapshot import Snapshot
from longtake.rendering.run_page.words import link, plain
from longtake.story.contract import is_departure

_NEXT = {
    "paused": "It waits for a person: Resume, in the run's menu, shows the form.",
    "incomplete": "Fix what is said below and render again: it pays for what is missing only.",
    "interrupted": "Nothing is lost. Render again to go on: jobs that still run are picked up.",
    "failed": "Render again to go on: what was paid for is kept.",
}


def film_page(snapshot: Snapshot) -> str:
    """All that is to be known of a render, what matters first."""
    parts = (
        _head(snapshot),
        _question(snapshot),
        _files(snapshot),
        _missing(snapshot),
        _remote(snapshot),
        table(snapshot),
        sheet(snapshot),
        _earlier(snapshot),
    )
    return "\n\n".join("\n".join(part) for part in map(list, parts) if part) + "\n"


def headline(run: RunRecord) -> str:
    """A render in one line."""
    totals = run.totals
    facts = [f"{totals.stored} of {totals.clips} clips there"]
    if totals.reused:
        facts.append(f"{totals.reused} reused ({dollars(totals.reused_usd)} when they were made)")
    if totals.missing:
        facts.append(f"{totals.missing} missing")
    facts.append(f"{dollars(totals.usd)} spent")
    return ", ".join(facts)


def _head(snapshot: Snapshot) -> Iterator[str]:
    run, totals = snapshot.run, snapshot.run.totals
    yield f"# {plain(run.title)}"
    yield ""
    yield f"**{run.state}** · {headline(run)}" + (
        f" of about {dollars(totals.expected_usd)} for the whole film"
        if totals.reused
        else f" of about {dollars(totals.expected_usd)}"
    )
    yield ""
    left = snapshot.seconds_left if run.state == "running" else None
    yield bar(snapshot) + (f" · about {clock(left)} left" if left is not None else "")
    if totals.usd_per_kept_second is not None and totals.first_pass_yield is not None:
        yield ""
        yield (
            f"{totals.usd_per_kept_second:.3f} USD a kept second; {totals.first_pass_yield:.0%} of "
            "the clips are there by their first take."
        )
    clips = run.clips.values()
    short = [each for clip in clips for each in clip.takes if each.score and each.score > 1]
    if short:
        yield ""
        takes = counted(len(short), "take")
        yield f"{takes} fell short by the readings. The gate: {error_rates('gate')}."
    for departure in filter(is_departure, run.findings):
        yield ""
        yield f"**{plain(departure.headline)}** ({plain(departure.place)}: {plain(departure.says)})"
    for budget in snapshot.budgets:
        yield ""
        yield f"{plain(budget.name)}: {dollars(budget.limit_usd)}"
    if run.emulated:
        yield ""
        yield "Emulated: nothing is paid."
    if run.state in _NEXT:
        yield ""
        yield _NEXT[run.state]


def _question(snapshot: Snapshot) -> Iterator[str]:
    question = snapshot.run.question
    if question is None:
        return
    yield f"## To be approved: {plain(question.unit)}"
    yield ""
    clips = ", ".join(dict.fromkeys(plain(take.clip) for take in question.takes))
    what = f"{counted(len(question.takes), 'take')} of {clips}" if clips else "its anchors"
    yield f"{what}, shown in the form of Resume, on the board (`longtake board`) and in the review."


def _files(snapshot: Snapshot) -> Iterator[str]:
    run = snapshot.run
    yield "| | | |"
    yield "|---|---|---|"
    if run.film is not None:
        film = run.film
        facts = f"{film.width}x{film.height}, {film.frame_count} frames, {film.seconds:.2f} s"
        yield _file(snapshot, "film", film.file, facts)
    if Path(snapshot.path("review.html")).exists():
        yield _file(snapshot, "review", "review.html", "every seam and take, to judge")
    took = clock(run.totals.seconds)
    yield _file(snapshot, "record", "run.json", f"all facts{took and f'; it took {took}'}")


def _file(snapshot: Snapshot, what: str, file: str, facts: str) -> str:
    return f"| {what} | `{snapshot.path(file)}` | {facts} |"


def _missing(snapshot: Snapshot) -> Iterator[str]:
    if not snapshot.run.missing:
        return
    yield "## Missing"
    yield ""
    yield "| clip | state | why |"
    yield "|---|---|---|"
    for clip in snapshot.run.missing:
        yield f"| {plain(clip.id)} | {clip.stage} | {plain(clip.error)} |"


def _remote(snapshot: Snapshot) -> Iterator[str]:
    """After a cancel or a crash of the render: what the service still works on."""
    if snapshot.run.state == "running" or not snapshot.remote:
        return
    yield "## Still running at the service"
    yield ""
    yield "| clip | request | since | USD |"
    yield "|---|---|---|---|"
    for clip in snapshot.remote:
        request = f"`{clip.request_id}`" if clip.request_id else "perhaps sent: no answer yet"
        since = f"{clip.submitted_at:%Y-%m-%d %H:%M:%S} UTC" if clip.submitted_at else ""
        price = dollars(clip.expected_usd)
        yield f"| {plain(clip.id)} | {request} | {since} | about {price} |"


def _earlier(snapshot: Snapshot) -> Iterator[str]:
    if snapshot.ui_url:
        base = f"{snapshot.ui_url.rstrip('/')}/artifacts/key"
        yield link("earlier renders of this film", f"{base}/{key_of(snapshot.run.title)}")
