"""A record lives one hour; what the request history says leads to the clip for days after it."""

from __future__ import annotations

from longtake.errors import GenerationFailed, JobOverdue, RequestUnknown
from longtake.ledger import Slate
from longtake.rendering.reconciling import find_attempt
from longtake.rendering.render import Render
from longtake.rendering.takes import Take, lost
from longtake.rendering.uploads import forget_uploads
from longtake.segmind import HistoryRow

ENDED = frozenset({"COMPLETED", "SUCCESS", "FAILED"})
"""What the history calls a job that has ended."""


async def recover(render: Render, take: Take, slate: Slate) -> Slate:
    """The completed slate, by the history's row of its request; a running job is waited for.

    Raises GenerationFailed where the row says so, JobOverdue past the patience of the profile, and
    ClipLost where there is no row, or none that leads to a file: that is written down first.
    """
    request_id = slate.request_id or await _request_id(render, take, slate)
    row = await _row(render, take, request_id)
    until = render.report.first_look(request_id) + render.settings.waiting.job_seconds
    while row.status not in ENDED and not row.output_url and render.clock.monotonic() < until:
        await render.clock.sleep(take.clip.expected_seconds / 4)
        row = await _row(render, take, request_id)
    if row.output_url:
        return await render.ledger.completed(
            take.fingerprint, render.owner, row.output_url, row.usd
        )
    if row.status == "FAILED":
        await render.ledger.failed(take.fingerprint, render.owner, row.error)
        await forget_uploads(render, take)
        raise GenerationFailed(f"request {request_id} FAILED: {row.error}", request_id=request_id)
    if row.status in ENDED:
        raise await _lost(render, take, f"the history of {request_id} leads to no file")
    raise JobOverdue(
        f"request {request_id} has expired, and its history says {row.status}: run again later",
        operation="history",
        request_id=request_id,
    )


async def _request_id(render: Render, take: Take, slate: Slate) -> str:
    """The id of a job whose answer named none, as v1's may."""
    found = await find_attempt(render, take, slate.sent_at or slate.intended_at)
    if found is None:
        raise await _lost(render, take, "the request history does not list it")
    await render.ledger.submitted(take.fingerprint, render.owner, found.request_id)
    return found.request_id


async def _row(render: Render, take: Take, request_id: str) -> HistoryRow:
    try:
        return await render.client.history_row(request_id)
    except RequestUnknown:
        why = f"the service no longer knows request {request_id}"
        raise await _lost(render, take, why) from None


async def _lost(render: Render, take: Take, why: str) -> Exception:
    return lost(await render.ledger.lost(take.fingerprint, render.owner, why))
