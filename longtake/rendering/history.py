"""What became of every render in a folder: a line each in ``history.jsonl``.

``run.json`` tells of the latest only, and the ledger of renders that asked for clips: a night that
found nothing to do is on record here alone.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from longtake.record import RunRecord

HISTORY = "history.jsonl"
TOLD_BYTES = 2**16
"""The end of the file is read: some two hundred renders."""


class PastRender(BaseModel):
    """One render that has ended; ``usd`` is what its own clips cost."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    run_id: str
    run_name: str
    title: str
    state: str
    started_at: datetime
    ended_at: datetime
    clips: int
    made: int
    reused: int
    missing: int
    usd: float
    emulated: bool = False


def remember_render(folder: Path, run: RunRecord) -> None:
    """Add a render that has ended; a folder that takes nothing more has failed already."""
    if run.ended_at is None:
        return
    totals = run.totals
    past = PastRender(
        run_id=run.run_id,
        run_name=run.run_name,
        title=run.title,
        state=run.state,
        started_at=run.started_at,
        ended_at=run.ended_at,
        clips=totals.clips,
        made=totals.made,
        reused=totals.reused,
        missing=totals.missing,
        usd=totals.usd,
        emulated=run.emulated,
    )
    with suppress(OSError), (folder / HISTORY).open("ab") as file:
        file.write(past.model_dump_json().encode() + b"\n")  # one write: renders share folders


def past_renders(folder: Path) -> tuple[PastRender, ...]:
    """The folder's latest renders, the oldest first; lines that cannot be read are left out."""
    try:
        with (folder / HISTORY).open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - TOLD_BYTES))
            lines = file.read(TOLD_BYTES).split(b"\n")
    except OSError:
        return ()
    found = []
    for line in lines:
        with suppress(ValidationError):
            found.append(PastRender.model_validate_json(line))
    return tuple(found)
