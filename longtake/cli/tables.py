"""Takes and costs as a person reads them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime

from rich.table import Table
from rich.text import Text

from longtake.cli.console import plain_table, results, show_table, to_person
from longtake.cli.slates import fix, total
from longtake.figures import dollars
from longtake.ledger import CostRow, PastRequest, Slate, TakeState
from longtake.store import ObjectKind
from longtake.store.objects import key_of

SHORT = 10
"""Digits of a fingerprint or a request id in a list."""

_STYLES = {
    TakeState.STORED: "green",
    TakeState.SUBMITTED: "cyan",
    TakeState.COMPLETED: "cyan",
    TakeState.AMBIGUOUS: "yellow",
    TakeState.FAILED: "bold red",
    TakeState.REFUSED: "bold red",
    TakeState.LOST: "bold magenta",
    TakeState.UNUSABLE: "bold magenta",
}


def print_table(slates: Sequence[Slate], *, more: bool) -> None:
    """A line a take; ``more``: there are others that the limit cut off."""
    if not slates:
        to_person().print("no such takes")
        return
    headings = ("clip", "take", "no.", "state", "model", "seed", "USD", "when (UTC)", "request")
    table = plain_table(*headings, "storyboard", numbers=("no.", "seed", "USD"))
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
            slate.storyboard,
        )
    show_table(results(), table)
    if more:
        to_person().print(f"only the last {len(slates)}: there are more, see --limit")


def print_one(slate: Slate, requests: Sequence[PastRequest], store: str) -> None:
    """Everything of a take; ``store`` is the path or URL of the store that its clip lies in."""
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
        grid.add_row(name, str(value))
    console.print(grid)
    if slate.error:
        console.print(Text.assemble(("error: ", "bold red"), slate.error))
    if (advice := fix(slate)) is not None:
        console.print(Text(f"fix: {advice}", style="yellow"))
    if requests:
        console.print(_past_table(requests))


def print_costs(by: str, rows: Sequence[CostRow]) -> None:
    """A line for each sum, and one for all."""
    sums = ("takes", "paid USD", "reserved USD", "of these lost USD", "USD a kept second")
    table = plain_table(by, *sums, "first pass", numbers=(*sums, "first pass"))
    for row in [*rows, total(rows)] if by != "all" or not rows else rows:
        second, share = row.usd_per_kept_second, row.first_pass_yield
        table.add_row(
            row.key,
            str(row.take_count),
            *(f"{usd:.2f}" for usd in (row.usd, row.reserved_usd, row.lost_usd)),
            "" if second is None else f"{second:.3f}",
            "" if share is None else f"{share:.0%}",
        )
    show_table(results(), table)


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
        ("file", slate.clip_sha256 and f"{store}/{key_of(slate.clip_sha256, ObjectKind.CLIP)}"),
        ("picture", slate.width and _picture(slate)),
        ("metrics", slate.metrics and json.dumps(dict(slate.metrics), ensure_ascii=False)),
    ]
    return ((name, value) for name, value in facts if value)


def _past_table(requests: Sequence[PastRequest]) -> Table:
    headings = ("earlier request", "ended", "USD", "day", "run", "error")
    table = plain_table(*headings, numbers=("USD",))
    for past in requests:
        usd = f"{past.usd:.2f}" if past.usd is not None else f"~{past.estimated_usd:.2f}"
        name = past.request_id or "(id never known)"
        table.add_row(name, past.ended, usd, past.day, past.run, past.error)
    return table


def _usd(slate: Slate) -> str:
    if slate.usd is not None:
        return f"{slate.usd:.2f}"
    unbilled = slate.state in (TakeState.FAILED, TakeState.REFUSED)
    return "-" if unbilled else f"~{slate.estimated_usd:.2f}"


def _cost(slate: Slate) -> str:
    if slate.usd is not None:
        return dollars(slate.usd)
    if slate.state in (TakeState.FAILED, TakeState.REFUSED):
        return "not billed"
    return f"about {dollars(slate.estimated_usd)} (cost not reported yet)"


def _when(moment: datetime | None) -> str | None:
    return None if moment is None else f"{moment:%Y-%m-%d %H:%M:%S} UTC"


def _picture(slate: Slate) -> str:
    size = f"{slate.width}x{slate.height}, {slate.frame_count} frames"
    return f"{size}, {slate.size_bytes} bytes"
