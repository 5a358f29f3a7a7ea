"""Takes and costs: how they are found, what to do about them, and how a script reads them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import UTC, date, datetime, time
from typing import Any

from longtake.errors import IllegalTransition, LeaseLost, SettingsError
from longtake.ledger import (
    CONTENT_BLOCKED,
    GIVEN_UP,
    CostRow,
    Ledger,
    PastRequest,
    Slate,
    TakeState,
)
from longtake.ledger.yields import Yield

# -- finding ------------------------------------------------------------------------------------


async def find(
    ledger: Ledger, storyboard: str | None, state: str | None, day: date | None, limit: int
) -> list[Slate]:
    """The takes that fit, last changed first; ``day`` is the UTC day that their money counts on.

    Raises SettingsError for a title that no storyboard in the ledger has.
    """
    if storyboard is not None:
        await _must_know(ledger, storyboard)
    found = await ledger.slates(
        storyboard=storyboard,
        state=None if state is None else TakeState(state),
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
    some = ", ".join(
        f"{slate.fingerprint[: len(name) + 4]} ({slate.clip_id})" for slate in found[:5]
    )
    raise SettingsError(f"{len(found)} takes begin with {name!r}: {some}; give more of it")


def day_of(text: str | None) -> date | None:
    """The day as it is typed; raises SettingsError where there is no such day."""
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError:
        raise SettingsError(f"--day {text}: no such day; write it as 2026-05-04") from None


async def give_up(ledger: Ledger, name: str) -> Slate:
    """The take of that name, given up; raises SettingsError where there is nothing to give up."""
    try:
        return await ledger.give_up((await one(ledger, name)).fingerprint)
    except (IllegalTransition, LeaseLost) as error:
        raise SettingsError(str(error)) from None


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


def fix(slate: Slate) -> str | None:
    """What a person does about a take in this state; None where there is nothing to do."""
    if slate.state is TakeState.LOST and slate.error_kind == GIVEN_UP:
        return "given up, counted as paid: --retake-lost looks for it again, then pays once more"
    if slate.may_have_been_sent:
        return "it may have been sent: run the same render again, it looks in the request history"
    if slate.state is TakeState.FAILED and slate.error_kind == CONTENT_BLOCKED:
        return "blocked because of its content, not billed: change the prompt"
    return {
        TakeState.INTENDED: "not sent yet, nothing is paid: run the render again",
        TakeState.SUBMITTED: "paid or soon paid: run the same render again, it waits for the clip",
        TakeState.COMPLETED: "made and paid: run the same render again, it fetches the file",
        TakeState.FAILED: (
            "not billed: a render tries other seeds (the setting `retakes` says how often); "
            "if they fail too, change the prompt"
        ),
        TakeState.REFUSED: "not billed: fix what the error names, then run the render again",
        TakeState.AMBIGUOUS: (
            "ambiguous: run the same render again, it looks in the request history; "
            "until it is found or certainly absent, it counts as paid and is not sent again; "
            "where nothing can tell any more, `longtake ledger give-up TAKE` ends the waiting"
        ),
        TakeState.LOST: (
            "lost: run again with --retake-lost, which asks for it again, then pays once more"
        ),
        TakeState.UNUSABLE: (
            "its file is of no use: run again with --retake-lost, which pays for it once more"
        ),
    }.get(slate.state)


# -- as JSON ------------------------------------------------------------------------------------


def as_json(record: Slate | PastRequest) -> dict[str, Any]:
    """Every field under its own name; times in ISO 8601, UTC."""
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in asdict(record).items()
    }


NOTHING_SPENT = {
    "take_count": 0,
    "usd": 0.0,
    "reserved_usd": 0.0,
    "lost_usd": 0.0,
    "clip_count": 0,
    "first_pass_count": 0,
    "kept_seconds": 0.0,
    "usd_per_kept_second": None,
    "first_pass_yield": None,
}
"""The sums of a ledger with nothing in it."""


def with_yields(rows: Sequence[CostRow], yields: Mapping[str, Yield]) -> list[CostRow]:
    """The rows, with what was kept for the money."""
    return [replace(row, **yields[row.key]._asdict()) if row.key in yields else row for row in rows]


def costs_as_json(by: str, rows: Sequence[CostRow]) -> dict[str, Any]:
    """The rows and their total."""
    sums = _sums(total(rows))
    del sums["key"]
    return {"by": by, "rows": [_sums(row) for row in rows], "total": sums}


def _sums(row: CostRow) -> dict[str, Any]:
    shares = {name: getattr(row, name) for name in ("usd_per_kept_second", "first_pass_yield")}
    rounded = {name: share and round(share, 6) for name, share in shares.items()}
    return asdict(row) | rounded


def total(rows: Sequence[CostRow]) -> CostRow:
    """The sum of all rows."""
    counts = ("take_count", "clip_count", "first_pass_count")
    sums = ("usd", "reserved_usd", "lost_usd", "kept_seconds")
    return CostRow(
        key="total",
        **{name: sum(getattr(row, name) for row in rows) for name in counts},
        **{name: round(sum(getattr(row, name) for row in rows), 6) for name in sums},
    )
