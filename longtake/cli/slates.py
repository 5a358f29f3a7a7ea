"""Takes and costs as a person, or a script, reads them."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime, time
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from longtake.cli.console import dollars, to_person
from longtake.errors import SettingsError
from longtake.ledger import CONTENT_BLOCKED, CostRow, Ledger, PastRequest, Slate, State

SHORT = 10
"""Digits of a fingerprint or a request id in a list."""

_STYLES = {
    State.STORED: "green",
    State.SUBMITTED: "cyan",
    State.COMPLETED: "cyan",
    State.AMBIGUOUS: "yellow",
    State.FAILED: "bold red",
    State.REFUSED: "bold red",
    State.LOST: "bold magenta",
}


# -- finding ------------------------------------------------------------------------------------


async def find(
    ledger: Ledger,
    storyboard: str | None,
    state: str | None,
    day: date | None,
    limit: int,
) -> list[Slate]:
    """The takes that fit, last changed first; ``day`` is the UTC day that their money counts on.

    Raises SettingsError for a title that no storyboard in the ledger has.
    """
    if storyboard is not None:
        await _must_know(ledger, storyboard)
    found = await ledger.slates(
        storyboard=storyboard,
        state=None if state is None else State(state),
        # Nothing changes before the day that it counts on, so older slates need not be read.
        since=None if day is None else datetime.combine(day, time(), UTC),
        limit=limit if day is None else None,
    )
    return [slate for slate in found if day is None or slate.day == day.isoformat()][:limit]


async def one(ledger: Ledger, name: str) -> Slate:
    """The take whose fingerprint or request id, now or earlier, begins with ``name``.

    Raises SettingsError where there is none, or more than one.
    """
    every = await ledger.slates() if name else []
    found = [slate for slate in every if _is_called(slate, name)]
    if not found:
        # Earlier requests are read take by take, so only where nothing else has that name.
        found = [slate for slate in every if await _was_called(ledger, slate, name)]
    if len(found) == 1:
        return found[0]
    if not found:
        raise SettingsError(
            f"no take and no request in the ledger begins with {name!r}; "
            "`longtake ledger list` shows what there is"
        )
    some = ", ".join(f"{slate.fingerprint[: len(name) + 4]} ({slate.clip_id})" for slate in found[:5])
    raise SettingsError(f"{len(found)} takes begin with {name!r}: {some}; give more of it")


async def _must_know(ledger: Ledger, storyboard: str) -> None:
    titles = {slate.storyboard for slate in await ledger.slates(storyboard=storyboard, limit=1)}
    if not titles:
        known = sorted({slate.storyboard for slate in await ledger.slates()})
        raise SettingsError(
            f"no storyboard {storyboard!r} in the ledger; it knows: {', '.join(known) or 'none'}"
        )


def _is_called(slate: Slate, name: str) -> bool:
    ids = (slate.fingerprint, slate.request_id or "")
    return any(each.startswith(name) for each in ids)


async def _was_called(ledger: Ledger, slate: Slate, name: str) -> bool:
    past = await ledger.requests(slate.fingerprint)
    return any((request.request_id or "").startswith(name) for request in past)


# -- what to do ---------------------------------------------------------------------------------


def mend(slate: Slate) -> str | None:
    """What a person does about a take in this state; None where there is nothing to do."""
    if slate.may_have_been_sent:
        return "it may have been sent: run the same render again, it looks in the request history"
    if slate.state is State.FAILED and slate.error_kind == CONTENT_BLOCKED:
        return "blocked because of its content, not billed: change the prompt"
    return {
        State.INTENDED: "not sent yet, nothing is paid: run the render again",
        State.SUBMITTED: "paid or about to be: run the same render again, it waits for the clip",
        State.COMPLETED: "made and paid: run the same render again, it fetches the file",
        State.FAILED: (
            "not billed: a render tries other seeds (the setting `retakes` says how often); "
            "if they fail too, change the prompt"
        ),
        State.REFUSED: "not billed: mend what the error names, then run the render again",
        State.AMBIGUOUS: (
            "ambiguous: run the same render again, it looks in the request history; "
            "until it is found or certainly absent, it counts as paid and is not sent again"
        ),
        State.LOST: "lost: run again with --retake-lost, which pays for it once more",
    }.get(slate.state)


# -- as JSON ------------------------------------------------------------------------------------


def as_json(record: Slate | PastRequest) -> dict[str, Any]:
    """Every field under its own name; times in ISO 8601, UTC."""
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in asdict(record).items()
    }


def costs_as_json(by: str, rows: Sequence[CostRow]) -> dict[str, Any]:
    """The rows and their total."""
    total = asdict(_total(rows))
    del total["key"]
    return {"by": by, "rows": [asdict(row) for row in rows], "total": total}


# -- as tables ----------------------------------------------------------------------------------


def results() -> Console:
    """A console on standard output; in a pipe or a file no line is folded."""
    return Console(highlight=False, width=None if sys.stdout.isatty() else 1000)


def print_table(slates: Sequence[Slate], *, more: bool) -> None:
    """A line a take; ``more``: there are others that the limit cut off."""
    if not slates:
        to_person().print("no such takes")
        return
    headings = ("clip", "take", "no.", "state", "model", "seed", "USD", "when (UTC)", "request")
    table = _table(*headings, "storyboard", numbers=("no.", "seed", "USD"))
    for slate in slates:
        table.add_row(
            slate.clip_id,
            slate.fingerprint[:SHORT],
            str(slate.take_number),
            Text(slate.state, style=_STYLES.get(slate.state, "")),
            "t2v" if "t2v" in slate.model else "i2v",
            str(slate.seed),
            _usd(slate),
            f"{slate.updated_at:%Y-%m-%d %H:%M}",
            (slate.request_id or "")[:SHORT],
            Text(slate.storyboard),
        )
    results().print(table)
    if more:
        to_person().print(f"only the last {len(slates)}: there are more, see --limit")


def print_one(slate: Slate, requests: Sequence[PastRequest], store: str) -> None:
    """Everything of a take; ``store`` is where its clip lies, as a person calls it."""
    console = results()
    console.print(
        Text.assemble(
            (slate.clip_id, "bold"),
            f", take {slate.take_number}: ",
            (slate.state, _STYLES.get(slate.state, "")),
        )
    )
    grid = Table.grid(padding=(0, 2))
    for name, value in _facts(slate, store):
        grid.add_row(name, Text(str(value)))
    console.print(grid)
    if slate.error:
        console.print(Text.assemble(("error: ", "bold red"), slate.error))
    if (advice := mend(slate)) is not None:
        console.print(Text(f"mend: {advice}", style="yellow"))
    if requests:
        console.print(_past_table(requests))


def print_costs(by: str, rows: Sequence[CostRow]) -> None:
    """A line for each sum, and one for all."""
    table = _table(by, "takes", "paid USD", "reserved USD", "of these lost USD")
    for column in table.columns[1:]:
        column.justify = "right"
    for row in [*rows, _total(rows)] if by != "all" or not rows else rows:
        sums = (row.usd, row.reserved_usd, row.lost_usd)
        table.add_row(Text(row.key), str(row.take_count), *(f"{usd:.2f}" for usd in sums))
    results().print(table)


def _facts(slate: Slate, store: str) -> Iterable[tuple[str, object]]:
    """Name and value of what is known."""
    times = ("intended_at", "sent_at", "submitted_at", "completed_at", "stored_at")
    facts: list[tuple[str, object]] = [
        ("storyboard", slate.storyboard),
        ("fingerprint", slate.fingerprint),
        ("model", slate.model),
        ("parameters", json.dumps(dict(slate.parameters), ensure_ascii=False)),
        ("start image", slate.start_sha256),
        ("end image", slate.end_sha256),
        ("image recipe", slate.recipe),
        ("run", slate.run),
        ("request", slate.request_id),
        ("cost", _cost(slate)),
        ("counts on", f"{slate.day} (UTC)"),
        ("held by", slate.owner and f"{slate.owner} until {_when(slate.lease_expires_at)}"),
        *((name.removesuffix("_at"), _when(getattr(slate, name))) for name in times),
        ("output", slate.output_url),
        ("clip", slate.clip_sha256 and f"{slate.clip_sha256} in {store}"),
        ("file", slate.width and _file(slate)),
        ("metrics", slate.metrics and json.dumps(dict(slate.metrics), ensure_ascii=False)),
    ]
    return ((name, value) for name, value in facts if value)


def _past_table(requests: Sequence[PastRequest]) -> Table:
    table = _table("earlier request", "ended", "USD", "day", "run", "error", numbers=("USD",))
    for past in requests:
        usd = f"{past.usd:.2f}" if past.usd is not None else f"~{past.estimated_usd:.2f}"
        name = past.request_id or "(id never known)"
        table.add_row(name, past.ended, usd, past.day, Text(past.run), Text(past.error or ""))
    return table


def _table(*headings: str, numbers: Sequence[str] = ()) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in headings:
        table.add_column(heading, justify="right" if heading in numbers else "left")
    return table


def _total(rows: Sequence[CostRow]) -> CostRow:
    return CostRow(
        "total",
        sum(row.take_count for row in rows),
        *(
            round(sum(getattr(row, name) for row in rows), 6)
            for name in ("usd", "reserved_usd", "lost_usd")
        ),
    )


def _usd(slate: Slate) -> str:
    if slate.usd is not None:
        return f"{slate.usd:.2f}"
    unbilled = slate.state in (State.FAILED, State.REFUSED)
    return "-" if unbilled else f"~{slate.estimated_usd:.2f}"


def _cost(slate: Slate) -> str:
    if slate.usd is not None:
        return dollars(slate.usd)
    if slate.state in (State.FAILED, State.REFUSED):
        return "not billed"
    return f"about {dollars(slate.estimated_usd)} (not told yet)"


def _when(moment: datetime | None) -> str | None:
    return moment and f"{moment:%Y-%m-%d %H:%M:%S} UTC"


def _file(slate: Slate) -> str:
    size = f"{slate.width}x{slate.height}, {slate.frame_count} frames"
    return f"{size}, {slate.size_bytes} bytes"
