"""``longtake doctor --contract``: what is assumed of the service, and what was seen of it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from rich.text import Text

from longtake.cli.console import results, to_person
from longtake.cli.tables import SHORT
from longtake.figures import counted

if TYPE_CHECKING:
    from datetime import datetime

    from longtake.settings import Settings
    from longtake.story.contract_table import Row

_SIGNS = {"holds": ("✓", "green"), "changed": ("!", "bold yellow"), "never seen": ("·", "dim")}
_NAME = 14


async def examine(settings: Settings) -> list[Row]:
    """Every assumption against the clips in the ledger; where there is none, nothing was seen."""
    from longtake.ledger.existing import existing_ledger
    from longtake.rendering.contract_watch import paid_clips
    from longtake.story.contract_table import table
    from longtake.story.family import families

    async with existing_ledger(settings.keeping.ledger) as (name, ledger):
        if ledger is None:
            to_person().print(f"no ledger at {name} yet: nothing has been rendered")
            return table([], families())
        clips = await paid_clips(ledger, settings.rates, settings.picture.untagged_matrix)
        return table(clips, families())


def show(rows: Sequence[Row], *, as_json: bool) -> None:
    """Print them, to a person or a script."""
    if as_json:
        print(json.dumps([row._asdict() for row in rows], indent=2, default=str))
        return
    model = ""
    for row in rows:
        if row.model != model:
            model = row.model
            results().print(Text(model, style="bold"))
        for line in _lines(row):
            results().print(line)


def _lines(row: Row) -> Iterator[Text]:
    sign, style = _SIGNS[row.state]
    assumed = row.assumed if row.clip_count else f"{row.assumed}: never seen"
    yield Text.assemble((f"{sign} ", style), (f"{row.name:<{_NAME}}", "bold"), assumed)
    if not row.clip_count:
        return
    clips = counted(row.clip_count, "clip")
    seen = f"{clips}, {row.range}" if row.range else clips
    latest = f"the latest {row.seen} ({_where(row.when, row.request_id)})"
    yield Text(f"{'':<{_NAME + 2}}{seen}; {latest}")
    if row.departed_count:
        where = _where(row.departed_when, row.departed_request_id)
        verb = "departs" if row.departed_count == 1 else "depart"
        says = f"{row.departed_count} of {row.clip_count} {verb}, the last one {where}"
        yield Text(f"{'':<{_NAME + 2}}{says}", style="yellow")


def _where(when: datetime | None, request_id: str | None) -> str:
    return f"{when:%Y-%m-%d %H:%M}, request {(request_id or '')[:SHORT]}"
